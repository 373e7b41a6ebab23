"""``watchfloor credential ledger | calendar | budget | rotate``: what they ask and say."""

from __future__ import annotations

import json

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from watchfloor.bootstrap import RUN_FILE
from watchfloor.credentials import Due, LeaseView, RotationView
from watchfloor.lookups import BudgetView

DAY = "2026-05-02T12:00:00.000Z"
LEASE = LeaseView(
    source="gate", name="token", connector="toy", fingerprint="0123456789abcdef", process=7,
    since=DAY, last=DAY, times=3, until=None, ended=None,
)  # fmt: skip
DUE = Due(
    owner="gate", name="token", title="Token", expires=DAY, days=6, stage=7, known="person",
    said_by="alex",
)  # fmt: skip
BUDGET = BudgetView(
    source="records", currency="USD", cents=30000, lookups=200, each_cents=150, since=DAY,
    spent_cents=24000, spent_lookups=160, also={}, share=0.8, state="near", changed=DAY,
    changed_by="alex",
)  # fmt: skip
ROTATION = RotationView(
    source="gate", name="token", overlap_until=DAY, in_use=False, old_processes=[7]
)
DECLARED = {
    "name": "token", "title": "Token", "ways": [["token"]],
    "parts": [{"name": "token", "title": "Token", "secret": True, "long": False}],
}  # fmt: skip


class Hub:
    """Answers with the services' own views; remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, object]] = []

    def application(self) -> web.Application:
        app = web.Application()
        app.router.add_route("*", "/api/v1/{path:.+}", self.answer)
        return app

    async def answer(self, request: web.Request) -> web.Response:
        path = request.match_info["path"]
        body = await request.json() if request.can_read_body else dict(request.query)
        self.asked.append((request.method, path, body))
        said = {
            "credentials/ledger": {"items": [LEASE]},
            "credentials/calendar": {"items": [DUE]},
            "budgets": {"items": [BUDGET]},
            "sources/gate/credentials": {"items": [DECLARED]},
            "sources/gate/credentials/token/rotate": ROTATION,
        }[path]
        return web.Response(body=msgspec.json.encode(said), content_type="application/json")


@pytest.fixture
async def hub(data_dir):
    one = Hub()
    async with TestServer(one.application()) as server:
        data_dir.mkdir()
        url = str(server.make_url("")).rstrip("/")
        (data_dir / RUN_FILE).write_text(json.dumps({"url": url, "session": "s", "pid": 1}))
        yield one


async def test_the_ledger_is_of_whom_and_of_what_is_wanted(run, hub):
    said = await run("credential", "ledger", "--source", "gate", "--open")
    assert hub.asked == [("GET", "credentials/ledger", {"source": "gate", "open": "true"})]
    assert "0123456789abcdef  process 7, 3 times, until in hand" in said.out


async def test_the_calendar_says_how_the_day_is_known(run, hub):
    said = await run("credential", "calendar", "--within", "30")
    assert hub.asked == [("GET", "credentials/calendar", {"within_days": "30"})]
    assert "6 days left (known by person alex)" in said.out


async def test_a_budget_says_how_much_of_what_is_spent(run, hub):
    said = await run("credential", "budget")
    assert "80%  records  240.00 of 300.00 USD, 160 of 200 look-ups since" in said.out


@pytest.mark.parametrize(
    ("command", "view"), [("ledger", LEASE), ("calendar", DUE), ("budget", BUDGET)]
)
async def test_with_json_each_is_a_document_a_line(run, hub, command, view):
    [line] = (await run("credential", command, "--json")).lines
    assert line == msgspec.to_builtins(view)


async def test_a_rotation_sends_the_parts_and_says_what_comes_next(run, hub, tmp_path):
    file = tmp_path / "token"
    file.write_text("hush-SIM-0005\n")
    said = await run(
        "credential", "rotate", "gate", "token", "--overlap-hours", "2", "--file", f"token={file}"
    )
    sent = {"value": {"token": "hush-SIM-0005"}, "overlap_s": 7200.0}
    assert hub.asked[-1] == ("POST", "sources/gate/credentials/token/rotate", sent)
    assert "taken until 2026-05-02T12:00:00.000Z" in said.out
    assert "withdraw the old one later" in said.out
    assert "hush" not in said.out
