"""What is done is recorded before it is begun: where the hub refuses it after that, the log says
so, and no figure counts it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from staff import noted

from watchfloor.contracts import RetryLater
from watchfloor.reconciliation import Reconciliation

pytestmark = pytest.mark.asyncio(loop_scope="module")

REFUSED = (
    ("PUT", "/sharing/nowhere/national_lookup", {"value": "off"}, "sharing.changed"),
    ("DELETE", "/tokens/tok-nowhere", None, "token.revoked"),
    ("DELETE", "/retention/holds/H-00000000", None, "hold.released"),
    ("POST", "/requests/R-26-999999/cancel", {"note": "made up"}, "request.closed"),
    ("POST", "/policy/proposals/" + 64 * "0" + "/approve", None, "policy.approved"),
    ("POST", "/break-glass/nobody/release", None, "account.changed"),
    ("DELETE", "/rules/nowhere", None, "rule.changed"),
    ("GET", "/events/999999", None, "event.viewed"),
)


@pytest.mark.parametrize(("method", "path", "body", "event"), REFUSED)
async def test_the_log_says_that_it_came_to_nothing(hub, api, method, path, body, event):
    answer = await api.call(method, path, body)
    assert answer.status >= 400
    ended, begun = (await noted(hub, event))[:2]
    assert (begun.outcome, ended.outcome) == ("done", "denied")
    assert (ended.attempt, ended.decision.reason) == (begun.id, answer.code)
    assert (ended.object, ended.operator) == (begun.object, begun.operator)


async def test_what_was_refused_is_no_change_in_the_figures(hub, api):
    before = await shared(api)
    assert (await refused(api)).status == 404
    assert await shared(api) == before


async def test_what_went_wrong_on_the_way_may_have_been_done_and_stands(hub, api, monkeypatch):
    async def full(*_):
        raise RetryLater("The disk is full.", code="disk_full")

    monkeypatch.setattr(Reconciliation, "approve", full)
    before = await shared(api)
    assert (await refused(api)).status == 503
    assert (await noted(hub, "sharing.changed"))[0].outcome == "failed"
    assert await shared(api) == before + 1


async def test_what_nobody_foresaw_stands_there_too(hub, api, monkeypatch):
    """In doing it, and in saying what was done."""

    async def broken(*_):
        raise RuntimeError("a bug")

    async def unsayable(*_):
        return object()

    for approve in (broken, unsayable):
        monkeypatch.setattr(Reconciliation, "approve", approve)
        assert (await refused(api)).code == "internal"
        ended, begun = (await noted(hub, "sharing.changed"))[:2]
        assert (begun.outcome, ended.outcome) == ("done", "failed"), approve
        assert (ended.attempt, ended.decision.reason) == (begun.id, "internal")


async def refused(api):
    return await api.call("PUT", "/sharing/nowhere/national_lookup", {"value": "off"})


async def shared(api):
    """How many changes of sharing the figures tell of."""
    now = datetime.now(UTC)
    since, until = ((now + timedelta(days=days)).isoformat() for days in (-1, 1))
    figures = await api.get("/reports/figures", since=since, until=until)
    return sum(each["what"] == "sharing.changed" for each in figures["changes"])
