"""Presets by jurisdiction: what a law or order says, as data, off until somebody answers for it."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec
from msgspec import Struct

from watchfloor.contracts import AskAPerson

from .kinds import named
from .limits import Cap, Floor

CAUTION = "Agency counsel must confirm it before use."
"""Stands beside every preset, wherever one is shown: laws change, and this is no legal advice."""


class Preset(Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """One row: a cap or a floor for a kind of data, where it is written, and how sure that is.
    ``title`` is whose it is, and about what.

    ``mark``: ``D`` the primary text was read, ``R`` reported by a secondary source, ``U`` the
    primary source is named and was not read again.
    """

    id: str
    title: str
    kind: str
    citation: str
    mark: Literal["D", "R", "U"]
    cap: str | None = None
    floor: str | None = None
    notes: str = ""
    caution: str = CAUTION

    def limit(self) -> Cap | Floor:
        """The one of the two that it is."""
        if self.cap is not None:
            return Cap.of(self.cap, self.id)
        assert self.floor is not None, "a preset is a cap or a floor"
        return Floor.of(self.floor, self.id)

    def about(self, kind: str) -> bool:
        """Whether it is about data of a kind."""
        return kind in named(self.kind)


@cache
def presets() -> dict[str, Preset]:
    """All that there are, by id."""
    table = tomllib.loads(files(__package__).joinpath("presets.toml").read_text("utf-8"))
    return {name: msgspec.convert({"id": name, **row}, Preset) for name, row in table.items()}


def preset(id: str) -> Preset:
    """One of them. Raises ``AskAPerson`` (code ``unknown_preset``)."""
    try:
        return presets()[id]
    except KeyError:
        raise AskAPerson(
            f"There is no retention preset {id!r}.",
            code="unknown_preset",
            remedy="“watchfloor retention presets” lists them.",
        ) from None
