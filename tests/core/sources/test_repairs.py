"""Known faults appear by name with the fix beside them; what passes by itself does not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from watchfloor.contracts import micros
from watchfloor.sources import SourceGap, SourceView, repairs
from watchfloor.sources.repairs import FAULTS

NOW = micros("2026-05-02T21:14:07Z")


def source(**changes: Any) -> SourceView:
    given = {
        "id": "lpr", "connector": "lpr-rest", "version": "0.1.0", "name": "Readers", "config": {},
        "enabled": True, "synthetic": True, "state": "running", "since": "2026-05-02T20:00:00Z",
        "last_event": None, "events_total": 0, "duplicates_total": 0, "dead_total": 0,
        "rate_per_min": [], "cadence_s": 5.0, "assured_until": None, "gaps_24h": [],
    }  # fmt: skip
    return SourceView(**{**given, **changes})


def found(*sources: SourceView) -> list[tuple[str, str, str]]:
    return [(each.source, each.fault, each.step) for each in repairs(sources, NOW)]


@pytest.mark.parametrize(
    ("code", "fault", "step"),
    [
        ("vendor_refused", "The vendor refuses the credential", "set_credential"),
        ("credential_missing", "A credential is not set", "set_credential"),
        ("host_not_allowed", "Host not allowed", "change_settings"),
        ("token_quota", "Quota used up", "wait"),
        ("schema_drift", "The vendor's records have changed", "change_connector"),
        ("impact_not_approved", "Waits for approval", "approve"),
        ("revoked", "The connector must not run", "change_connector"),
        ("something_new", "It needs attention", "check"),
    ],
)
def test_a_fault_has_a_name_and_its_fix(code: str, fault: str, step: str) -> None:
    ill = source(state="needs_attention", code=code, reason="Why.", remedy="Do this.")
    [repair] = repairs([ill], NOW)
    assert (repair.fault, repair.step) == (fault, step)
    assert (repair.detail, repair.remedy, repair.since) == ("Why.", "Do this.", ill.since)


def test_a_crash_loop_is_named_whatever_its_code() -> None:
    assert found(source(state="crash_loop", code="exited")) == [
        ("lpr", "It keeps ending", "read_log")
    ]


def test_a_busy_vendor_is_no_repair_until_it_lasts() -> None:
    busy = {"state": "degraded", "code": "rate_limited"}
    assert found(source(**busy, since="2026-05-02T21:13:07Z")) == []
    assert found(source(**busy)) == [("lpr", "Quota used up", "wait")]


def test_a_silent_feed_is_one_whose_gap_is_open_while_it_seems_to_run() -> None:
    gap = SourceGap("2026-05-02T20:30:00Z", None, "No sign of life for three cadences.")
    [repair] = repairs([source(gaps_24h=[gap])], NOW)
    assert (repair.fault, repair.code, repair.since) == ("Silent feed", "silent", gap.start)
    over = SourceGap(gap.start, "2026-05-02T20:40:00Z", gap.reason)
    assert found(source(gaps_24h=[over])) == []
    ill = source(gaps_24h=[gap], state="needs_attention", code="vendor_refused")
    assert [fault for _, fault, _ in found(ill)] == ["The vendor refuses the credential"]


@pytest.mark.parametrize(("skew_s", "words"), [(90.4, "90 s ahead of"), (-7.0, "7 s behind")])
def test_a_clock_that_is_off_is_said_by_how_much(skew_s: float, words: str) -> None:
    [repair] = repairs([source(skew_s=skew_s)], NOW)
    assert (repair.fault, repair.step) == ("The vendor's clock is off", "set_clock")
    assert words in repair.detail
    assert found(source(skew_s=skew_s / 100)) == []


def test_the_oldest_comes_first_and_what_is_switched_off_not_at_all() -> None:
    ill = {"state": "needs_attention", "code": "bad_settings"}
    old = source(id="old", since="2026-05-01T00:00:00Z", **ill)
    off = source(id="off", enabled=False, **ill)
    assert [each for each, _, _ in found(source(**ill), off, old)] == ["old", "lpr"]


def test_every_fault_is_a_code_that_is_documented() -> None:
    page = (Path(__file__).parents[3] / "docs" / "errors.md").read_text("utf-8")
    assert [code for code in FAULTS if f"`{code}`" not in page] == []
