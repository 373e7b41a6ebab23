"""A look-up is admitted, written down, asked, and its end is told; else it is not asked."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from watchfloor.contracts import (
    LookupAnswer,
    LookupDeclaration,
    LookupResult,
    LookupWindow,
    NotFound,
    Purpose,
    PurposeOffer,
    Refused,
    RetryLater,
    micros,
)
from watchfloor.lookups import Lookups, Question
from watchfloor.lookups.service import MOST_UNREAD
from watchfloor.lookups.windows import span_of
from watchfloor.ports.store import Instance

DMV = LookupDeclaration(
    name="registration",
    title="Registration",
    subject_kinds=["plate", "vehicle"],
    legal_basis="18 U.S.C. 2721(b)(1)",
    needs=["case_number"],
    purposes=[PurposeOffer(code="1", title="Law enforcement")],
    filters={"properties": {"state": {"type": "string", "pattern": "^[A-Z]{2}$"}}},
)
PURPOSE = Purpose(code="1", requester="Casey Analyst", case_number="SIM-1")


class Ledger:
    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self.broken = False

    async def note(self, kind: str, who: str, what: dict[str, Any]) -> None:
        if self.broken:
            raise RetryLater("The disk is full.")
        self.rows.append({"kind": kind, "who": who, **what})


class Supervisor:
    """One source; ``play`` is what its worker does with a question."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.play: Any = None
        self.ended = asyncio.Event()

    async def lookup(self, source: str, request: Any, hear: Any) -> LookupAnswer:
        self.asked.append(request)
        try:
            return await self.play(request, hear)
        finally:
            self.ended.set()

    def state(self, source: str) -> Any:
        return SimpleNamespace(state="running")


def result(id: str) -> LookupResult:
    moment = datetime(2026, 5, 2, 21, 14, tzinfo=UTC)
    return LookupResult(
        id=id, source="dmv", retrieved=moment, handling="cji", title="Registered", data={}
    )


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def supervisor() -> Supervisor:
    return Supervisor()


@pytest.fixture
def offers() -> list[LookupDeclaration]:
    return [DMV]


@pytest.fixture
def lookups(ledger: Ledger, supervisor: Supervisor, offers: list[LookupDeclaration]) -> Lookups:
    manifests = {"nlets-style": SimpleNamespace(lookups=offers, capabilities=["lookup"])}

    def manifest(connector: str) -> Any:
        if connector not in manifests:
            raise NotFound("Not installed.")
        return manifests[connector]

    instances = [
        Instance("dmv", "nlets-style", "DMV", {}),
        Instance("gone", "no-longer-installed", "Gone", {}),
    ]
    return Lookups(
        lambda: instances,
        SimpleNamespace(manifest=manifest),  # type: ignore[arg-type]
        supervisor,  # type: ignore[arg-type]
        ledger,  # type: ignore[arg-type]
        lambda value: f"print-of-{len(value)}",
    )


READS = LookupDeclaration(
    name="reads",
    title="Where it was read",
    subject_kinds=["plate"],
    legal_basis="The agency's policy",
    filters={
        "additionalProperties": False,
        "properties": {name: {"type": "string", "format": "date-time"} for name in ("from", "to")},
    },
    window=LookupWindow(since="from", until="to", days=10),
)
DAY = 86_400_000_000
NOW = micros("2026-05-20T12:00:00Z")


@pytest.mark.parametrize(
    ("filters", "days", "began", "ended"),
    [
        ({}, 10, 10, 0),
        ({}, 7, 7, 0),
        ({"from": "2026-05-01T07:00:00-05:00"}, 7, 19, 0),
        ({"to": "2026-05-15T12:00:00Z"}, 7, 12, 5),
        ({"from": "2026-05-10T12:00:00Z", "to": "9999-12-31T23:00:00Z"}, 7, 10, 0),
    ],
)
def test_the_time_that_is_looked_through_is_known_before_it_is_asked(filters, days, began, ended):
    """In days before now."""
    assert span_of(READS, filters, NOW, days) == (NOW - began * DAY, NOW - ended * DAY)


@pytest.mark.parametrize(
    "filters",
    [{"from": "yesterday"}, {"from": "2026-05-10T12:00:00"}, {"to": "0001-01-01T00:00:00Z"},
     {"from": "2026-05-10T12:00:00Z", "to": "2026-05-10T12:00:00Z"}, {"from": 7}],
)  # fmt: skip
def test_a_time_that_is_none_is_refused_before_it_is_asked(filters):
    with pytest.raises(Refused) as caught:
        span_of(READS, filters, NOW, 7)
    assert caught.value.code == "bad_filters"


def test_a_look_up_that_declares_no_time_has_none():
    assert span_of(DMV, {"from": "yesterday"}, NOW, 7) is None


@pytest.mark.parametrize(
    ("filters", "ends"),
    [
        ({"from": "2026-01-01T00:00:00Z"}, {}),
        ({"to": "2026-05-22T00:00:00Z"}, {"to": "2026-05-20T12:00:00.000Z"}),
    ],
)
async def test_it_is_asked_about_the_time_that_was_decided(
    lookups, supervisor, offers, filters, ends
):
    offers.append(READS)

    async def play(request: Any, hear: Any) -> LookupAnswer:
        return LookupAnswer(request=request.id, status="ok")

    supervisor.play = play
    span = NOW - 3 * DAY, NOW
    await answers(lookups, question(offer="reads", filters=filters, span=span))
    assert supervisor.asked[0].filters == {"from": "2026-05-17T12:00:00.000Z", **ends}


def question(**changes: Any) -> Question:
    given = {
        "source": "dmv", "offer": "registration", "subject_kind": "plate", "subject": "ZZT1234",
        "purpose": PURPOSE, "person": "idp|ana",
    }  # fmt: skip
    return Question(**{**given, **changes})


