"""Which files of a folder have changed since the last look."""

from __future__ import annotations

from pathlib import Path

_PASSED_OVER = {"__pycache__", ".git", ".venv", ".mypy_cache", ".pytest_cache", ".ruff_cache"}


class Changes:
    """Compares times of writing: a few dozen files, looked at each half second, cost nothing."""

    def __init__(self, *folders: Path) -> None:
        self._folders = folders
        self._known = self._look()

    def take(self) -> list[Path]:
        """What was written, added or removed since the last time, in order."""
        before, self._known = self._known, self._look()
        changed = before.items() ^ self._known.items()
        return sorted({path for path, _ in changed})

    def _look(self) -> dict[Path, int]:
        return {
            path: path.stat().st_mtime_ns
            for folder in self._folders
            for path in folder.rglob("*")
            if path.is_file() and not _PASSED_OVER.intersection(path.parts)
        }
