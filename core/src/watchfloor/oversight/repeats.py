"""The same subject again: what every reported stalking by look-up had in common."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from .looks import Flags, Look, Window, by_target, flag, kind_of


def repeated_target(window: Window) -> Flags:
    """One subject, again and again, without a case or call that any system knew."""
    untied = (look for look in window.looks if not look.tied)
    for target, looks in _judged(window, untied):
        if len(looks) >= window.settings.repeats:
            yield flag(
                "repeated_target", looks,
                f"Looked up the same {kind_of(looks)} {len(looks)} times without an open case"
                " or call.",
                target,
            )  # fmt: skip


def many_stories(window: Window) -> Flags:
    """One subject under ever new cases and reasons, or simply far too often: false reasons are
    found by the subject, which stays the same."""
    for target, looks in _judged(window, _telling(window)):
        stories = {look.story for look in looks} - {None}
        often = len(looks) >= window.settings.looks_at_one
        if often or len(stories) >= window.settings.stories:
            yield flag(
                "many_stories", looks,
                f"Looked up the same {kind_of(looks)} {len(looks)} times, for {len(stories)}"
                " different cases, calls or requests.",
                target,
            )  # fmt: skip


def _telling(window: Window) -> Iterator[Look]:
    """All but lines without a key that several people ask: “white van” is nobody's name."""
    asked: dict[str, set[str]] = defaultdict(set)
    for look in window.looks:
        asked[look.target or ""].add(look.person)
    for look in window.looks:
        subject = look.entry.subject
        if subject and (subject.kind != "search" or len(asked[subject.key]) == 1):
            yield look


def _judged(window: Window, looks: Iterable[Look]) -> Iterator[tuple[str, Sequence[Look]]]:
    """By person and subject, where the last of them is of the time that is judged. Of several
    plates that a pattern found time and again, one: the same looks are one finding."""
    seen = set[tuple[int, ...]]()
    for (_, target), each in sorted(by_target(looks).items()):
        indices = tuple(look.index for look in each)
        if window.is_judged(each[-1]) and (not each[-1].matched or indices not in seen):
            seen.add(indices)
            yield target, each
