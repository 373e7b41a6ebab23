"""Options that commands share: where a hub keeps its state, and for which request something is
asked."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer


def default_data_dir() -> Path:
    """``$WATCHFLOOR_DATA_DIR``, else ``watchfloor`` in the XDG state directory."""
    chosen = os.environ.get("WATCHFLOOR_DATA_DIR")
    if chosen:
        return Path(chosen)
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "watchfloor"


OfRequest = Annotated[str | None, typer.Option("--request", help="For which request: R-26-000123.")]
"""For what takes a purpose."""

DataDir = Annotated[
    Path,
    typer.Option(
        "--data-dir",
        help="The hub's data directory.",
        default_factory=default_data_dir,
        show_default="$WATCHFLOOR_DATA_DIR or the XDG state directory",
    ),
]
