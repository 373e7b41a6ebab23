"""What a retention rule can be about: event types, the hub's other records, ledgers.

A rule names one kind (``read``, its event type, ``dead-letter``), a family (``lpr``: everything of
``watchfloor.lpr.*``), or ``*`` for all that the purge deletes.
"""

from __future__ import annotations

from functools import cache
from typing import get_args

from watchfloor.contracts import BY_NAME, KINDS, AskAPerson
from watchfloor.ports.store import RecordKind

RECORDS: frozenset[str] = frozenset(get_args(RecordKind))
LEDGERS = frozenset({"audit", "redisclosure", "criminal-intel", "backup"})
"""Kept by parts of the hub that delete for themselves, within the limits given here. Of a backup
the clock starts on its day."""

EVENTS = frozenset(kind.type for kind in KINDS)

MOVEMENTS = frozenset(BY_NAME[name].type for name in ("read", "hit", "detection", "vehicle"))
"""Where somebody's vehicle or somebody was: the strict default is for these."""

OF_ITS_SOURCE = frozenset(
    {"dead-letter", "inbox", *(BY_NAME[name].type for name in ("correction", "retraction"))}
)
"""May hold a record of any kind that their source delivers: the strictest of those counts."""


@cache
def named(kind: str) -> frozenset[str]:
    """The kinds that a rule's word stands for. Raises ``AskAPerson`` for a word that is none."""
    if kind == "*":
        return EVENTS | RECORDS
    if kind in EVENTS | RECORDS | LEDGERS:
        return frozenset({kind})
    family = frozenset(each.type for each in KINDS if kind in (each.name, each.type.split(".")[1]))
    if not family:
        raise AskAPerson(
            f"{kind!r} is no kind of data.",
            code="bad_schedule",
            remedy=f"There are families such as lpr or cad, and: {', '.join(sorted(RECORDS))}.",
        )
    return family
