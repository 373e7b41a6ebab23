"""From what the identity provider says to who somebody is here.

The provider's words are claims: standard ones (OpenID Connect Core 1.0, section 5.1), an agency's
own, or user attributes of GFIPM 2.0 (``gfipm:2.0:user:EmployerORI`` ...), by OpenID Connect or by
SAML, where every value is a list of texts. What is unclear gives nothing: two names that
contradict each other are refused, and of two ends of a training the earlier counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NoReturn, Protocol

from watchfloor.contracts import Refused
from watchfloor.ports.store import Micros
from watchfloor.settings_sign_on import SignOnSettings

from .break_glass import is_local_handle
from .handles import handle_taken
from .permissions import Role
from .person import Person, roles_of
from .sessions import LIFE

SECOND = 1_000_000
LONGEST = 200
_LEVEL = re.compile(r"(?<![0-9.])([1-3])$")
_OF_GUESTS = frozenset({Role.PARTNER_AGENCY.value, Role.ANALYST.value})
YES, NO = frozenset({"true", "1"}), frozenset({"false", "0", ""})


class Vouched(Protocol):
    """What a sign-on ends with (``ports.signon.SignedOn``)."""

    @property
    def issuer(self) -> str: ...

    @property
    def subject(self) -> str: ...

    @property
    def claims(self) -> Mapping[str, Any]: ...

    @property
    def acr(self) -> str | None: ...

    @property
    def amr(self) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True)
class Attributes:
    """Somebody, and what is known of them besides what policy decides by."""

    person: Person
    email: str | None
    employer: str | None
    state: str | None
    federation_id: str | None
    """``{Federation}:IDP:{idp}:USER:{id}`` (GFIPM ``FederationId``)."""


def attributes(vouched: Vouched, settings: SignOnSettings, agency: str, now: Micros) -> Attributes:
    """Who it is. ``agency`` is the hub's own.

    Raises ``Refused``: ``no_role`` and ``no_agency`` for who is not known to belong here (the
    remedy names whom to ask), ``handle_taken`` for a handle of the hub's own,
    ``roles_apart`` for roles that nobody has at once, and ``claims_unclear`` for words that
    contradict each other or can't be read, ``low_assurance`` for less than the settings want.
    """
    told = _Told(vouched.claims, settings.contact)
    names = settings.claims
    ori = told.text("ORI", names.ori)
    handle = called(vouched, settings)
    if is_local_handle(handle):
        raise handle_taken()
    of = _agency(ori, settings, agency)
    person = Person(
        id=person_id(vouched.issuer, vouched.subject),
        handle=handle,
        name=_name(told, settings) or handle,
        agency=of,
        roles=roles_of(_roles(told, settings, guest=of != agency)),
        ori=ori,
        sworn=told.yes("sworn indicator", names.sworn),
        certified={
            training: until
            for training, where in names.certifications.items()
            if (until := told.until(training, where, now)) is not None
        },
        identity_assurance=told.level(
            "identity assurance", names.identity_assurance, settings.assurance.identity
        ),
        authenticator_assurance=told.level(
            "authenticator assurance",
            names.authenticator_assurance,
            settings.assurance.authenticator,
        ),
        acr=vouched.acr,
        amr=tuple(vouched.amr),
    )
    return Attributes(
        person,
        email=told.first("address", names.email),
        employer=told.text("employer", names.employer),
        state=told.text("state", names.state),
        federation_id=told.text("federation id", names.federation_id),
    )


def called(vouched: Vouched, settings: SignOnSettings) -> str:
    """How histories would call them. Raises ``Refused`` (``claims_unclear``)."""
    told = _Told(vouched.claims, settings.contact)
    return told.first("name to sign in with", settings.claims.handle) or vouched.subject


def require_two_factors(vouched: Vouched, settings: SignOnSettings) -> None:
    """Raises ``Refused`` (``weak_sign_on``) where one was shown."""
    if not settings.multi_factor.met_by(vouched.acr, vouched.amr):
        raise Refused(
            "The sign-on showed one factor, and two are needed.",
            code="weak_sign_on",
            remedy="Sign in with your second factor; if you have none, ask IT for one.",
        )


def person_id(issuer: str, subject: str) -> str:
    """The two together: neither is enough, and an issuer has no ``#``."""
    return f"{issuer}#{subject}"


