"""The register of agencies that ask: those that the agency's policy lists, and those that the desk
adds. One that asks once a year needs no hub of its own.

What policy decides by (whose it is, its state, its declarations) takes two people and stands in the
policy alone: an agency that the desk added is unknown to it, and gets the strict answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from watchfloor.contracts import Refused
from watchfloor.policy import ListedAgency
from watchfloor.ports.store import Agency, AgencyKind, RequestBook

Listed = Callable[[], Mapping[str, ListedAgency]]
"""By id: the agencies of the policy that runs."""

_KINDS: Mapping[str, AgencyKind] = {
    "unknown": "other", "local": "local", "state": "state", "tribal": "tribal",
    "federal": "federal", "private": "private",
}  # fmt: skip


class Agencies:
    """Who asks."""

    def __init__(self, book: RequestBook, listed: Listed) -> None:
        self._book = book
        self._listed = listed

    async def all(self) -> Sequence[Agency]:
        """By name."""
        known = {each.id: each for each in await self._book.agencies()}
        known |= {name: _of_policy(name, each) for name, each in self._listed().items()}
        return sorted(known.values(), key=lambda each: (each.name, each.id))

    async def get(self, id: str) -> Agency:
        """Raises ``Refused`` (code ``unknown_agency``)."""
        if (listed := self._listed().get(id)) is not None:
            return _of_policy(id, listed)
        agency = await self._book.agency(id)
        if agency is None:
            raise Refused(
                "No such agency is in the register.",
                code="unknown_agency",
                remedy="Add it to the register first: a name and its kind are enough.",
            )
        return agency

    async def put(self, agency: Agency) -> None:
        """Add one, or change it. Raises ``Refused`` (code ``agency_of_policy``) for one that the
        policy lists."""
        if agency.id in self._listed():
            raise Refused(
                "The agency's policy lists this one: it is changed there, by two people.",
                code="agency_of_policy",
                remedy="Propose the change in the policy's settings.toml.",
            )
        await self._book.put_agency(agency)


def _of_policy(id: str, listed: ListedAgency) -> Agency:
    state = f"US-{listed.state}" if listed.state else None
    return Agency(id, listed.name or id, _KINDS[listed.level], None, state)
