"""What the service found, with who may have it. How its answers are laid out is not public: ours.

``fcra_use`` is false with everything that is found: it is no consumer report, and must not be used
for credit, employment, tenancy or insurance. Restricted records never leave the agency.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from watchfloor_sdk import Incomplete, LookupResult, Refused

from .purposes import Permitted

if TYPE_CHECKING:
    from watchfloor_sdk import Context

    from .settings import Settings

KINDS = frozenset({
    "name", "address", "phone", "email", "property", "vehicle", "relative", "associate", "court",
    "license",
})  # fmt: skip
"""Kinds of records that are passed on. All others are left out, whatever the service sends."""


_TOO_MANY = "narrow search"


class Record(Struct, frozen=True):
    """One thing found. ``restrictions`` are the laws under which it may be had."""

    record_type: str
    value: str
    as_of: str
    restrictions: list[str] = []
    first_seen: str | None = None
    last_seen: str | None = None
    confidence: float | None = None
    deceased: bool = False


class Answer(Struct, frozen=True):
    """The answer to a search. ``refused`` says why, and of how many ``candidates``. ``blocked``
    counts records that the service withholds and tells the agency's supervisor of."""

    billed: bool
    result: list[Record] = []
    refused: str | None = None
    candidates: int | None = None
    blocked: int = 0


def raise_refusal(answer: Answer) -> None:
    """Raises ``Refused`` for one that says no."""
    if answer.refused == _TOO_MANY:
        raise Refused(
            f"Too many candidates ({answer.candidates or 'not said how many'}): narrow the search. "
            f"It is {'' if answer.billed else 'not '}billed.",
            code="narrow_search",
            remedy="Add a birth date, a city or a ZIP code.",
        )
    if answer.refused is not None:
        raise Refused(f"The service refuses: {answer.refused[:200]}.", code="denied")


def results(
    ctx: Context[Settings], request: str, answer: Answer, lawful: Permitted, most: int
) -> Iterator[LookupResult]:
    """What may be passed on; one that says so where nothing was found, or a record is blocked.
    Raises ``Incomplete`` last, where something was left out."""
    about = {"billed": answer.billed, "fcra_use": False, "dppa": lawful.dppa, "glba": lawful.glba}
    fit = [one for one in answer.result if _fits(one, lawful)]
    for number, record in enumerate(fit[:most]):
        yield _found(ctx, f"{request}-{number}", record, about)
    if answer.blocked:
        yield ctx.result(
            "A record is blocked by the service: ask your supervisor, who is told of this search.",
            {"outcome": "blocked", **about},
            id=f"{request}-blocked",
        )
    elif not answer.result:
        billed = "billed all the same" if answer.billed else "not billed"
        yield ctx.result(
            f"Nothing found; the search is {billed}.",
            {"outcome": "no_record", **about},
            id=f"{request}-none",
        )
    if left := _left_out(answer, len(fit), most):
        raise Incomplete(left)


def _found(ctx: Context[Settings], id_: str, record: Record, about: dict[str, Any]) -> LookupResult:
    deceased = " (deceased)" if record.deceased else ""
    said = {name: value for name, value in msgspec.to_builtins(record).items() if value is not None}
    restricted = {"leaves_agency": False} if record.restrictions else {}
    return ctx.result(
        f"{record.record_type}: {record.value}{deceased}"[:1024],
        {"outcome": "record", **said, **restricted, **about},
        id=id_,
        confidence=record.confidence if 0 <= (record.confidence or 0) <= 1 else None,
    )


def _fits(record: Record, lawful: Permitted) -> bool:
    return record.record_type in KINDS and lawful.covers(record.restrictions)


def _left_out(answer: Answer, fit: int, most: int) -> str:
    counts = {
        "of a kind or under a law that this search is not for": len(answer.result) - fit,
        "more than were asked for": max(0, fit - most),
        "blocked by the service": answer.blocked,
    }
    told = ", ".join(f"{count} {why}" for why, count in counts.items() if count)
    return f"Records left out: {told}." if told else ""
