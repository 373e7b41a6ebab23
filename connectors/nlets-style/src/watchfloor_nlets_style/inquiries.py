"""A look-up as messages put it: key, destinations, fields. What must not be asked is refused here.

Message keys, fields and their limits: Nlets support site, pages on RQ, RPQ, RQG, DQ and KQ. The
layout of QV and YQ is not public: their fields are named by the published NCIC vehicle codes, and
how they are put together is ours.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

from watchfloor_sdk import LookupRequest, NotAsked

from .settings import Code, Settings

MERGED = "NL"
"""The destination that merges states' answers."""
HOT_LIST = "NCIC"
Reason = Literal["N", "F", "V", "T", "S", "H", "I"]
_IMAGE_PURPOSES = frozenset({"1", "4"})
"""18 U.S.C. 2721(a)(2): photographs are "highly restricted personal information"."""


class Where(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which states are asked (or one region); the agency's own without."""

    states: Annotated[list[Code], Meta(min_length=1, max_length=5)] | None = None
    reason_code: Reason


class Registration(Where, kw_only=True, forbid_unknown_fields=True):
    """Of a plate or a VIN. ``partial``: part of a plate, of one state."""

    plate_year: Annotated[str, Meta(pattern=r"^(\d{4}|NX)\Z")] | None = None
    plate_type: Annotated[str, Meta(pattern=r"^[A-Z]{2}\Z")] = "PC"
    partial: bool = False


class Licence(Where, kw_only=True, forbid_unknown_fields=True):
    """Of a person by licence number, or by name with birth date and sex."""

    born: Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}\Z")] | None = None
    sex: Literal["M", "F", "X"] | None = None
    image: bool = False


class History(Licence, kw_only=True, forbid_unknown_fields=True):
    """``pur`` is the purpose letter of KQ."""

    pur: Literal["C", "F", "E", "D", "J", "S"]


class HotList(Struct, kw_only=True, forbid_unknown_fields=True):
    """``state`` is the plate's, the agency's own without."""

    state: Annotated[str, Meta(pattern=r"^[A-Z]{2}\Z")] | None = None


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What is asked. ``awaits`` are who is expected to answer; ``niem`` the same question by the
    published NIEM element names, where there are some. ``lead``: what is found is not a ground for
    action."""

    key: str
    to: tuple[str, ...]
    awaits: tuple[str, ...]
    fields: Mapping[str, str]
    niem: Mapping[str, Any] | None = None
    lead: bool = False


def inquiry(request: LookupRequest, settings: Settings, now: datetime) -> Inquiry:
    """The message of a look-up. Raises ``NotAsked``."""
    if not (request.purpose.case_number or "").strip():
        raise NotAsked("Nothing is asked without a case number.", code="purpose_incomplete")
    return _OFFERS[request.offer](request, settings, now)


def _registration(request: LookupRequest, settings: Settings, now: datetime) -> Inquiry:
    asked = _filters(request, Registration)
    to, awaits = _destinations(asked.states, settings)
    if asked.partial and (request.subject_kind != "plate" or to != awaits or len(to) > 1):
        raise NotAsked(
            "Part of a plate is asked of one state, and of no region.",
            code="one_state_only",
            remedy="Name one state.",
        )
    key = "RPQ" if asked.partial else _key("RQ", to, awaits)
    if request.subject_kind == "vehicle":
        fields = {"VIN": _vin(request.subject)}
        return Inquiry(key, to, awaits, {**fields, "RSN": asked.reason_code})
    fields = {
        "LIC": _plate(request.subject),
        "LIY": asked.plate_year or str(now.year),
        "LIT": asked.plate_type,
        "RSN": asked.reason_code,
    }
    return Inquiry(key, to, awaits, fields, None if asked.partial else _niem(fields))


def _licence(request: LookupRequest, settings: Settings, now: datetime) -> Inquiry:
    asked = _filters(request, Licence)
    to, awaits = _destinations(asked.states, settings)
    if asked.image and request.purpose.code not in _IMAGE_PURPOSES:
        raise NotAsked(
            "The photograph is not given for that purpose (18 U.S.C. 2721(a)(2)).",
            code="purpose_not_taken",
            remedy="Ask without the photograph.",
        )
    image = {"IMQ": "Y"} if asked.image else {}
    fields = {**_person(request.subject, asked, now), **image, "RSN": asked.reason_code}
    return Inquiry(_key("DQ", to, awaits), to, awaits, fields)


def _history(request: LookupRequest, settings: Settings, now: datetime) -> Inquiry:
    asked = _filters(request, History)
    to, awaits = _destinations(asked.states, settings)
    if to != awaits or len(to) > 1:
        raise NotAsked(
            "A driver's history is asked of one state.", code="one_state_only",
            remedy="Name one state.",
        )  # fmt: skip
    if asked.image:
        raise NotAsked("A driver's history has no photograph.", code="bad_filters")
    purpose = {
        "PUR": asked.pur,
        "RSN": asked.reason_code,
        "ATN": attention(request.purpose.requester_name or request.purpose.requester),
    }
    return Inquiry("KQ", to, awaits, {**_person(request.subject, asked, now), **purpose})


def _hot_list(request: LookupRequest, settings: Settings, _: datetime) -> Inquiry:
    asked = _filters(request, HotList)
    if request.subject_kind == "vehicle":
        fields = {"VIN": _vin(request.subject)}
    else:
        fields = {"LIC": _plate(request.subject), "LIS": asked.state or settings.home_state}
    return Inquiry("QV", (HOT_LIST,), (HOT_LIST,), fields, lead=True)


_OFFERS: Mapping[str, Callable[[LookupRequest, Settings, datetime], Inquiry]] = {
    "registration": _registration,
    "driver-licence": _licence,
    "driver-history": _history,
    "hot-list-check": _hot_list,
}

F = TypeVar("F")


def _filters(request: LookupRequest, kind: type[F]) -> F:
    try:
        return msgspec.convert(request.filters, kind)
    except msgspec.ValidationError as error:
        raise NotAsked(
            f"The question's details do not fit: {str(error).rpartition(' - at ')[2]}.",
            code="bad_filters",
            remedy="Compare them with what the look-up's declaration takes.",
        ) from None


def _destinations(
    states: list[str] | None, settings: Settings
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Whom the message goes to, and who will answer."""
    to = tuple(dict.fromkeys(states or [settings.home_state]))
    regions = settings.states_of
    if MERGED in to:
        raise NotAsked(
            "The merged answer of many states hides who had no record and who did not answer.",
            code="merged_answers",
            remedy="Name up to five states, or a region.",
        )
    if not any(code in regions for code in to):
        return to, to
    if len(to) > 1:
        raise NotAsked(
            "A region is asked alone.", code="one_region_only", remedy="Name states, or one region."
        )
    return to, regions[to[0]]


