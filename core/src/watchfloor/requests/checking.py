"""A request's number against what the connected systems know."""

from __future__ import annotations

from dataclasses import replace

from watchfloor.contracts import PURPOSES, PurposeKind, Refused
from watchfloor.ports.store import KnownBy, Micros, Request

from .numbers import Match, Numbers
from .reviews import HOUR, PROVISIONAL_FOR, RequestRules, with_review


class Checking:
    """Finds numbers for requests, and what about them is for a review."""

    def __init__(self, numbers: Numbers, rules: RequestRules) -> None:
        self._numbers = numbers
        self._rules = rules

    async def tied(self, request: Request, number: str, now: Micros) -> Request:
        """The request with a number given as a call's or a case's, whichever its purpose needs.
        Raises ``Refused`` (codes ``unknown_call``, ``unknown_case``)."""
        kind = PURPOSES[request.purpose]
        if "call" in kind.needs:
            return await self.checked(replace(request, call_number=number), now)
        if "case" in kind.needs or kind.synthetic_only:
            return await self.checked(replace(request, case_number=number), now)
        as_call = replace(request, call_number=number)
        if kind.emergency or await self._numbers.call(number):
            return await self.checked(as_call, now)
        return await self.checked(replace(request, case_number=number), now)

    async def checked(self, request: Request, now: Micros) -> Request:
        """The request with its numbers as their systems write them. An unknown one is refused;
        in an emergency it stands unchecked, and nobody checks invented ones."""
        kind = PURPOSES[request.purpose]
        if kind.synthetic_only:
            return request
        if request.call_number:
            request = _with_call(request, await self._call(request.call_number, kind), now)
        if request.case_number:
            request = _with_case(request, await self.case(request.case_number, kind), now)
        request = await self._over(request, now)
        has_number = request.call_number or request.case_number
        return replace(request, provisional=False, tie_by=None) if has_number else request

    async def again(self, request: Request, now: Micros) -> Request:
        """The same, an hour later: a call may have ended since. A number that is not known any
        more (its data has expired) stays as it was checked."""
        if request.known is None or now - request.known.at < HOUR:
            return request
        return await self._over(replace(request, known=replace(request.known, at=now)), now)

    async def _over(self, request: Request, now: Micros) -> Request:
        call = await self._numbers.call(request.call_number) if request.call_number else None
        case = await self._numbers.case(request.case_number) if request.case_number else None
        if call and now - call.last > self._rules.call_over_hours * HOUR:
            request = with_review(request, "call_over", now)
        return with_review(request, "case_closed", now) if case and case.closed else request

    async def _call(self, number: str, kind: PurposeKind) -> Match | None:
        return _known(await self._numbers.call(number), "call", kind)

    async def case(self, number: str, kind: PurposeKind) -> Match | None:
        """A case of a connected system. Raises ``Refused`` (codes ``unknown_case``,
        ``bad_reference``) but in an emergency, where it stands unchecked."""
        return _known(await self._numbers.case(number), "case", kind)


def _with_call(request: Request, match: Match | None, now: Micros) -> Request:
    if match is None:
        return request
    return replace(request, call_number=match.number, known=KnownBy(match.source, now))


def _with_case(request: Request, match: Match | None, now: Micros) -> Request:
    if match is None:
        return request
    return replace(
        request,
        case_number=match.number,
        known=KnownBy(match.source, now),
        offence=request.offence or match.offence,
    )


def _known(match: Match | None, what: str, kind: PurposeKind) -> Match | None:
    if match or kind.emergency:
        return match
    raise Refused(
        f"No connected system knows this {what} number.",
        code="unknown_call" if what == "call" else "unknown_case",
        remedy="Check how it is written. Where the other system is late, go on with a provisional"
        f" number and tie it to the {what} within {PROVISIONAL_FOR // HOUR} hours.",
    )
