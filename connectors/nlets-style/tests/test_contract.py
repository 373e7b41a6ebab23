"""A real worker process asks the relay; states answer late, often, oddly, or not at all."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from watchfloor_nlets_style.connector import NletsStyle
from watchfloor_nlets_style.relay import LONGEST_HOLD_S
from watchfloor_nlets_style_simulator import Licensed, Manner, NletsStyleSimulator, Registered
from watchfloor_nlets_style_simulator.simulator import confirm, question
from watchfloor_sdk.client import STEP_S
from watchfloor_sdk.testing import Fault, check_manifest, run_actions, run_lookups

CONNECTOR = "nlets-style"
SEVERAL = {"states": ["KS", "MO", "NE", "IA", "OK"], "reason_code": "F"}


def plate(id: str = "q-1", subject: str = "ZZT0003", **more: Any) -> Any:
    more.setdefault("filters", {"states": ["KS", "MO"], "reason_code": "F"})
    return question(id, "registration", "plate", subject, **more)


async def ask(vendor: NletsStyleSimulator, *questions: Any) -> Any:
    return await run_lookups(CONNECTOR, vendor, questions, happenings=vendor.demo())


def outcomes(answer: Any) -> dict[str, str]:
    return {result.data["state"]: result.data["outcome"] for result in answer.results}


async def test_each_state_answers_for_itself_and_what_it_has_not_is_said() -> None:
    vendor = NletsStyleSimulator()
    [answer] = await ask(vendor, plate(filters={**SEVERAL, "states": ["KS", "MO", "NE"]}))
    assert (answer.status, answer.detail) == ("ok", None)
    assert outcomes(answer) == {"KS": "record", "MO": "record", "NE": "no_record"}
    by_state = {result.data["state"]: result for result in answer.results}
    assert by_state["KS"].data["fields"]["VMA"] == ["SIM"]
    assert by_state["MO"].data["fields"]["VCO"] == ["BR0"]
    assert by_state["MO"].data["text"].startswith("RR.MO.KSSIM0000.*W")
    assert {result.handling for result in answer.results} == {"cji"}
    assert not any("EXAMPLE" in result.title for result in answer.results)


async def test_the_six_outcomes_are_told_apart_and_the_answer_is_said_not_to_be_whole() -> None:
    vendor = NletsStyleSimulator()
    vendor.manners = {
        "MO": Manner("file down"), "NE": Manner("unavailable"), "IA": Manner("silent"),
        "OK": Manner("refuses"),
    }  # fmt: skip
    six = [plate(filters=SEVERAL, deadline_s=5.0)]
    six.append(plate("q-2", "ZZT9999", filters={"reason_code": "F"}))
    first, second = await ask(vendor, *six)
    assert outcomes(first) == {
        "KS": "record", "MO": "file_unavailable", "NE": "unavailable", "IA": "timeout",
        "OK": "refused",
    }  # fmt: skip
    assert first.status == "partial"
    assert "IA: timeout" in first.detail
    assert "KS" not in first.detail
    assert (outcomes(second), second.status) == ({"KS": "no_record"}, "ok")


@pytest.mark.parametrize(
    ("mood", "status"),
    [
        ("file down", "unavailable"), ("unavailable", "unavailable"), ("silent", "timed_out"),
        ("refuses", "denied"),
    ],
)  # fmt: skip
async def test_where_nobody_looked_it_up_that_is_no_empty_answer(mood: str, status: str) -> None:
    vendor = NletsStyleSimulator()
    vendor.manners = {"KS": Manner(mood), "MO": Manner(mood)}
    patience = 4.0 if status == "timed_out" else 30.0
    [answer] = await ask(vendor, plate(deadline_s=patience))
    assert answer.status == status
    assert len(answer.results) == 2
    assert not {"record", "no_record"} & set(outcomes(answer).values())


def test_a_held_call_ends_before_the_client_takes_it_for_a_silent_relay() -> None:
    """Else it is asked again, past the question's own deadline, and nobody tells who was silent."""
    assert STEP_S > LONGEST_HOLD_S


