"""Surveillance technology in use, and a draft of the annual report on it.

The inventory is what ordinances ask for before and while a technology is used (Oakland Mun. Code
ch. 9.64; Seattle SMC ch. 14.18): what it is, what it collects, why it may, how long it is kept, who
answered for it. It is drafted from installed connectors and their approved impact statements;
people complete and sign it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from watchfloor.contracts import Manifest
from watchfloor.ports.store import Instance
from watchfloor.registry import ImpactView
from watchfloor.requests import Figures as Outcomes

from .model import About, Figures, System


class Technology(Struct, frozen=True, kw_only=True):
    """One source. ``devices``: what it has, by kind. ``approved_by`` is empty where nobody has
    approved its impact statement."""

    source: str
    name: str
    vendor: str
    connector: str
    version: str
    in_use: bool
    synthetic: bool
    data: str
    legal_basis: str
    retention_days: int
    events: list[str]
    lookups: list[str]
    actions: list[str]
    devices: dict[str, int]
    approved_by: str
    approved_at: str


class ToWrite(Struct, frozen=True):
    """A part of the annual report that only people can write; ``asked`` is what it has to say."""

    part: str
    asked: str


class AnnualReport(Struct, frozen=True, kw_only=True):
    """A draft: what the hub knows, and what is still to be written."""

    agency: str
    figures: Figures
    outcomes: Outcomes
    """What came of requests, in the hub's own counts."""
    inventory: list[Technology]
    to_write: list[ToWrite]


TO_WRITE = [
    ToWrite("sharing", "Under which legal standard data were shared, and why (figures: partners)."),
    ToWrite("complaints", "What complaints say about the policy (figures: complaints)."),
    ToWrite("violations", "Violations that audits found, and what was done about them."),
    ToWrite("breaches", "Breaches and unlawful access, and what was done about them."),
    ToWrite("effectiveness", "Whether the purpose was reached (outcomes)."),
    ToWrite("records_requests", "Public records requests, their number and answers."),
    ToWrite("costs", "Yearly cost, staff included, and the source of funding for next year."),
    ToWrite("changes", "Changes to the policy that are asked for, and why."),
]
"""Oakland Mun. Code 9.64.010, and the sister ordinances' records requests, costs and changes."""


def technology(
    source: Instance, manifest: Manifest, impact: ImpactView, assets: Iterable[Mapping[str, Any]]
) -> Technology:
    """One source, as it is installed and was approved."""
    approved, said, touched = impact.approved, impact.draft, impact.touches
    kinds = Counter(each["kind"] for each in assets if each["source"] == source.id)
    return Technology(
        source=source.id,
        name=source.name,
        vendor=manifest.vendor,
        connector=manifest.id,
        version=manifest.version,
        in_use=source.enabled,
        synthetic=source.synthetic,
        data=said.data,
        legal_basis=said.legal_basis,
        retention_days=said.retention_days,
        events=touched.event_types,
        lookups=touched.lookups,
        actions=touched.actions,
        devices=dict(sorted(kinds.items())),
        approved_by=approved.by if approved else "",
        approved_at=approved.at if approved else "",
    )


def about(agency: str, timezone: str, inventory: Iterable[Technology]) -> About:
    """What the public page says of the systems in use; of those for training only where there are
    no others."""
    known = list(inventory)
    training = all(each.synthetic for each in known)
    used = [each for each in known if each.in_use and (training or not each.synthetic)]
    systems = [
        System(
            name=each.name,
            detected=each.data,
            retention_days=each.retention_days,
            devices=each.devices,
        )
        for each in sorted(used, key=lambda each: each.name.casefold())
    ]
    return About(agency=agency, timezone=timezone, systems=systems)


def annual_report(
    agency: str, figures: Figures, outcomes: Outcomes, inventory: list[Technology]
) -> AnnualReport:
    """The draft."""
    return AnnualReport(
        agency=agency, figures=figures, outcomes=outcomes, inventory=inventory, to_write=TO_WRITE
    )
