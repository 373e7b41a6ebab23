"""The ``watchfloor-sdk`` command, for whoever writes a connector. Needs the extra ``[testing]``."""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Entry point of the command. Without the extra it says what to install."""
    try:
        from .app import app
    except ModuleNotFoundError as missing:
        if (missing.name or "").startswith("watchfloor"):
            raise
        sys.exit(
            f"The command needs {missing.name}, which comes with the test kit.\n"
            "Install it: pip install 'watchfloor-sdk[testing]'"
        )
    app()