async def test_answers_come_in_any_order_several_and_repeated() -> None:
    vendor = NletsStyleSimulator()
    vendor.manners = {"KS": Manner("twice", after_s=0.4), "MO": Manner(more_after_s=0.2)}
    second = Registered("MO", "ZZT0003", "SIMVIN00000009004")
    vendor.feed(second)
    [answer] = await ask(vendor, plate())
    assert [result.data["state"] for result in answer.results] == ["MO", "MO", "KS"]
    assert answer.status == "ok"
    assert len({result.id for result in answer.results}) == 3


async def test_an_answer_to_somebody_elses_question_is_not_shown_and_said() -> None:
    vendor = NletsStyleSimulator()
    vendor.manners = {"MO": Manner("strays")}
    [answer] = await ask(vendor, plate())
    assert outcomes(answer) == {"KS": "record", "MO": "record"}
    assert answer.status == "partial"
    assert b"ZZOTHER" not in msgspec.json.encode(answer)


async def test_words_that_nobody_published_are_for_a_person_to_read() -> None:
    vendor = NletsStyleSimulator()
    vendor.manners = {"MO": Manner("own words")}
    [answer] = await ask(vendor, plate())
    [own] = [result for result in answer.results if result.data["state"] == "MO"]
    assert own.data["outcome"] == "record"
    assert own.title == "MO: an answer in words of its own, to be read"
    assert own.data["text"] == "DEPT OF SIMULATION - SEE ATTACHED FORM 12"


async def test_a_region_is_whole_when_each_of_its_states_has_answered() -> None:
    vendor = NletsStyleSimulator()
    [answer] = await ask(vendor, plate(filters={"states": ["Z1"], "reason_code": "F"}))
    assert outcomes(answer) == {"KS": "record", "MO": "record", "NE": "no_record"}
    [message] = vendor.ledger.values()
    assert (message["key"], message["to"]) == ("RQG", ["Z1"])


async def test_purpose_case_and_requester_go_with_every_question_and_nothing_stays_behind() -> None:
    vendor = NletsStyleSimulator()
    history = {"reason_code": "F", "pur": "C"}
    person = {"reason_code": "F", "born": "1990-01-01", "sex": "M", "image": True}
    answers = await ask(
        vendor,
        plate(),
        question("q-2", "driver-licence", "person", "Example, Sam", filters=person),
        question("q-3", "driver-history", "person", "SIM0001", filters=history),
        question("q-4", "hot-list-check", "plate", "ZZT-OOO3", code="criminal-justice"),
    )
    assert [answer.status for answer in answers] == ["ok"] * 4
    assert [outcomes(answer) for answer in answers[1:]] == [
        {"KS": "record"}, {"KS": "record"}, {"NCIC": "record"},
    ]  # fmt: skip
    for message in vendor.ledger.values():
        assert message["purpose"]["case_number"] == "SIM-26-000123"
        assert message["purpose"]["requester"] == "casey"
        assert message["purpose"]["requester_name"] == "Casey Analyst"
        assert message["purpose"]["ori"] == message["ori"]
        assert message["text"].startswith(f"{message['key']}.KSSIM0000.")
    texts = {message["key"]: message["text"] for message in vendor.ledger.values()}
    assert texts["DQ"].endswith("TXTNAM/EXAMPLE,SAM.DOB/19900101.SEX/M.IMQ/Y.RSN/F")
    assert texts["KQ"].endswith("TXTOLN/SIM0001.PUR/C.RSN/F.ATN/CASEYANALYST")
    assert vendor.held == {}


