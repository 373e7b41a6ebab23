"""The permissible purposes: tables of the law, and what of them this agency may claim."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec
from msgspec import Struct

from watchfloor_sdk import NotAsked

from .settings import Settings

System = Literal["dppa", "glba", "fcra"]
NONE = "none"
"""No data of that law is asked for."""


class Table(Struct, frozen=True):
    """The purposes of one law, by number."""

    law: str
    codes: Mapping[str, str]


@cache
def tables() -> Mapping[System, Table]:
    """DPPA, GLBA and FCRA."""
    raw = files(__package__).joinpath("purposes.json").read_bytes()
    return msgspec.json.decode(raw, type=dict[System, Table])


class Permitted(Struct, frozen=True):
    """The purposes of one question. There is no FCRA one: what comes is no consumer report, and
    must not be used as one (15 U.S.C. 1681b)."""

    dppa: str
    glba: str

    def words(self, settings: Settings) -> dict[str, str]:
        """In the vendor's words: a token is bound to exactly these."""
        asked = {"dppa": self.dppa, "glba": self.glba}
        return {name: settings.words.get(f"{name}:{code}", code) for name, code in asked.items()}

    def covers(self, restrictions: Collection[str]) -> bool:
        """Whether a record under these restrictions may be had for this purpose."""
        claimed = {name for name in ("dppa", "glba") if getattr(self, name) != NONE}
        return claimed.issuperset(restrictions)


def permitted(dppa: str, glba: str, settings: Settings) -> Permitted:
    """Raises ``NotAsked`` (``purpose_not_taken``) for a code that the law does not have or that
    this agency may not claim."""
    asked: tuple[tuple[System, str, tuple[str, ...]], ...] = (
        ("dppa", dppa, settings.allowed_dppa),
        ("glba", glba, settings.allowed_glba),
    )
    for system, code, allowed in asked:
        if code != NONE and code not in tables()[system].codes:
            raise _not_taken(f"{tables()[system].law} has no purpose of that number.")
        if code not in allowed:
            raise _not_taken(f"This agency does not claim that purpose of {tables()[system].law}.")
    return Permitted(dppa, glba)


def _not_taken(detail: str) -> NotAsked:
    return NotAsked(
        detail,
        code="purpose_not_taken",
        remedy="Choose one that is true and that the source's settings allow.",
    )
