"""What somebody wrote of why, as what is asked or as the reason: nothing, the same as last time, or
what somebody else has to read.

It is opened inside the hub; of what it said, the verdict alone is kept.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from watchfloor.contracts import PURPOSES
from watchfloor.policy import topics_in

from .looks import Flags, Look, Window, by_person, flag

_EMPTY = frozenset(
    """a and as asdf business case check checking cop crime criminal do duty enforcement for general
    in info information intel inv invest investigation investigations investigative investigatory
    job law le leo lookup misc my n na none of official ok on other per plate police pursuant
    reason request research run search see stop susp suspect suspicious tbd test the to training
    use vehicle work x xx xxx yes""".split()  # noqa: SIM905 - to be read as words
)
"""Words that say nothing about why this subject and not another."""
_INVENTED = frozenset(code for code, kind in PURPOSES.items() if kind.synthetic_only)
_WORD = re.compile(r"[^\W\d_]+")
_FOR_OTHERS = re.compile(
    r"\b(?:on behalf of|obo|for|assist(?:ing)?|per|req(?:uest)?(?:ed)? (?:of|by|from))\s+"
    r"(?:the\s+)?(?:ICE|HSI|CBP|ERO|DHS|FBI|DEA|ATF|USMS|feds?|federal)\b",
    re.IGNORECASE,
)
_COLD = re.compile(r"\bice\b")
"""In small letters it is frozen water."""


def vague(window: Window) -> Flags:
    """Reasons that say nothing, where nothing else says why either."""
    for looks in by_person(window.judged).values():
        empty = [look for look in looks if _stands_alone(look) and _says_nothing(look.words)]
        if len(empty) >= window.settings.vague:
            yield flag(
                "vague_reason", empty, f"{len(empty)} look-ups for reasons that say nothing."
            )


def copied(window: Window) -> Flags:
    """The same words for many subjects in different requests, none of them tied to anything. Their
    keyed hash is enough to tell: this opens none."""
    alike: dict[tuple[str, str], list[Look]] = defaultdict(list)
    for look in filter(_stands_alone, window.looks):
        why = look.entry.purpose
        for words in (why.asked, why.reason) if why else ():
            if words is not None:
                alike[look.person, words.key].append(look)
    for (_, key), looks in alike.items():
        subjects = {look.target for look in looks} - {None}
        requests = {look.story for look in looks}
        enough = len(subjects) >= window.settings.copied and len(requests) > 1
        if enough and window.is_judged(looks[-1]):
            yield flag(
                "copied_reason", looks,
                f"The same words for {len(subjects)} different subjects in"
                f" {len(requests)} requests.",
                key,
            )  # fmt: skip


def terms(window: Window) -> Flags:
    """Words that somebody has to read: slurs, what the agency listed, and the topics of the gates.
    Never silent, tied to a case or not."""
    listed = _pattern(tuple(window.settings.terms))
    for looks in by_person(window.judged).values():
        found: dict[str, list[Look]] = defaultdict(list)
        for look in looks:
            for topic in _topics(look.words or "", listed):
                found[topic].append(look)
        for topic, said in found.items():
            words = f"What was asked or given as reason for {len(said)} look-ups names: {topic}."
            yield flag("terms", said, words, topic)


def undeclared(window: Window) -> Flags:
    """Words that name another agency, where none was declared as the one it is done for."""
    for looks in by_person(window.judged).values():
        said = [
            look
            for look in looks
            if look.entry.on_behalf_of is None
            and _FOR_OTHERS.search(_COLD.sub(" ", look.words or ""))
        ]
        if said:
            yield flag(
                "undeclared", said,
                f"What was asked or given as reason for {len(said)} look-ups names another agency,"
                " and none was declared as the one that it was done for.",
            )  # fmt: skip


def _stands_alone(look: Look) -> bool:
    """Whether words alone say why: nothing ties it, and what it opens is not invented."""
    purpose = look.entry.purpose
    return not look.tied and not (purpose and purpose.code in _INVENTED)


def _says_nothing(said: str | None) -> bool:
    """Whether what was written has no word in it that says anything."""
    if said is None:
        return False
    return not any(len(word) > 1 and word not in _EMPTY for word in _words(said))


def _words(text: str) -> Sequence[str]:
    return _WORD.findall(text.casefold())


def _topics(said: str, listed: re.Pattern[str]) -> list[str]:
    topics = [topic.replace("_", " ") for topic in topics_in(said)]
    return [*topics, "slurs or listed terms"] if listed.search(said) else topics


@cache
def _pattern(more: tuple[str, ...]) -> re.Pattern[str]:
    packaged = files(__package__).joinpath("terms.txt").read_text("utf-8").split()
    words = "|".join(re.escape(word) for word in (*packaged, *more))
    return re.compile(rf"\b(?:{words})s?\b", re.IGNORECASE)
