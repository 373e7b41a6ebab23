"""The web console as static files. ``static_dir()`` is where they are."""

from __future__ import annotations

from pathlib import Path

__all__ = ["static_dir"]


def static_dir() -> Path:
    """The folder with ``index.html`` and everything that it loads.

    Raises ``FileNotFoundError`` when the console was never built (a bare checkout on the path).
    """
    folder = Path(__file__).with_name("static")
    if not (folder / "index.html").is_file():
        raise FileNotFoundError(f"No console in {folder}: install it with `pip install ./ui`.")
    return folder
