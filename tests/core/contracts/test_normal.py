"""Normal forms: equal things meet, and normalising twice changes nothing."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.contracts.normal import (
    normal_address,
    normal_number,
    normal_phone,
    normal_plate,
    visible,
)

STREETS = st.sampled_from(["Main Street", "5th Avenue", "N Oak Blvd.", "MLK", "Rue d'Été", "42"])


@pytest.mark.parametrize(
    ("text", "plate"),
    [
        ("ZZT1234", "ZZT1234"), ("zzt-1234", "ZZT1234"), (" ZZT 12 34 ", "ZZT1234"),
        ("zzt·1234\n", "ZZT1234"), ("---", ""), ("", ""), ("ZZÖ1", "ZZ1"), ("zz٣1", "ZZ1"),
    ],
)  # fmt: skip
def test_plate(text: str, plate: str) -> None:
    assert normal_plate(text) == plate


@given(st.text())
def test_plate_is_capitals_and_digits_and_settled(text: str) -> None:
    plate = normal_plate(text)
    assert set(plate) <= set(string.ascii_uppercase + string.digits)
    assert normal_plate(plate) == plate


@given(
    st.text(alphabet=string.ascii_letters + string.digits), st.text(alphabet=" -.·_", max_size=3)
)
def test_plate_does_not_mind_case_and_marks(text: str, mark: str) -> None:
    assert normal_plate(mark.join(text.lower())) == normal_plate(text)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("030XX Oliver White Ave", "030XX OLIVER WHITE AVE"),
        ("030xx  oliver white avenue", "030XX OLIVER WHITE AVE"),
        ("100 N. Main St.", "100 N MAIN ST"),
        ("100 North Main Street, ", "100 N MAIN ST"),
        ("Main Street & 5th Avenue", "5TH AVE & MAIN ST"),
        ("5th ave / main st", "5TH AVE & MAIN ST"),
        ("5TH AVE and MAIN ST", "5TH AVE & MAIN ST"),
        ("Main St @ 5th Ave", "5TH AVE & MAIN ST"),
        ("12 1/2 Main St", "12 1/2 MAIN ST"),
        ("Grand Ave", "GRAND AVE"),
        ("Sandy Ln & Andover Rd", "ANDOVER RD & SANDY LN"),
        ("& Main St", "MAIN ST"), (" . , ", ""), ("", ""), ("AND", ""),
    ],
)  # fmt: skip
def test_address(text: str, address: str) -> None:
    assert normal_address(text) == address


@pytest.mark.parametrize("unseen", ["\u200b", "\u00ad", "\ufeff", "\u2060", "\u202e", "\U000e0041"])
def test_what_nobody_sees_makes_no_difference(unseen: str) -> None:
    address, number = "100 N Main St & 5th Ave", "Z-00007-26"
    assert normal_address(unseen.join(address)) == normal_address(address)
    assert normal_number(unseen.join(number)) == normal_number(number)
    assert visible(unseen.join("Zoë")) == "Zoë"


@given(st.text() | st.lists(STREETS).map(" & ".join))
def test_address_is_settled(text: str) -> None:
    assert normal_address(normal_address(text)) == normal_address(text)


@given(
    st.lists(STREETS, min_size=2, max_size=3), st.sampled_from([" & ", " / ", " AND ", "@", "&"])
)
def test_an_intersection_does_not_mind_the_order_or_the_sign(streets: list[str], sign: str) -> None:
    turned = " & ".join(reversed(streets))
    assert normal_address(sign.join(streets)) == normal_address(turned)


@given(st.text(alphabet=string.ascii_letters + string.digits + " .,&/@"))
def test_address_does_not_mind_case_and_spaces(text: str) -> None:
    assert normal_address(f"  {text.lower()}\t") == normal_address(text)


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("+1 (555) 010-0142", "5550100142"), ("1-555-010-0142", "5550100142"),
        ("tel:+15550100142", "5550100142"), ("5550100142", "5550100142"),
        ("010-0142", "0100142"), ("1234567", "1234567"), ("+44 20 7946 0018", "442079460018"),
        ("unknown", ""), ("", ""), ("٥٥٥", ""),
    ],
)  # fmt: skip
def test_phone(text: str, phone: str) -> None:
    assert normal_phone(text) == phone


@given(st.text(alphabet=st.characters() | st.sampled_from(string.digits)))
def test_phone_is_digits_and_settled(text: str) -> None:
    phone = normal_phone(text)
    assert set(phone) <= set(string.digits)
    assert normal_phone(phone) == phone
