"""The same subject again: what every reported stalking by look-up had in common."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

from .looks import Flags, Look, Window, by_target, flag, kind_of


def repeated_target(window: Window) -> Flags:
    """One subject, again and again, without a case or call that any system knew."""
    common = _common(window)

    def counts(look: Look, target: str) -> bool:
        return not look.tied and (target == look.target or target not in common)

    for target, looks in _judged(window, counts):
        if len(looks) >= window.settings.repeats:
            yield flag(
                "repeated_target", looks,
                f"Looked up the same {kind_of(looks[-1], target)} {len(looks)} times without an"
                " open case or call.",
                target,
            )  # fmt: skip


def many_stories(window: Window) -> Flags:
    """One subject under ever new cases and reasons, or simply far too often: false reasons are
    found by the subject, which stays the same."""
    common = _common(window)
    for target, looks in _judged(window, lambda _, target: target not in common):
        stories = {look.story for look in looks} - {None}
        often = len(looks) >= window.settings.looks_at_one
        if often or len(stories) >= window.settings.stories:
            yield flag(
                "many_stories", looks,
                f"Looked up the same {kind_of(looks[-1], target)} {len(looks)} times, for"
                f" {len(stories)} different cases, calls or requests.",
                target,
            )  # fmt: skip


def _common(window: Window) -> set[str]:
    """Words that several people search for: “white van” is nobody's name."""
    asked: dict[str, set[str]] = defaultdict(set)
    for look in window.looks:
        for each in filter(None, (look.entry.subject, *look.besides)):
            if each.kind == "search":
                asked[each.key].add(look.person)
    return {key for key, people in asked.items() if len(people) > 1}


def _judged(
    window: Window, counts: Callable[[Look, str], bool]
) -> Iterator[tuple[str, Sequence[Look]]]:
    """By person and subject, where the last of them is of the time that is judged. Of several
    subjects that were asked about together time and again, the first: a plate before words beside
    it. The same looks are one finding."""
    seen = set[tuple[int, ...]]()
    for (_, target), looks in by_target(window.looks).items():
        each = [look for look in looks if counts(look, target)]
        indices = tuple(look.index for look in each)
        if each and window.is_judged(each[-1]) and indices not in seen:
            seen.add(indices)
            yield target, each
