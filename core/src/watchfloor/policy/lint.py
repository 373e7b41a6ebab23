"""Words in a free-text reason that somebody should read later.

Never the only control: words are easily left out, and an innocent case has them too. What they
touch goes to review; the gates decide by codes, agencies and what was declared.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from .facts import Topic

_WORDS: Mapping[Topic, str] = {
    "immigration": r"immigra\w*|deport\w*|undocumented|ICE|CBP|HSI|border patrol|visa overstay",
    "reproductive_care": r"abortion\w*|abortifacient\w*|reproductive|miscarriage|"
    r"planned parenthood",
    "gender_care": r"gender[- ]affirming|transgender|trans (?:youth|care)|hormone therapy",
    "first_amendment": r"protest\w*|rall(?:y|ies)|demonstrat(?:ion|or)\w*|activist\w*|no kings|"
    r"journalist\w*|mosques?|church(?:es)?|synagogues?",
}
_PATTERNS = {
    topic: re.compile(rf"\b(?:{words})\b", re.IGNORECASE) for topic, words in _WORDS.items()
}
_CASED = re.compile(r"\bice\b")


def topics_in(text: str) -> list[Topic]:
    """What a reason seems to be about. ``ice`` in small letters is frozen water."""
    spoken = _CASED.sub(" ", text)
    return [topic for topic, pattern in _PATTERNS.items() if pattern.search(spoken)]
