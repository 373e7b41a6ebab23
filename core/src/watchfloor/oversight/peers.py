"""Against colleagues: what purposes somebody states, and for whom they look."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from .looks import Flags, Look, Window, by_person, flag
from .usual import bound

_ENOUGH = 20
"""Looks in a window that it takes to speak of a mix."""
_SHARE = 0.25
"""How much larger than the colleagues' median a share is at least."""


def purpose_mix(window: Window) -> Flags:
    """A purpose, or looks without a checked case or call, that take up far more of somebody's work
    than of anybody else's."""
    shares = {
        person: _shares(looks)
        for person, looks in by_person(window.looks).items()
        if len(looks) >= _ENOUGH
    }
    recent = by_person(window.judged)
    for person, mine in shares.items():
        for mark, share in mine.items():
            others = [theirs.get(mark, 0.0) for whose, theirs in shares.items() if whose != person]
            looks = [look for look in recent.get(person, ()) if mark in _marks(look)]
            if looks and share > bound(others, _SHARE):
                yield flag(
                    "purpose_mix", looks,
                    f"{share:.0%} of this person's look-ups are “{mark}”, far more than of"
                    " anybody else's.",
                    mark,
                )  # fmt: skip


def on_behalf(window: Window) -> Flags:
    """One person who looks for one other agency far more often than colleagues do."""
    looks_for: dict[tuple[str, str], list[Look]] = defaultdict(list)
    for look in window.looks:
        if look.entry.on_behalf_of is not None:
            looks_for[look.entry.on_behalf_of.agency, look.person].append(look)
    people = set(by_person(window.looks))
    for (agency, person), looks in looks_for.items():
        requests = _requests(looks)
        others = [_requests(looks_for.get((agency, each), ())) for each in people - {person}]
        often = requests >= window.settings.on_behalf and window.is_judged(looks[-1])
        if often and requests > bound(others, 1.0):
            yield flag(
                "on_behalf", looks,
                f"{len(looks)} look-ups in {requests} requests on behalf of {agency}, far more"
                " than any colleague's.",
                agency,
            )  # fmt: skip


def _requests(looks: Sequence[Look]) -> int:
    return len({look.entry.purpose.request for look in looks if look.entry.purpose})


def _marks(look: Look) -> set[str]:
    stated = look.entry.purpose.code if look.entry.purpose else "no purpose"
    return {stated} if look.tied else {stated, "without a checked number"}


def _shares(looks: list[Look]) -> Mapping[str, float]:
    counts = Counter(mark for look in looks for mark in _marks(look))
    return {mark: count / len(looks) for mark, count in counts.items()}
