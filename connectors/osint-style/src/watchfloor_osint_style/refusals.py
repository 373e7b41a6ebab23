"""What is not asked, whoever asks: nobody without a case, and nothing about anybody's views.

28 CFR 23.20(b): no intelligence about the political, religious or social views, associations or
activities of anybody, unless it directly relates to criminal conduct and there is reasonable
suspicion. Three things keep it out here: a subject is one person, address or number (never a group
or a topic); only listed kinds of records are asked for, and others that come are left out; and the
reason must not name views as what is looked for. The last is a list of words. It sees what is
written, not what is meant: whoever hides the purpose is found by the ledger and its audit.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import msgspec
from msgspec import Struct

from watchfloor_sdk import LookupRequest, NotAsked

_PLACES = {"#": "[0-9]", "@": "[A-Z]", "*": "[0-9A-Z]"}


class Pair(Struct, frozen=True):
    """A word of ``first`` with one of ``then`` among the next ``within``."""

    first: list[str]
    then: list[str]
    within: int


class Topics(Struct, frozen=True):
    """What a reason must not speak of. A star stands for any ending."""

    law: str
    alone: list[str]
    pairs: list[Pair]


@cache
def topics() -> Topics:
    """The refusal list."""
    return msgspec.json.decode(files(__package__).joinpath("topics.json").read_bytes(), type=Topics)


def needs_case(request: LookupRequest, case_formats: Sequence[str]) -> None:
    """Raises ``NotAsked`` for no case, or a number that is none of this agency's."""
    number = (request.purpose.case_number or "").strip()
    if not any(re.fullmatch(_pattern(one), number) for one in case_formats):
        raise NotAsked(
            "Nobody is looked up without a case of this agency.",
            code="purpose_incomplete",
            remedy=f"Give the case number, which looks like {' or '.join(case_formats)}.",
        )
    if not (request.purpose.reason or "").strip():
        raise NotAsked(
            "Nobody is looked up without a reason in words.",
            code="purpose_incomplete",
            remedy="Say why this person, address or number is looked up.",
        )


def _pattern(case_format: str) -> str:
    return "".join(_PLACES.get(sign, re.escape(sign)) for sign in case_format)


def not_about_views(reason: str) -> None:
    """Raises ``NotAsked`` (``views_refused``) where views are named as what is looked for."""
    if speaks_of_views(reason):
        raise NotAsked(
            "Political, religious or social views and associations are no subject of a look-up "
            f"({topics().law}).",
            code="views_refused",
            remedy="Say the conduct that is investigated. Where views bear on a crime directly, "
            "your privacy officer decides, and not here.",
        )


def speaks_of_views(text: str) -> bool:
    """Whether a text has a word, or a pair of words, of the list."""
    words, listed = re.findall(r"[\w'-]+", text.casefold()), topics()
    return any(_one_of(listed.alone, word) for word in words) or any(
        _paired(pair, words) for pair in listed.pairs
    )


def _paired(pair: Pair, words: Sequence[str]) -> bool:
    return any(
        _one_of(pair.first, word)
        and any(_one_of(pair.then, later) for later in words[at + 1 : at + 1 + pair.within])
        for at, word in enumerate(words)
    )


def _one_of(listed: Sequence[str], word: str) -> bool:
    return any(word.startswith(one[:-1]) if one.endswith("*") else word == one for one in listed)
