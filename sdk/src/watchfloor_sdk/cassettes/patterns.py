"""What must not be kept, found in text by its shape: whatever the field is called."""

from __future__ import annotations

import re
from collections.abc import Callable

from .kinds import Kind

Replace = Callable[[Kind, str], str]

_STREET = (
    "ST|STREET|AVE|AVENUE|BLVD|BOULEVARD|RD|ROAD|DR|DRIVE|LN|LANE|CT|COURT|PL|PLACE|HWY|HIGHWAY|"
    "PKWY|PARKWAY|TER|TERRACE|CIR|CIRCLE|WAY|ALLEY|ALY|TRL|TRAIL|SQ|SQUARE"
)
_ROLE = (
    "caller|suspect|victim|driver|owner|witness|complainant|passenger|subject|offender|officer|"
    "mr|mrs|ms|dr|named|name is|name|rp|r/o|registered to|contact"
)

_PATTERNS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("secret", re.compile(r"\beyJ[\w-]{8,}\.[\w-]{4,}\.[\w-]*")),
    ("secret", re.compile(r"(?i:(?<=\bbearer )|(?<=\bbasic ))[\w.~+/=-]{6,}")),
    ("secret", re.compile(r"-----BEGIN [A-Z ]+-----.*?(?:-----END [A-Z ]+-----|\Z)", re.S)),
    ("secret", re.compile(r"\b(?:AKIA|ASIA|ghp_|sk_live_|sk-|xox[abpr]-|whsec_)[\w/+=-]{8,}")),
    ("email", re.compile(r"\b[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")),
    ("number", re.compile(r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])")),
    ("phone", re.compile(
        r"(?<![\w.:/-])(?:\+?1[ .-]?)?(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}(?![\w-])")),
    ("phone", re.compile(r"(?<![\w.])\+\d{10,14}(?!\w)")),
    ("phone", re.compile(r"(?<![\w.-])\d{3}-\d{4}(?![\w-])")),
    ("vin", re.compile(r"\b(?=[A-Z0-9]*\d[A-Z0-9]*\b)(?=\d*[A-HJ-NPR-Z])[A-HJ-NPR-Z0-9]{17}\b")),
    ("born", re.compile(
        r"(?<=\b[Dd][Oo][Bb][: ])\s*(\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4})|"
        r"(?<=\b[Bb]orn )(\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4})")),
    ("plate", re.compile(
        r"(?i:\b(?:plate|lic|tag|lp|registration)(?: (?:number|no\.?|is|of))?[ :/#]+)"
        r"((?=[A-Z0-9 -]*\d)[A-Z0-9]{2,4}[ -]?[A-Z0-9]{2,5})\b")),
    ("address", re.compile(
        rf"(?<![\w-])\d{{1,6}}(?: [NSEW]\.?)?(?: [A-Za-z0-9'.]{{1,20}}){{1,4}}? (?:{_STREET})\b\.?",
        re.I)),
    ("person", re.compile(
        rf"(?i:\b(?:{_ROLE})[.:,]? +)([A-Z][a-zé'’-]+(?: [A-Z]\.?)? [A-Z][A-Za-zé'’-]+)")),
    ("person", re.compile(
        r"\b(?:Mr|Mrs|Ms|Dr|Officer|Deputy|Det|Sgt|Lt)\.? (?!Sim\b)"
        r"([A-Z][a-zé]*(?:['’-]?[A-Z][a-zé]+)*)")),
    ("person", re.compile(r"\b([A-Z][A-Z'’-]{1,20}, [A-Z][A-Z'’-]{1,20})\b")),
)  # fmt: skip
"""A group, where there is one, is what is replaced of the whole."""

_LOOSE: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("phone", re.compile(r"(?<![\w.-])[2-9]\d{2}[2-9]\d{6}(?![\w-])")),
    ("plate", re.compile(
        r"(?<![\w-])(?:(?=[A-Z]*\d)(?=\d*[A-Z])[A-Z0-9]{5,8}|[A-Z]{2,3}[ -]\d{3,4}|"
        r"\d{3,4}[ -][A-Z]{2,3})(?![\w-])")),
)  # fmt: skip
"""What may as well be a code: looked for in sentences alone."""
_SENTENCE = 3


def replaced(text: str, replace: Replace) -> str:
    """``text`` with what has the shape of a secret, a plate, a phone number ... replaced."""
    rules = _PATTERNS if len(text.split()) < _SENTENCE else _PATTERNS + _LOOSE
    for kind, pattern in rules:
        text = pattern.sub(lambda found, kind=kind: _one(found, kind, replace), text)  # type: ignore[misc]
    return text


def _one(found: re.Match[str], kind: Kind, replace: Replace) -> str:
    group = found.lastindex or 0
    start, end = found.start(group) - found.start(), found.end(group) - found.start()
    return found[0][:start] + replace(kind, found[group]) + found[0][end:]