async def answers(lookups: Lookups, asked: Question) -> list[Any]:
    return [each async for each in lookups.ask(asked)]


def test_what_can_be_asked_is_told_by_subject(lookups: Lookups) -> None:
    [offer] = lookups.offers("plate")
    assert (offer.source, offer.source_name, offer.available) == ("dmv", "DMV", True)
    assert offer.declaration.legal_basis == "18 U.S.C. 2721(b)(1)"
    assert lookups.offers("phone") == []


async def test_a_fault_of_the_hub_ends_a_question_and_does_not_leave_it_open(
    lookups: Lookups, supervisor: Supervisor, ledger: Ledger
) -> None:
    async def play(request: Any, hear: Any) -> LookupAnswer:
        hear(result("1"))
        raise KeyError("a fault")

    supervisor.play = play
    async with asyncio.timeout(2):
        with pytest.raises(KeyError):
            await answers(lookups, question())
    assert [row["what"] for row in ledger.rows] == ["asked", "abandoned"]


async def test_results_come_as_they_are_found_and_the_answer_last(
    lookups: Lookups, supervisor: Supervisor, ledger: Ledger
) -> None:
    told = asyncio.Event()

    async def play(request: Any, hear: Any) -> LookupAnswer:
        hear(result("1"))
        await told.wait()
        hear(result("2"))
        return LookupAnswer(request=request.id, status="partial", detail="Missouri is silent.")

    supervisor.play = play
    coming = lookups.ask(question())
    first = await anext(coming)
    assert isinstance(first, LookupResult)
    told.set()
    second, answer = [each async for each in coming]
    assert (second.id, answer.status) == ("2", "partial")
    asked, ended = ledger.rows
    assert (asked["what"], ended["what"], ended["found"]) == ("asked", "partial", 2)
    assert asked["who"] == "Casey Analyst"
    assert asked["case_number"] == "SIM-1"
    assert "ZZT1234" not in str(ledger.rows)
    assert supervisor.asked[0].purpose == PURPOSE


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"subject_kind": "person"}, "subject_not_taken"),
        ({"purpose": Purpose(code="1", requester="C")}, "purpose_incomplete"),
        ({"purpose": Purpose(code="1", requester="C", case_number=" ")}, "purpose_incomplete"),
        ({"purpose": Purpose(code="9", requester="C", case_number="S")}, "purpose_not_taken"),
        ({"filters": {"state": "Kansas"}}, "bad_filters"),
        ({"filters": {"colour": "red"}}, "bad_filters"),
    ],
)
async def test_what_must_not_be_asked_is_refused_before_it_leaves(
    lookups: Lookups, supervisor: Supervisor, changes: dict[str, Any], code: str
) -> None:
    with pytest.raises(Refused) as refused:
        await answers(lookups, question(**changes))
    assert refused.value.code == code
    assert "ZZT1234" not in refused.value.detail
    assert supervisor.asked == []


@pytest.mark.parametrize("changes", [{"source": "nowhere"}, {"offer": "x"}, {"source": "gone"}])
async def test_what_nobody_offers_is_not_found(lookups: Lookups, changes: dict[str, Any]) -> None:
    with pytest.raises(NotFound):
        await answers(lookups, question(**changes))


async def test_a_question_that_cannot_be_written_down_is_not_asked(
    lookups: Lookups, supervisor: Supervisor, ledger: Ledger
) -> None:
    ledger.broken = True
    with pytest.raises(RetryLater):
        await answers(lookups, question())
    assert supervisor.asked == []


async def test_a_worker_that_is_not_there_is_told_as_unavailable(
    lookups: Lookups, supervisor: Supervisor
) -> None:
    async def play(request: Any, hear: Any) -> LookupAnswer:
        raise RetryLater("The worker of dmv is not running.")

    supervisor.play = play
    [answer] = await answers(lookups, question())
    assert (answer.status, answer.detail) == ("unavailable", "The worker of dmv is not running.")
    assert answer.code == "retry_later"


async def test_whoever_stops_waiting_ends_the_question_and_the_record_says_so(
    lookups: Lookups, supervisor: Supervisor, ledger: Ledger
) -> None:
    async def play(request: Any, hear: Any) -> LookupAnswer:
        hear(result("1"))
        await asyncio.Event().wait()
        raise AssertionError

    supervisor.play = play
    coming = lookups.ask(question())
    await anext(coming)
    await coming.aclose()
    assert supervisor.ended.is_set()
    assert ledger.rows[-1]["what"] == "abandoned"


async def test_a_flood_of_results_is_cut_and_said_to_be(
    lookups: Lookups, supervisor: Supervisor
) -> None:
    async def play(request: Any, hear: Any) -> LookupAnswer:
        for number in range(MOST_UNREAD + 500):
            hear(result(str(number)))
        return LookupAnswer(request=request.id, status="ok")

    supervisor.play = play
    *found, answer = await answers(lookups, question())
    assert len(found) == MOST_UNREAD
    assert answer.status == "partial"


async def test_what_nobody_is_shown_is_not_handed_on_nor_told_of(
    lookups: Lookups, supervisor: Supervisor, ledger: Ledger
) -> None:
    """Of one plate, that something is left out would say that it was there."""

    async def play(request: Any, hear: Any) -> LookupAnswer:
        for id_ in ("1", "2"):
            hear(result(id_))
        return LookupAnswer(request=request.id, status="ok")

    supervisor.play = play
    lookups._shows = lambda source, found: (source, found.id) != ("dmv", "1")
    found, answer = await answers(lookups, question())
    assert (found.id, answer.status, answer.detail) == ("2", "ok", None)
    assert ledger.rows[-1]["found"] == 1
