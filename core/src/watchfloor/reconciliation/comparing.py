"""Two logs of the same searches, side by side: the vendor's, and the hub's own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from watchfloor.ports.store import KeptLook, Micros

TOLERANCE: Micros = 5 * 60 * 1_000_000
"""How far apart two clocks may put the same search."""
LONGEST: Micros = 300 * 1_000_000
"""How long a question may run: so late the last of its searches may be."""
_SHOWN = 10
"""Rows of the vendor's that a finding names."""

_TOLD = ("user", "subject", "reason")
"""What every question of the hub's tells the vendor, so that its log can say it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A look-up of ours: its record and that one's place in the audit log, when, the keyed hash of
    whom or what, by whom (id, handle, agency), and the case as the vendor was told it. ``sure``: it
    was answered, so that the vendor must have it; else it may have been cut off on the way.
    ``also`` are the keyed hashes of other spellings that it may be asked by as well."""

    record: str
    index: int
    at: Micros
    key: str | None
    person: str
    handle: str
    agency: str
    case: str | None
    sure: bool = True
    also: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Finding:
    """What does not agree, in words for whoever reviews it, which name no subject. ``person`` is
    one of ours, by id; where nobody knows who it was, ``handle`` is what the vendor calls them.
    ``ground`` tells two findings of one kind apart; ``records`` are places in the audit log."""

    why: str
    words: str
    ground: str
    handle: str = ""
    person: str = ""
    agency: str = ""
    records: tuple[int, ...] = ()


def compare(
    asked: Sequence[Asked],
    looks: Sequence[KeptLook],
    since: Micros,
    until: Micros,
    late: Collection[str] = (),
) -> list[Finding]:
    """What does not agree in ``since`` ≤ t < ``until``, and in rows of before that came ``late``,
    by id. Both logs reach beyond it on either side. Rows of other organisations are theirs to
    answer for, and are left out."""
    own = [look for look in looks if look.organisation is None]
    pairs = _paired(asked, own)
    judged = [look for look in own if since <= look.at < until or look.id in late]
    found = {look.id: pairs[look.id] for look in judged if look.id in pairs}
    return [
        *_past_the_hub([look for look in judged if look.id not in pairs]),
        *_not_at_vendor(asked, {each.record for each in pairs.values()}, since, until),
        *_differing(judged, found),
        *_thinned(judged, found),
    ]


def _paired(asked: Sequence[Asked], looks: Sequence[KeptLook]) -> dict[str, Asked]:
    """By the hub's own record where the vendor kept it; else by subject (and case, where there is
    no subject) and the nearest time. One question may be several searches there."""
    by_record = {each.record: each for each in asked}
    pairs = {
        look.id: ours
        for look in looks
        if look.record is not None and (ours := by_record.get(look.record)) and _of(ours, look)
    }
    taken = {each.record for each in pairs.values()}
    for look in looks:
        if look.id in pairs or look.record is not None:
            continue
        near = [each for each in asked if each.record not in taken and _alike(each, look)]
        if near:
            nearest = min(near, key=lambda each: abs(each.at - look.at))
            pairs[look.id] = nearest
            taken.add(nearest.record)
    return pairs


def _of(asked: Asked, look: KeptLook) -> bool:
    """Whether a row that names a question's record can be of it: its number is no secret, and
    whoever searches past the hub may write it there."""
    in_time = -TOLERANCE <= look.at - asked.at <= TOLERANCE + LONGEST
    return in_time and (look.key is None or look.key in {asked.key, *asked.also})


def _alike(asked: Asked, look: KeptLook) -> bool:
    if abs(asked.at - look.at) > TOLERANCE:
        return False
    if look.key is not None:
        return look.key == asked.key
    return look.case_number is None or look.case_number == asked.case


def _past_the_hub(looks: Sequence[KeptLook]) -> Iterator[Finding]:
    """Somebody searched there and not through the hub: no purpose, no policy, no record."""
    by_user: dict[str, list[KeptLook]] = defaultdict(list)
    for look in looks:
        by_user[look.user or ""].append(look)
    for user, theirs in by_user.items():
        who = "somebody whom it does not name" if not user else "one user"
        yield Finding(
            "past_the_hub",
            f"The vendor's log has {_count(theirs)} by {who} that this hub did not ask"
            f" ({_named(theirs)}).",
            f"{user}\0{theirs[0].id}",
            handle=user,
        )


def _not_at_vendor(
    asked: Sequence[Asked], found: Collection[str], since: Micros, until: Micros
) -> Iterator[Finding]:
    """The hub asked, and the vendor's log does not have it: its log is not whole."""
    lost = [
        each
        for each in asked
        if each.sure and since <= each.at < until and each.record not in found
    ]
    if lost:
        yield Finding(
            "not_at_vendor",
            f"{len(lost)} look-ups of this hub are not in the vendor's own log.",
            lost[0].record,
            records=tuple(each.index for each in lost),
        )


def _differing(judged: Sequence[KeptLook], found: Mapping[str, Asked]) -> Iterator[Finding]:
    """The vendor's log says another case than was told."""
    for look in judged:
        if (ours := found.get(look.id)) is None or look.case_number is None:
            continue
        if look.case_number != ours.case:
            yield Finding(
                "differs",
                f"The vendor's log has another case for a look-up of this hub than it was told"
                f" (row {_row(look)}).",
                look.id,
                handle=ours.handle,
                person=ours.person,
                agency=ours.agency,
                records=(ours.index,),
            )


def _thinned(judged: Sequence[KeptLook], found: Mapping[str, Asked]) -> Iterator[Finding]:
    """The vendor was told, and its log does without."""
    by_lack: dict[tuple[str, ...], list[KeptLook]] = defaultdict(list)
    for look in judged:
        if (ours := found.get(look.id)) is not None:
            told = (*_TOLD, "case_number") if ours.case else _TOLD
            if lack := tuple(name for name in told if name not in look.says):
                by_lack[lack].append(look)
    for lack, looks in by_lack.items():
        yield Finding(
            "thinned",
            f"The vendor's log has {_count(looks)} of this hub without: {', '.join(lack)}.",
            f"{' '.join(lack)}\0{looks[0].id}",
            records=tuple(found[look.id].index for look in looks),
        )


def _count(looks: Sequence[KeptLook]) -> str:
    return "1 search" if len(looks) == 1 else f"{len(looks)} searches"


def _named(looks: Sequence[KeptLook]) -> str:
    rest = len(looks) - _SHOWN
    rows = ", ".join(_row(look) for look in looks[:_SHOWN])
    return f"rows {rows}{f' and {rest} more' if rest > 0 else ''}"


def _row(look: KeptLook) -> str:
    return look.id.partition("/")[2]