def _key(key: str, to: tuple[str, ...], awaits: tuple[str, ...]) -> str:
    return key if to == awaits else f"{key}G"


def _plate(subject: str) -> str:
    return _told(re.sub(r"[\s-]", "", subject.upper()), r"[A-Z0-9]{1,10}", "a plate")


def _vin(subject: str) -> str:
    return _told(re.sub(r"[\s-]", "", subject.upper()), r"[A-Z0-9]{5,20}", "a VIN")


def _person(subject: str, asked: Licence, now: datetime) -> dict[str, str]:
    """``LAST, FIRST`` with birth date and sex, or else a licence number of up to 20 characters."""
    if "," not in subject:
        return {"OLN": _told(re.sub(r"[\s-]", "", subject.upper()), r"[A-Z0-9]{1,20}", "a licence")}
    name = re.sub(r"[^A-Z,]", "", subject.upper())
    if asked.born is None or asked.sex is None or asked.born >= now.date().isoformat():
        raise NotAsked(
            "By name a licence is asked with birth date and sex.",
            code="subject_unreadable",
            remedy="Give both, or the licence number.",
        )
    born = asked.born.replace("-", "")
    return {"NAM": _told(name, r"[A-Z]+,[A-Z]+", "a name"), "DOB": born, "SEX": asked.sex}


def _told(text: str, form: str, what: str) -> str:
    if not re.fullmatch(form, text):
        raise NotAsked(
            f"That is not {what} as the switch takes it: letters and digits only.",
            code="subject_unreadable",
            remedy="Plates have up to 10 of them, licences up to 20; names are LAST, FIRST.",
        )
    return text


def attention(requester: str) -> str:
    """``ATN``: who asks, up to 30 characters; a period would end the field."""
    return re.sub(r"[^A-Z0-9]", "", requester.upper())[:30] or "UNKNOWN"


def _niem(fields: Mapping[str, str]) -> dict[str, Any]:
    """The plate's question by the element names that are published for it."""
    return {
        "n2:NLETSInquiryData": {
            "n2:ReasonCode": fields["RSN"],
            "nc:Vehicle": {
                "nc:ConveyanceRegistrationPlateIdentification": {
                    "nc:IdentificationID": fields["LIC"],
                    "nc:IdentificationCategoryText": fields["LIT"],
                    "nc:IdentificationExpirationDate": fields["LIY"],
                }
            },
        }
    }
