"""What is done outside once a second person agreed: they see all of it, and one yes is one deed."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
import pytest_asyncio
from hub import hub_here
from policies import adopt
from staff import open_request, signed_in, somebody

from watchfloor.actions import Actions
from watchfloor.contracts import ActionDeclaration, ActionReceipt, RetryLater
from watchfloor.identity import Role
from watchfloor.policy import packaged
from watchfloor.ports.store import Instance

pytestmark = pytest.mark.asyncio(loop_scope="module")

TWO_FOR_DEEDS = """
@id("deeds-are-agreed-on")
@obligation("ask_supervisor")
permit(principal, action == Action::"actions:do", resource);
"""
OPEN = {
    "type": "object",
    "properties": {"gate": {"type": "integer", "title": "Number of the gate"},
                   "say_there": {"type": "string"}, "quietly": {"type": "boolean"}},
}  # fmt: skip
DECLARED = [
    ActionDeclaration(name="open-gate", title="Open a gate", parameters=OPEN, undo="close-gate"),
    ActionDeclaration(name="close-gate", title="Close a gate", parameters={"type": "object"}),
]
AWAY = RetryLater("The worker is starting.", code="not_running")


class Gates:
    """Does what it is told, once it is there."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.away: list[Exception] = []
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def act(self, source, request):
        if self.away:
            raise self.away.pop()
        self.done.append(request.idempotency_key)
        await self.may_answer.wait()
        return ActionReceipt(
            idempotency_key=request.idempotency_key, outcome="done", done=datetime.now(UTC),
            reference=f"G-{len(self.done)}",
        )  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(tmp_path_factory):
    folder = tmp_path_factory.mktemp("agreed") / "hub"
    rules = folder / "policy" / "rules.cedar"
    rules.parent.mkdir(parents=True)
    rules.write_text(packaged()["default.cedar"] + TWO_FOR_DEEDS)
    adopt(folder)
    async with hub_here(folder) as running:
        yield running


@pytest.fixture
def gates(hub):
    gates = Gates()
    hub.hub.actions = Actions(
        lambda: [Instance("gates", "gates", "Yard gates", {})],
        SimpleNamespace(manifest=lambda _: SimpleNamespace(actions=DECLARED)),
        gates, hub.hub.store, hub.hub.clock,
    )  # fmt: skip
    return gates


@pytest_asyncio.fixture(loop_scope="module")
async def ana(hub):
    async with signed_in(hub, somebody("ana", Role.ANALYST)) as api:
        await open_request(api)
        yield api


@pytest_asyncio.fixture(loop_scope="module")
async def sam(hub):
    async with signed_in(hub, somebody("sam", Role.SUPERVISOR)) as api:
        yield api


def deed(**more):
    return {"source": "gates", "action": "open-gate", "parameters": {"gate": 1}, **more}


async def asks(api, body, path="/deeds"):
    """The question that it puts to a second person."""
    answer = await api.call("POST", path, body)
    assert (answer.status, answer.code) == (403, "supervisor_needed"), answer.body
    return answer.json["error"]["approval"]


async def agree(api, id, granted=True):
    return await api.call("POST", f"/approvals/{id}/answer", {"granted": granted})


async def agreed(ana, sam, body, path="/deeds"):
    id = await asks(ana, body, path)
    answer = await agree(sam, id)
    assert answer.status == 200, answer.body
    return id


async def waits(sam):
    return len((await sam.get("/approvals"))["items"])


# --- one yes, one deed ------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["k-away", None])
async def test_a_yes_outlasts_that_it_could_not_be_done_yet(hub, gates, ana, sam, key, monkeypatch):
    """Nothing was done: nobody is asked for that again, a second person least of all."""
    body = deed(parameters={"gate": 3}, idempotency_key=key)
    await agreed(ana, sam, body)

    def down(entry):
        raise RetryLater("The audit log takes no records.", code="audit_unavailable")

    with monkeypatch.context() as broken:
        broken.setattr(hub.hub.audit, "begin", down)
        unrecorded = await ana.call("POST", "/deeds", body)
    assert (unrecorded.status, unrecorded.code) == (503, "audit_unavailable")
    gates.away = [AWAY, AWAY]
    for _ in range(2):
        away = await ana.call("POST", "/deeds", body)
        assert (away.status, away.code) == (503, "not_running")
    assert (await ana.send("POST", "/deeds", body))["outcome"] == "done"
    assert len(gates.done) == 1
    assert await waits(sam) == 0


async def test_what_became_of_it_is_told_again_by_its_key(gates, ana, sam):
    """An answer that was lost on the line is no reason to ask anybody."""
    body = deed(idempotency_key="k-lost")
    await agreed(ana, sam, body)
    first, again = [await ana.send("POST", "/deeds", body) for _ in range(2)]
    assert (first, first["id"]) == (again, "k-lost")
    assert gates.done == ["k-lost"]


async def test_a_yes_to_one_deed_is_for_no_other(hub, gates, ana, sam):
    body = deed(idempotency_key="k-one")
    await agreed(ana, sam, body)
    others = ({"idempotency_key": "k-two"}, {"idempotency_key": None}, {"parameters": {"gate": 2}})
    for before in (True, False):
        for other in others:
            assert await asks(ana, body | other)
        async with signed_in(hub, somebody("abe", Role.ANALYST)) as abe:
            await open_request(abe)
            assert await asks(abe, body)
        if before:
            await ana.send("POST", "/deeds", body)
    assert gates.done == ["k-one"]


async def test_without_a_key_one_yes_is_one_deed_still(gates, ana, sam):
    body = deed(parameters={"gate": 4})
    id = await agreed(ana, sam, body)
    gates.may_answer.clear()
    both = [asyncio.create_task(ana.call("POST", "/deeds", body)) for _ in range(2)]
    done, _ = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    assert [each.result().code for each in done] == ["under_way"]
    gates.may_answer.set()
    answers = await asyncio.gather(*both)
    assert sorted(each.status for each in answers) == [200, 503]
    assert gates.done == [id]
    assert await asks(ana, body) != id


# --- what they are shown ----------------------------------------------------------------------


async def test_who_agrees_to_a_deed_is_shown_all_of_it(gates, ana, sam):
    said = {"gate": 5, "say_there": "Let them in\nReason: none", "quietly": True, "more": [1, "a"]}
    body = deed(parameters=said, idempotency_key="k-shown")
    id = await agreed(ana, sam, body)
    lines = (await sam.get(f"/approvals/{id}"))["shown"].splitlines()
    assert lines[:8] == [
        "What: Open a gate", "By: Yard gates (gates)", "Number of the gate: 5",
        "Say there: Let them in", "  Reason: none", "Quietly: yes", "More: 1, a",
        "Key of this deed: k-shown",
    ]  # fmt: skip
    assert lines[8:10] == ["", "The request says"]
    done = await ana.send("POST", "/deeds", body)

    id = await asks(ana, {}, f"/deeds/{done['id']}/undo")
    lines = (await sam.get(f"/approvals/{id}"))["shown"].splitlines()
    assert lines[0].startswith("To be taken back: what was done 2")
    assert lines[1:4] == ["What: Open a gate", "By: Yard gates (gates)",
                          "Number of the gate: 5"]  # fmt: skip
    assert {"Done for: ana", f"There it is: {done['reference']}"} <= set(lines)
