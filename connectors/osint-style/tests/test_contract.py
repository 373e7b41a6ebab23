"""A real worker process searches the simulated service."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from watchfloor_osint_style.connector import OsintStyle
from watchfloor_osint_style.settings import Settings
from watchfloor_osint_style_simulator import CASE, OsintStyleSimulator, question
from watchfloor_sdk import AskAPerson
from watchfloor_sdk.testing import Fault, check_manifest, run_lookups, simulated

CONNECTOR = "osint-style"


async def ask(vendor: OsintStyleSimulator, *questions: Any, **config: Any) -> Any:
    return await run_lookups(CONNECTOR, vendor, questions, happenings=vendor.demo(), config=config)


async def test_what_is_found_says_who_may_have_it_and_what_for() -> None:
    vendor = OsintStyleSimulator()
    everything = ["name", "address", "phone", "relationship"]
    [answer] = await ask(vendor, question("q-1", "person", "Example, Sam", fields=everything))
    assert answer.status == "ok"
    by_type = {one.data["record_type"]: one for one in answer.results}
    assert set(by_type) == {"name", "address", "phone", "relative"}
    address = by_type["address"]
    assert address.title == "address: 1 Example St, Simville KS 00000"
    assert address.data["restrictions"] == ["glba"]
    assert address.data["leaves_agency"] is False
    assert address.confidence == 0.82
    assert {one.data["fcra_use"] for one in answer.results} == {False}
    [search] = vendor.ledger.values()
    assert search["purpose"] == {
        "code": "witness", "caseNumber": CASE, "reason": "To find a witness of the burglary",
        "requester": "casey", "requesterName": "Casey Analyst", "agency": "Example City PD",
        "ori": "ZZ0000000", "fcra": "none", "dppa": "1", "glba": "5",
    }  # fmt: skip


async def test_an_address_and_a_phone_number_lead_to_the_same_person() -> None:
    vendor = OsintStyleSimulator()
    answers = await ask(
        vendor,
        question("q-1", "address", "1 Example St", zip="00000", fields=["name"]),
        question("q-2", "phone", "+1 (555) 555-0100", fields=["name"]),
    )
    assert [[one.data["value"] for one in answer.results] for answer in answers] == [
        ["Sam Example"], ["Sam Example"],
    ]  # fmt: skip


async def test_a_token_serves_one_purpose_and_is_kept_for_it() -> None:
    vendor = OsintStyleSimulator()
    sam = "Example, Sam"
    answers = await ask(
        vendor,
        question("q-1", "person", sam),
        question("q-2", "person", sam, dppa="4"),
        question("q-3", "person", sam),
        question("q-4", "person", sam, dppa="none", glba="none"),
    )
    assert [answer.status for answer in answers] == ["ok", "ok", "ok", "partial"]
    assert list(vendor.tokens.values()) == [
        {"dppa": "1", "glba": "5"},
        {"dppa": "4", "glba": "5"},
        {"dppa": "none", "glba": "otheruse"},
    ]
    # Without a purpose under the law, what is restricted by it is left out, and that is said.
    assert [one.data["record_type"] for one in answers[3].results] == ["name"]
    assert "2 of a kind or under a law" in answers[3].detail


async def test_nothing_found_is_billed_and_said() -> None:
    vendor = OsintStyleSimulator()
    [answer] = await ask(vendor, question("q-1", "person", "Nobody, Nick"))
    [nothing] = answer.results
    assert answer.status == "ok"
    assert (nothing.data["outcome"], nothing.data["billed"]) == ("no_record", True)
    assert vendor.billed == 1


async def test_a_common_name_must_be_narrowed() -> None:
    vendor = OsintStyleSimulator()
    wide, narrow = await ask(
        vendor,
        question("q-1", "person", "Common, Kim"),
        question("q-2", "person", "Common, Kim", born="1990-01-01"),
    )
    assert (wide.status, wide.results, wide.asked) == ("denied", [], True)
    assert wide.detail == (
        "Too many candidates (1000): narrow the search. It is billed. "
        "Add a birth date, a city or a ZIP code."
    )
    assert len(narrow.results) == 3


async def test_a_service_that_says_no_has_not_found_nothing() -> None:
    vendor = OsintStyleSimulator()
    vendor.deny()
    [answer] = await ask(vendor, question("q-1", "person", "Example, Sam"))
    assert (answer.status, answer.results) == ("denied", [])
    assert answer.detail == "The service refuses: contract ended."


async def test_the_dead_the_blocked_and_what_nobody_asked_for() -> None:
    vendor = OsintStyleSimulator()
    dead, blocked, odd = await ask(
        vendor,
        question("q-1", "person", "Late, Alex"),
        question("q-2", "person", "Hidden, Robin"),
        question("q-3", "person", "Odd, Chris"),
    )
    assert [one.data["deceased"] for one in dead.results] == [True, False, False]
    assert "deceased" in dead.results[0].title
    assert [one.data["outcome"] for one in blocked.results] == ["blocked"]
    assert blocked.status == "partial"
    assert odd.status == "partial"
    assert b"Simulated Party" not in msgspec.json.encode(odd)


async def test_what_must_not_be_asked_never_reaches_the_service_and_is_not_billed() -> None:
    vendor = OsintStyleSimulator()
    sam = "Example, Sam"
    answers = await ask(
        vendor,
        question("q-1", "person", sam, case_number=None),
        question("q-2", "person", sam, case_number="X-1"),
        question("q-3", "person", sam, reason="Attends the mosque on Example St"),
        question("q-4", "person", sam, dppa="12"),
        question("q-5", "person", sam, fields=["political"]),
        question("q-6", "person", "members of a party"),
    )
    assert [answer.status for answer in answers] == ["denied"] * 6
    assert not any(answer.asked for answer in answers)
    assert (vendor.billed, dict(vendor.requests)) == (0, {})


async def test_a_busy_service_is_waited_for_and_a_broken_one_not_asked_twice() -> None:
    """A search that failed may have been billed: it is not repeated."""
    vendor = OsintStyleSimulator()
    vendor.faults.add(Fault.status(429, retry_after=1), path="/search")
    vendor.faults.add(Fault.status(500), path="/search", after=1)
    answers = await ask(
        vendor,
        question("q-1", "person", "Example, Sam"), question("q-2", "person", "Late, Alex"),
    )  # fmt: skip
    assert [answer.status for answer in answers] == ["ok", "unavailable"]
    assert vendor.requests["/search"] == 3


async def test_the_service_refuses_no_purpose_and_anothers_token() -> None:
    vendor = OsintStyleSimulator()
    async with simulated(vendor, Settings) as ctx:
        connector = OsintStyle()
        assert [finding.ok for finding in await connector.check(ctx)] == [True]
        [token] = vendor.tokens
        headers = {"authorization": token}
        with pytest.raises(AskAPerson, match="403"):
            await ctx.http.post("/search", json={}, headers=headers)
        nobody = {"caseNumber": CASE, "dppa": "1", "glba": "5"}
        with pytest.raises(AskAPerson, match="403"):
            await ctx.http.post("/search", json={"purpose": nobody}, headers=headers)
        somebody = {"requester": "casey", "agency": "Example City PD"}
        another = {"purpose": {**nobody, **somebody, "dppa": "4"}}
        with pytest.raises(AskAPerson, match="401"):
            await ctx.http.post("/search", json=another, headers=headers)


def test_the_manifest_fits_its_schema_and_the_settings() -> None:
    check_manifest(OsintStyle)
