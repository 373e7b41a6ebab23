"""A made-up centre's October, in a real log."""

import pytest
from audit_logs import audit_log

from watchfloor.adapters.clock import SettableClock
from watchfloor.audit import (
    AuditEvent,
    Decision,
    Entry,
    Lookback,
    Object,
    OnBehalfOf,
    Operator,
    Outcome,
    Pace,
    PurposeRecord,
)
from watchfloor.contracts import micros

START = micros("2026-10-01T00:00:00Z")
DONE, DENIED = Outcome.DONE, Outcome.DENIED


def asked(purpose="investigation", days=3, outcome=DONE, reason=None, agency=None, **more):
    """A search."""
    return Entry(
        event=AuditEvent.SEARCH_ASKED,
        outcome=outcome,
        operator=Operator(id="SIM-1", agency="ex-pd"),
        purpose=PurposeRecord(code=purpose, case="SIM-C-1", request="R-26-000001"),
        decision=Decision(id="d", reason=reason),
        on_behalf_of=OnBehalfOf(agency=agency) if agency else None,
        lookback=Lookback(since=f"2026-09-{30 - days:02}T00:00:00.000Z"),
        **more,
    )


def did(event, id=None, **more):
    """Some other deed."""
    return Entry(event=event, outcome=DONE, object=Object(kind="it", id=id), more=more)


OCTOBER = [
    *[asked() for _ in range(12)],
    *[asked("court_order", agency="county-so") for _ in range(7)],
    *[asked("missing_endangered", agency="state-pd") for _ in range(2)],
    *[asked(outcome=DENIED, reason="purpose_needed") for _ in range(6)],
    *[asked(outcome=DENIED, reason="no_immigration") for _ in range(3)],
    did(AuditEvent.GATE_CHANGED, "us-wa-share"),
    did(AuditEvent.FINDING_RAISED, "rev-1", week="2026-W40"),
    did(AuditEvent.FINDING_RAISED, "rev-2", week="2026-W44"),
    Entry(
        event=AuditEvent.REVIEW_OPENED,
        outcome=DONE,
        object=Object(kind="draw", id="2026-W40"),
        more={"records": "3 8", "reviews": "lot-3 lot-8"},
    ),
    did(AuditEvent.REVIEW_SIGNED, "lot-3"),
    did(AuditEvent.REVIEW_SIGNED, "lot-of-august"),
    did(AuditEvent.REVIEW_SIGNED, "rev-1"),
    did(AuditEvent.COMPLAINT_OPENED, "C-26-000001"),
    did(AuditEvent.COMPLAINT_ANSWERED, "C-26-000001", finding="nothing_found"),
    *[did(AuditEvent.REQUEST_CLOSED, "1/close", outcome="found") for _ in range(9)],
    *[did(AuditEvent.REQUEST_CLOSED, "1/close", outcome="not_used") for _ in range(8)],
]


@pytest.fixture
async def log(tmp_path):
    """Its folder. A record an hour from the first of October on; one of November at the end."""
    clock = SettableClock(START)
    pace = Pace(sign_every=10, batch=1, sign_s=3600)
    async with audit_log(tmp_path, clock=clock, pace=pace) as opened:
        for each in OCTOBER:
            await opened.record(each)
            clock.advance(3600)
        clock.advance(40 * 86400)
        await opened.record(asked())
    return tmp_path / "audit"
