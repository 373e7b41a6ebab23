"""Words in what somebody wrote freely that somebody else should read later.

Never the only control: words are easily left out, and an innocent case has them too. What they
touch goes to review; the gates decide by codes, agencies and what was declared.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from watchfloor.contracts import Topic


@dataclass(frozen=True, slots=True)
class NamedTopic:
    """A topic, and what names it: ``words`` however they are written, ``names`` as they stand. Both
    are regular expressions for whole words, which Python and JavaScript read alike."""

    code: Topic
    title: str
    words: str
    names: str | None = None

    def is_named_in(self, text: str) -> bool:
        """Whether a text has one of them."""
        found = re.search(rf"\b(?:{self.words})\b", text, re.IGNORECASE)
        return bool(found or (self.names and re.search(rf"\b(?:{self.names})\b", text)))


TOPICS = (
    NamedTopic(
        "immigration", "Immigration",
        r"immigra\w*|deport\w*|undocumented|CBP|HSI|border patrol|visa overstay",
        "ICE|Ice",  # ``ice`` in small letters is frozen water
    ),
    NamedTopic(
        "reproductive_care", "Reproductive care",
        r"abortion\w*|abortifacient\w*|reproductive|miscarriage|planned parenthood",
    ),
    NamedTopic(
        "gender_care", "Gender-affirming care",
        r"gender[- ]affirming|transgender|trans (?:youth|care)|hormone therapy",
    ),
    NamedTopic(
        "first_amendment", "Speech, faith, press or assembly",
        r"protest\w*|rall(?:y|ies)|demonstrat(?:ion|or)\w*|activist\w*|no kings|journalist\w*"
        r"|mosques?|church(?:es)?|synagogues?",
    ),
)  # fmt: skip


@lru_cache(maxsize=256)  # a request's words are read at every question in it
def topics_in(text: str) -> tuple[Topic, ...]:
    """What a text seems to be about."""
    return tuple(each.code for each in TOPICS if each.is_named_in(text))