async def test_a_hit_is_a_lead_and_o_is_0() -> None:
    vendor = NletsStyleSimulator()
    check = question("q-1", "hot-list-check", "plate", "zzt-ooo3", code="criminal-justice")
    abroad = msgspec.structs.replace(check, id="q-2", filters={"state": "MO"})
    answer, of_another_state = await ask(vendor, check, abroad)
    [hit] = answer.results
    assert of_another_state.results[0].data["as_asked"] is False
    assert hit.title.startswith("NCIC: Lead, to be confirmed: STOLEN VEHICLE")
    assert hit.data["as_asked"] is True
    assert "confirm the hit" in hit.data["lead"]


async def test_confirmation_is_asked_for_once_and_read_afterwards() -> None:
    vendor = NletsStyleSimulator()
    [receipt] = await run_actions(CONNECTOR, vendor, [confirm("k-1")], happenings=vendor.demo())
    assert receipt.outcome == "done"
    [(control, message)] = vendor.ledger.items()
    assert (receipt.reference, message["key"]) == (control, "YQ")
    reading = question(
        "q-1", "hit-confirmation", "plate", "ZZT0003", code="criminal-justice",
        filters={"reference": control},
    )  # fmt: skip
    another = msgspec.structs.replace(reading, id="q-2", subject="ZZT0001")
    unknown = msgspec.structs.replace(reading, id="q-3", filters={"reference": "WAAAAAAAAA"})
    answers = await run_lookups(CONNECTOR, vendor, [reading, another, unknown])
    assert [answer.status for answer in answers] == ["ok", "denied", "unavailable"]
    assert answers[0].results[0].data["text"].endswith("THE RECORD IS ACTIVE AND CONFIRMED")
    readers = vendor.held[control].readers.values()
    assert {one["case_number"] for one in readers} == {"SIM-26-000123"}


@pytest.mark.parametrize(
    ("priority", "minutes", "overdue"), [("U", 9, False), ("U", 11, True), ("R", 11, False)]
)
async def test_a_confirmation_that_does_not_come_is_never_taken_for_one(
    priority: str, minutes: int, overdue: bool
) -> None:
    vendor = NletsStyleSimulator()
    vendor.manners = {"MOSIM0001": Manner("silent")}
    [receipt] = await run_actions(CONNECTOR, vendor, [confirm("k-1", priority=priority)])
    vendor.age(receipt.reference or "", timedelta(minutes=minutes))
    reading = question(
        "q-1", "hit-confirmation", "plate", "ZZT0003", code="criminal-justice", deadline_s=4.0,
        filters={"reference": receipt.reference},
    )  # fmt: skip
    [answer] = await run_lookups(CONNECTOR, vendor, [reading])
    assert answer.status == "partial"
    assert [result.data["outcome"] for result in answer.results] == ["timeout"] * overdue
    assert ("not confirmed" in (answer.detail or "")) is overdue


async def test_a_relay_that_fails_on_the_way_takes_nothing_back() -> None:
    vendor = NletsStyleSimulator()
    vendor.manners = {"MO": Manner(after_s=30.0)}
    vendor.faults.add(Fault.status(503), path="/messages", after=2, times=9)
    [answer] = await ask(vendor, plate(deadline_s=8.0))
    assert outcomes(answer) == {"KS": "record", "MO": "unavailable"}
    assert answer.status == "partial"


async def test_what_the_switch_refuses_is_denied() -> None:
    vendor = NletsStyleSimulator()
    answers = await run_lookups(CONNECTOR, vendor, [plate()], config={"ori": "MOSIM0009"})
    assert [(answer.status, answer.results) for answer in answers] == [("denied", [])]


async def test_the_demo_runs() -> None:
    vendor = NletsStyleSimulator()
    vendor.feed(Licensed("KS", "SIM0002", "EXAMPLE,KIM", "19850505", "F"))
    requests = vendor.demo_requests()
    assert next(requests).action == "confirm-hit"
    answers = await ask(vendor, *(next(requests) for _ in range(4)))
    assert [answer.status for answer in answers] == ["ok"] * 4


def test_the_manifest_fits_its_schema_and_the_settings() -> None:
    check_manifest(NletsStyle)
