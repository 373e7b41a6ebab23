"""Messages as they are written and read, and what is refused before anything is sent."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from watchfloor_nlets_style.answers import Message, outcome_of
from watchfloor_nlets_style.inquiries import inquiry
from watchfloor_nlets_style.messages import alike, read, written
from watchfloor_nlets_style.settings import Settings
from watchfloor_nlets_style_simulator.simulator import question
from watchfloor_sdk import Refused

NOW = datetime(2026, 1, 15, tzinfo=UTC)
SETTINGS = Settings(
    base_url="http://127.0.0.1:1", ori="KSSIM0000", home_state="KS", regions=["Z1=KS,MO"]
)


def asked(offer: str, kind: str, subject: str, code: str = "1", **filters: Any) -> Any:
    if offer not in ("hot-list-check",):
        filters.setdefault("reason_code", "F")
    return inquiry(question("q", offer, kind, subject, code=code, filters=filters), SETTINGS, NOW)


def test_a_message_is_laid_out_as_published() -> None:
    fields = {"LIC": "ZZTEST1", "LIY": "2026", "LIT": "PC"}
    text = written("RQ", "KSSIM0000", ["MO"], "SIM0000001", fields)
    assert text == "RQ.KSSIM0000.MO.*SIM0000001*.TXTLIC/ZZTEST1.LIY/2026.LIT/PC"
    again = read(text)
    assert (again.key, again.to, again.control) == ("RQ", ["MO"], "SIM0000001")
    assert again.fields == {"LIC": ["ZZTEST1"], "LIY": ["2026"], "LIT": ["PC"]}


def test_a_plates_question_is_also_told_in_niems_element_names() -> None:
    told = asked("registration", "plate", "zz-test 1", plate_year="NX", plate_type="TK")
    assert dict(told.fields) == {"LIC": "ZZTEST1", "LIY": "NX", "LIT": "TK", "RSN": "F"}
    data = told.niem["n2:NLETSInquiryData"]
    plate = data["nc:Vehicle"]["nc:ConveyanceRegistrationPlateIdentification"]
    assert data["n2:ReasonCode"] == "F"
    assert plate["nc:IdentificationID"] == "ZZTEST1"


def test_without_a_year_it_is_this_years_plate_and_without_a_state_the_own() -> None:
    told = asked("registration", "plate", "ZZTEST1")
    assert (told.fields["LIY"], told.to) == ("2026", ("KS",))


@pytest.mark.parametrize(
    ("offer", "kind", "subject", "code", "filters", "refusal"),
    [
        ("registration", "plate", "ZZT1", "1", {"states": ["NL"]}, "merged_answers"),
        ("registration", "plate", "ZZT1", "1", {"states": ["Z1", "NE"]}, "one_region_only"),
        ("registration", "plate", "ZZT", "1", {"states": ["Z1"], "partial": True},
         "one_state_only"),
        ("registration", "plate", "ZZT", "1", {"states": ["KS", "MO"], "partial": True},
         "one_state_only"),
        ("registration", "plate", "ZZT1", "1", {"states": list("ABCDEF")}, "bad_filters"),
        ("registration", "plate", "ZZT1", "1", {"reason_code": "Z"}, "bad_filters"),
        ("registration", "plate", "ZZT1.VIN/SIM", "1", {}, "subject_unreadable"),
        ("registration", "plate", "ZZT45678901", "1", {}, "subject_unreadable"),
        ("driver-licence", "person", "Example, Sam", "1", {}, "subject_unreadable"),
        ("driver-licence", "person", "Example, Sam", "1", {"born": "2026-02-01", "sex": "M"},
         "subject_unreadable"),
        ("driver-licence", "person", "SIM0001", "7", {"image": True}, "purpose_not_taken"),
        ("driver-history", "person", "SIM0001", "1", {}, "bad_filters"),
        ("driver-history", "person", "SIM0001", "1", {"pur": "C", "states": ["KS", "MO"]},
         "one_state_only"),
    ],
)  # fmt: skip
def test_what_must_not_be_asked_is_refused_without_naming_the_subject(
    offer: str, kind: str, subject: str, code: str, filters: dict[str, Any], refusal: str
) -> None:
    with pytest.raises(Refused) as refused:
        asked(offer, kind, subject, code, **filters)
    assert refused.value.code == refusal
    assert subject not in refused.value.detail


def test_without_a_case_nothing_is_asked() -> None:
    request = question("q", "registration", "plate", "ZZT1", filters={"reason_code": "F"})
    request.purpose.case_number = " "
    with pytest.raises(Refused):
        inquiry(request, SETTINGS, NOW)


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("RR.MO.KSSIM0000.*W1*.TXTNOT ON FILE", "no_record"),
        ("not on\r\n file LIC/ZZT1 LIT/PC", "no_record"),
        ("FILE NOT AVAILABLE. LIC/ZZT1 NOT ON FILE", "file_unavailable"),
        ("TEMPORARILY\nUNAVAILABLE", "unavailable"),
        ("TITLE NOT ON FILE VMA/SIM VYR/2015", "record"),
        ("LIEN RELEASED", "record"),
        ("RR.MO.KSSIM0000.*W1*.TXT ", "unavailable"),
    ],
)
def test_nothing_on_file_is_told_from_nobody_looked(text: str, outcome: str) -> None:
    """What is not certainly "nothing" is for a person to read."""
    message = Message(number=1, sender="MO", received="2026-01-15T03:04:07Z", text=text)
    fields = {"LIC": "ZZT1", "LIY": "2026", "LIT": "PC"}
    assert outcome_of(message, fields)[0] == outcome


def test_several_records_in_one_answer_keep_all_their_values() -> None:
    told = read("LIC/ZZT1 VMA/SIM\nLIC/ZZT2.VMA/SIN.XYZ/7.NAM/EXAMPLE, SAM")
    assert told.fields == {
        "LIC": ["ZZT1", "ZZT2"], "VMA": ["SIM", "SIN"], "NAM": ["EXAMPLE, SAM"],
    }  # fmt: skip


@pytest.mark.parametrize(("one", "other"), [("ZZT0O0", "zzt-ooo"), ("BR0", "BRO")])
def test_o_is_0(one: str, other: str) -> None:
    assert alike(one, other)
    assert not alike(one, other + "1")
