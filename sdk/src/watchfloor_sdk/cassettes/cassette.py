"""The file: a vendor's answers and webhooks as they were recorded, scrubbed. JSON, a field a line,
so that people can read it and see in a comparison what a vendor has changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from watchfloor.contracts import AskAPerson

from .documents import Body
from .kinds import Kind

ORIGIN = "{origin}"
"""Stands for the vendor's scheme and host in addresses."""


class Exchange(Struct, kw_only=True, omit_defaults=True):
    """One request and its answer. ``path`` has the query."""

    method: str
    path: str
    sent: Body | None = None
    status: int
    headers: dict[str, str] = {}
    body: Body


class Pushed(Struct, kw_only=True, omit_defaults=True):
    """One webhook as it came in."""

    headers: dict[str, str] = {}
    body: Body


class Cassette(Struct, kw_only=True, omit_defaults=True):
    """One recording.

    ``fields`` is what was said of fields when it was recorded, as for ``Scrubber``. ``config`` and
    ``credentials`` are what to set a connector up with to replay it, and ``events`` the ids of the
    events that this comes to. ``replaced`` says how many different values of each
    kind stand-ins stand for, ``left_out`` how many exchanges there was no room for.
    """

    form: int = 1
    connector: str
    recorded: str
    fields: dict[str, Kind] = {}
    config: dict[str, Any] = {}
    credentials: dict[str, dict[str, str]] = {}
    events: list[str] = []
    replaced: dict[str, int] = {}
    left_out: int = 0
    exchanges: list[Exchange] = []
    webhooks: list[Pushed] = []


def write(cassette: Cassette, path: Path) -> None:
    """Write the file."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(cassette), indent=1) + b"\n")


def read(path: Path) -> Cassette:
    """Read the file. Raises ``AskAPerson`` (code ``bad_cassette``)."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Cassette)
    except (OSError, msgspec.DecodeError) as error:
        raise AskAPerson(
            f"The cassette {path.name} cannot be read: {error}.",
            code="bad_cassette",
            remedy="Record it again.",
        ) from None
