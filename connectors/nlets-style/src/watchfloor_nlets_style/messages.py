"""The legacy text layout, written and read.

``RQ.<sender ORI>.<destinations>.[control field]TXT`` and then fields as ``PREFIX/value``, each
ended by a period except the last, without spaces or hyphens in values (Nlets support site, "RQ").
Between several destinations stands a comma: that, and the asterisks around the control field as in
the published example, are our reading.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_HEAD = re.compile(
    r"\s*(?P<key>[A-Z]{2,3})\.(?P<sender>[A-Z0-9]{2,9})\.(?P<to>[A-Z0-9,]{2,64})\."
    r"(?:\*(?P<control>[A-Z0-9]{1,10})\*\.?)?TXT"
)
_FIELD = re.compile(r"(?<![A-Z0-9])([A-Z]{3})/([^./\r\n]{1,200}?)(?=\s*(?:\.|\r|\n|$|[A-Z]{3}/))")
KNOWN = frozenset({
    "DOB", "DOT", "LIC", "LIS", "LIT", "LIY", "MIS", "MKE", "NAM", "NIC", "OAN", "OCA", "OLN",
    "ORI", "PRI", "SEX", "VCO", "VIN", "VMA", "VMO", "VST", "VYR",
})  # fmt: skip
"""Prefixes that are published: the RQ and DQ layouts, and the NCIC vehicle field codes. ``PRI`` is
ours, of YQ."""


@dataclass(frozen=True, slots=True)
class Read:
    """What of an answer could be read. ``text`` is all that follows the head."""

    key: str | None
    to: Sequence[str]
    control: str | None
    text: str
    fields: Mapping[str, Sequence[str]]


def written(key: str, ori: str, to: Sequence[str], control: str, fields: Mapping[str, str]) -> str:
    """A message. The values have been cleaned: nothing in them ends a field."""
    body = ".".join(f"{prefix}/{value}" for prefix, value in fields.items())
    return f"{key}.{ori}.{','.join(to)}.*{control}*.TXT{body}"


def read(text: str) -> Read:
    """Never fails: states lay their answers out as they like, so what cannot be read is text."""
    head = _HEAD.match(text)
    body = text[head.end() :] if head else text
    return Read(
        key=head["key"] if head else None,
        to=head["to"].split(",") if head else (),
        control=head["control"] if head else None,
        text=body,
        fields=_fields(body.upper()),
    )


def _fields(text: str) -> dict[str, list[str]]:
    """Each known prefix with all its values: an answer may hold several records."""
    found: dict[str, list[str]] = {}
    for prefix, value in _FIELD.findall(text):
        if prefix in KNOWN and value.strip():
            found.setdefault(prefix, []).append(value.strip())
    return found


def alike(one: str, other: str) -> bool:
    """Whether two plates, VINs or codes are the same. Printed tables and readers write O for 0 and
    0 for O (NCIC's own colour codes have ``BR0``)."""
    return _plain(one) == _plain(other)


def _plain(text: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", text.upper()).replace("O", "0")
