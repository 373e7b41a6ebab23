"""For whom something is asked: the agencies that this one has an understanding with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

Level = Literal["unknown", "local", "state", "tribal", "federal", "private"]
State = Annotated[str, Meta(pattern=r"^([A-Z]{2})?$")]


class ListedAgency(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An agency as ``settings.toml`` lists it: table ``agencies.<id>``."""

    name: str = ""
    """What it is called in full."""
    level: Level = "unknown"
    """Whose it is."""
    state: State = ""
    """Two letters (USPS)."""
    immigration: bool = False
    """Whether it enforces immigration law."""
    declaration: str = ""
    """The id of its written declaration on file."""
    agreement: str = ""
    """The id of the written exchange agreement (CJISSECPOL 5.1.1)."""
    sources: tuple[str, ...] = ()
    """The sources here whose data are this agency's, by id; all others are the hub's own."""


class Agency(ListedAgency, frozen=True, kw_only=True):
    """An agency for which something is asked."""

    id: str = ""
    """As it is listed; of an unknown one, what somebody wrote."""
    ours: bool = False
    """This hub's own."""
    same_state: bool = False
    """Whether it is of this hub's state; while that is not set, none is."""

    @property
    def known(self) -> bool:
        """Whether it is the own one or listed."""
        return self.ours or self.level != "unknown"

    def as_context(self) -> dict[str, Any]:
        """As rules see it."""
        return {
            "agency": self.id, "ours": self.ours, "known": self.known, "level": self.level,
            "state": self.state, "same_state": self.same_state, "immigration": self.immigration,
            "declaration": bool(self.declaration), "agreement": bool(self.agreement),
        }  # fmt: skip


def plain(name: str) -> str:
    """A name for comparison."""
    return " ".join(name.casefold().split())


class AgencyList:
    """The own agency and those listed, found by id or name; what is not listed is unknown."""

    def __init__(self, own: Agency, listed: Mapping[str, Agency]) -> None:
        self.own = own
        self._by_name = {plain(own.id): own}
        for each in listed.values():
            self._by_name[plain(each.id)] = each
            if each.name:
                self._by_name[plain(each.name)] = each

    def find(self, name: str) -> Agency:
        """By id or name, as somebody wrote it."""
        return self._by_name.get(plain(name)) or Agency(id=name)