class _Told:
    """The claims, read by any of several names."""

    def __init__(self, claims: Mapping[str, Any], contact: str) -> None:
        self._claims = claims
        self._contact = contact

    def first(self, what: str, names: Iterable[str]) -> str | None:
        """The first that is there."""
        return next(iter(self._texts(what, names)), None)

    def text(self, what: str, names: Iterable[str]) -> str | None:
        """The one value that all of them have."""
        found = {*self._texts(what, names)}
        if len(found) > 1:
            self._unclear(what, "contradicts itself")
        return next(iter(found), None)

    def yes(self, what: str, names: Iterable[str]) -> bool:
        """Whether it is said, and not also denied."""
        found = {self._yes(what, value) for value in self._values(names)}
        if len(found) > 1:
            self._unclear(what, "contradicts itself")
        return True in found

    def level(self, what: str, names: Iterable[str], least: int) -> int:
        """Of NIST SP 800-63: 2 is ``2``, ``"2"``, ``"AAL2"``. 0 where none is said, or one that is
        no level. Raises ``Refused`` (``low_assurance``)."""
        found = {_level(value) for value in self._values(names)}
        if len(found) > 1:
            self._unclear(what, "contradicts itself")
        level = next(iter(found), 0)
        if level < least:
            raise Refused(
                f"This hub takes {what} of level {least} at least; your identity provider says"
                f" {level or 'none'}.",
                code="low_assurance",
                remedy=f"Ask {self._contact} how you get it.",
            )
        return level

    def until(self, what: str, names: Iterable[str], now: Micros) -> Micros | None:
        """Until when a training is valid: what is said without an end is said for as long as a
        session lasts, and then said again. ``None`` where it is not held."""
        ends = [self._end(what, value, now) for value in self._values(names)]
        return min(ends) if ends and min(ends) > 0 else None

    def groups(self, names: Iterable[str]) -> list[str]:
        """All of them together."""
        names = tuple(names)
        listed = self._claims.get("_claim_names")
        if isinstance(listed, Mapping) and {*names} & {*listed}:  # section 5.6.2: told elsewhere
            self._unclear("groups", "are too many for the provider to say")
        found = [self._claims[name] for name in names if self._claims.get(name) is not None]
        flat = [one for each in found for one in (each if isinstance(each, list) else [each])]
        if not all(isinstance(one, str) for one in flat):
            self._unclear("groups", "can't be read")
        return flat

    def _values(self, names: Iterable[str]) -> list[Any]:
        found = (self._claims.get(name) for name in names)
        return [_single(value) for value in found if value is not None and value != []]

    def _texts(self, what: str, names: Iterable[str]) -> list[str]:
        values = [value for value in self._values(names) if value != ""]
        for value in values:
            if not isinstance(value, str) or len(value) > LONGEST or not value.isprintable():
                self._unclear(what, "can't be read")
        return values

    def _yes(self, what: str, value: object) -> bool:
        text = str(value).strip().lower()
        if not isinstance(value, bool | str) or text not in YES | NO:
            self._unclear(what, "is neither true nor false")
        return text in YES

    def _end(self, what: str, value: object, now: Micros) -> Micros:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return int(value * SECOND)  # NumericDate (RFC 7519, section 2)
        if str(value).strip().lower() in YES | NO:
            return now + LIFE if self._yes(what, value) else 0
        try:
            return _moment(str(value))
        except ValueError:
            self._unclear(what, "is no date")

    def _unclear(self, what: str, how: str) -> NoReturn:
        raise Refused(
            f"What the identity provider says of your {what} {how}.",
            code="claims_unclear",
            remedy=f"Ask {self._contact} to correct it there.",
        )


def _level(value: object) -> int:
    said = _LEVEL.search(str(value).strip())
    return int(said[1]) if said else 0


def _single(value: Any) -> Any:
    """A list of one is that one: so SAML says all that it says."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _moment(text: str) -> Micros:
    """The end of that day, or that moment (RFC 3339). Raises ``ValueError``."""
    if len(text) == len("2027-03-31"):
        after = date.fromisoformat(text) + timedelta(days=1)
        return int(datetime.combine(after, time(), UTC).timestamp()) * SECOND
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("without a time zone")
    return int(moment.timestamp() * SECOND)


def _name(told: _Told, settings: SignOnSettings) -> str | None:
    names = settings.claims
    whole = told.first("name", names.name)
    parts = told.first("name", names.given_name), told.first("name", names.family_name)
    return whole or " ".join(part for part in parts if part) or None


def _roles(told: _Told, settings: SignOnSettings, *, guest: bool) -> set[str]:
    """Whoever is of another agency asks here or looks for themselves, whatever groups they are in:
    who runs, supervises and audits this hub is of its own."""
    found = {
        settings.roles[group]
        for group in told.groups(settings.claims.groups)
        if group in settings.roles
    }
    if guest:
        found &= _OF_GUESTS
    if not found:
        raise Refused(
            "You are known, and in no group that has a role at this hub.",
            code="no_role",
            remedy=f"Ask {settings.contact} for access.",
        )
    return {*found}


def _agency(ori: str | None, settings: SignOnSettings, own: str) -> str:
    if not settings.agencies:
        return own
    if ori not in settings.agencies:
        raise Refused(
            "You are known, and of no agency that works with this hub.",
            code="no_agency",
            remedy=f"Ask {settings.contact} for access.",
        )
    return settings.agencies[ori]
