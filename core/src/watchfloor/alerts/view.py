"""Alerts as the console and the API see them: times as text, deliveries as counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from msgspec import Struct

from watchfloor.contracts import BY_NAME, Point, rfc3339
from watchfloor.ports.store import Alert, Outgoing, Scope, Seq


class DeliveryCounts(Struct, kw_only=True):
    """How an alert's deliveries to the outside fare."""

    waiting: int = 0
    delivered: int = 0
    given_up: int = 0


class AlertView(Struct, kw_only=True):
    """An alert in the shape of ``GET /alerts`` (docs/architecture.md)."""

    id: int
    rule: str
    kind: str
    severity: str
    title: str
    reason: str
    raised: str
    occurred: str
    point: Point | None
    state: str
    verification: str
    hot_list: str | None
    count: int
    events: list[Seq]
    history: list[dict[str, Any]]
    deliveries: DeliveryCounts
    synthetic: bool | None
    """Whether it is about a training source; ``None`` when its event is no longer kept."""
    handling: str
    """The strictest class of all that it was made of."""


GONE = "What it was about is no longer kept."
"""The title of an alert of whose events none is kept any more: what it said of them went with them,
and that it was raised, and what was done then, stays."""


def is_shown(alert: Alert, scope: Scope) -> bool:
    """Whether somebody with this scope sees it: by its kind, by the strictest class of what it was
    made of, and by every one of its sources. Alerts are kept by a schedule of their own, so that
    the age of events is nothing to them."""
    opened = scope.opens(BY_NAME[alert.kind].type, alert.handling)
    return opened and all(map(scope.opens_source, alert.sources))


def counted(deliveries: Iterable[Outgoing]) -> DeliveryCounts:
    """Deliveries by how they fare."""
    states = Counter(outgoing.state for outgoing in deliveries)
    return DeliveryCounts(
        waiting=states["waiting"], delivered=states["delivered"], given_up=states["given_up"]
    )


def view(
    alert: Alert,
    deliveries: DeliveryCounts,
    synthetic: bool | None,
    named: Callable[[str], str] = str,
) -> AlertView:
    """One alert as the API gives it."""
    return AlertView(
        id=alert.id,
        rule=alert.rule,
        kind=alert.kind,
        severity=alert.severity,
        title=alert.title or GONE,
        reason=alert.reason,
        raised=rfc3339(alert.raised),
        occurred=rfc3339(alert.occurred),
        point=alert.point,
        state=alert.state,
        verification=alert.verification,
        hot_list=alert.hot_list,
        count=alert.count,
        events=list(alert.events),
        history=[
            {**entry, "at": rfc3339(entry["at"]), "name": named(entry["by"])}
            for entry in alert.history
        ],
        deliveries=deliveries,
        synthetic=synthetic,
        handling=alert.handling,
    )
