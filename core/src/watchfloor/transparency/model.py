"""A report on what the hub was used for: tables of counts, each made by one named query."""

from __future__ import annotations

from msgspec import Struct

SMALL = "<5"
"""A count of one to four: so few that it could point at somebody."""
WITHHELD = "withheld"
"""A larger count that is held back so that a small one cannot be worked out from the total."""

Shown = int | str
"""A count as it is published: a number, ``SMALL`` or ``WITHHELD``."""


class Row(Struct, frozen=True):
    """One line of a table."""

    label: str
    count: Shown


class Table(Struct, frozen=True, kw_only=True):
    """What one query counted. ``query`` is its name, by which anybody has it counted again;
    ``counts`` says in words what it counts."""

    query: str
    title: str
    counts: str
    total: Shown
    rows: list[Row]


class Change(Struct, frozen=True):
    """A change of policy or sharing: when (RFC 3339), what, and to what."""

    at: str
    what: str
    id: str


class Figures(Struct, frozen=True, kw_only=True):
    """Everything that follows from the log alone. Times are RFC 3339, ``until`` is excluded."""

    since: str
    until: str
    records: int
    """How many records of that time there are."""
    tables: list[Table]
    partners: list[str]
    """Every other agency for which something was asked, or to which something went."""
    changes: list[Change]


class Head(Struct, frozen=True):
    """The log that the figures are of: its public key and its newest signed checkpoint
    (c2sp.org/tlog-checkpoint)."""

    key: str
    checkpoint: str


class System(Struct, frozen=True, kw_only=True):
    """A system that is connected. ``detected`` is what it detects, in the words of its connector;
    ``retention_days`` for how long its data are kept; ``devices`` what it has, by kind."""

    name: str
    detected: str
    retention_days: int
    devices: dict[str, int]


class About(Struct, frozen=True, kw_only=True):
    """What the agency says of itself and its systems. ``timezone`` is the IANA zone of its
    clocks."""

    agency: str
    timezone: str = "UTC"
    systems: list[System] = []


class Report(Struct, frozen=True, kw_only=True):
    """What is published. ``made`` is when (RFC 3339)."""

    made: str
    about: About
    figures: Figures
    log: Head | None
    begins: str | None = None
    """When the log's first record was made, where that is after the time that is covered: there is
    nothing to count yet."""
