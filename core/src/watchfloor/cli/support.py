"""``watchfloor support``: the support bundle of a running hub, as a file."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from watchfloor.contracts import AskAPerson

from .client import Client
from .output import Json, failing_well, out, plain, show
from .places import DataDir


def support(
    data_dir: DataDir,
    to: Annotated[
        Path | None, typer.Option("--out", help="Where to write it.", dir_okay=False)
    ] = None,
    as_json: Json = False,
) -> None:
    """Write a support bundle: versions, states, codes and counts of a running hub."""
    with failing_well(as_json):
        stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
        path = to or Path(f"watchfloor-support-{stamp}.zip")
        _write(path, Client.of(data_dir).download("/support-bundle"))
        show({"written": str(path)}, as_json, lambda said: out.print(plain(said["written"])))


def _write(path: Path, content: bytes) -> None:
    try:
        with path.open("xb") as file:
            file.write(content)
    except OSError as error:
        raise AskAPerson(
            f"The bundle cannot be written: {error.strerror}.",
            code="not_written",
            remedy="Name another file with --out.",
        ) from None
