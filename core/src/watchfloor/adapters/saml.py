"""Sign-on by SAML 2.0: the ``SignOn`` port with pysaml2 and the program ``xmlsec1``.

The Web Browser SSO profile (saml-profiles-2.0-os, section 4.1): the request goes by redirect, the
answer comes by a form that the provider's page posts. Signed assertions alone are believed. What
pysaml2 leaves to its user is checked here on the assertion that it verified: audience, recipient,
the request that is answered, how it was signed, and that there is one.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Mapping
from datetime import datetime
from secrets import token_urlsafe
from typing import Any

from watchfloor.contracts import AskAPerson
from watchfloor.ports.signon import Departure, LoggedOut, Pending, Prompt, SignedOn, within_console
from watchfloor.ports.world import Clock
from watchfloor.settings_sign_on import SignOnSettings

from .sign_on_rules import SECOND, Once, misfit, refused, take_answer

LEEWAY_S = 60
"""By how much the provider's clock may differ."""
LONGEST = 256 * 1024
"""Characters of an answer."""
FORMATS = "urn:oasis:names:tc:SAML"
PERSISTENT = f"{FORMATS}:2.0:nameid-format:persistent"
TRANSIENT = f"{FORMATS}:2.0:nameid-format:transient"
"""A name for one session: it says nothing of who comes again."""
BEARER = f"{FORMATS}:2.0:cm:bearer"
SIGNATURES = frozenset(
    f"http://www.w3.org/2001/04/xmldsig-more#{kind}-sha{bits}"
    for kind in ("rsa", "ecdsa")
    for bits in (256, 384, 512)
)
DIGESTS = frozenset({
    "http://www.w3.org/2001/04/xmlenc#sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512",
})  # fmt: skip

logging.getLogger("saml2").setLevel(logging.CRITICAL + 1)  # it logs names, and whole answers


class SamlSignOn:
    """``callback``: the assertion consumer service, exactly as it is registered."""

    def __init__(self, settings: SignOnSettings, clock: Clock, callback: str) -> None:
        self._settings = settings
        self._clock = clock
        self._callback = callback
        self._config = _configured(settings, callback)
        self._once = Once()

    async def begin(
        self, return_to: str, *, max_age_s: int | None = None, prompt: Prompt | None = None
    ) -> Departure:
        """SAML knows no age: whoever shall have shown lately who they are, shows it again."""
        state = token_urlsafe(32)
        again = prompt == "login" or max_age_s is not None
        request, answer = self._client().prepare_for_authenticate(
            entityid=self._settings.issuer,
            relay_state=state,
            nameid_format=PERSISTENT,
            requested_authn_context={"authn_context_class_ref": self._settings.multi_factor.acr},
            force_authn=again,
        )
        pending = Pending(
            state=state,
            secret={"request": request},
            return_to=within_console(return_to),
            begun=self._clock.now(),
            max_age_s=max_age_s,
        )
        return Departure(dict(answer["headers"])["Location"], pending)

    async def finish(self, query: Mapping[str, str], pending: Pending) -> SignedOn:
        """``query`` is the form that the provider's page posted."""
        take_answer(pending, query.get("RelayState", ""), self._once, self._clock.now())
        text, request = query.get("SAMLResponse", ""), pending.secret["request"]
        if not text or len(text) > LONGEST:
            raise refused("The answer holds no assertion, or one that is too long.")
        assertion = await asyncio.to_thread(self._verified, text, request)
        try:
            self._check(assertion, request)
            signed = self._signed_on(assertion)
        except (AttributeError, IndexError, TypeError, ValueError):
            raise refused("The assertion lacks what it must have.") from None
        if pending.max_age_s is not None:
            self._check_age(signed, pending.max_age_s)
        return signed

    async def logged_out(self, logout_token: str) -> LoggedOut:
        """Raises ``Refused``: SAML's way to end sessions goes through browsers, and is not taken.
        The session ends by its own clock, or is ended at the hub."""
        del logout_token
        raise refused("There are no logout tokens in SAML.")

    async def leave_url(self, ticket: str) -> str | None:
        """None: a logout request would have to be signed, and the hub has no key for that."""
        del ticket
        return None

    def _client(self) -> Any:
        """A fresh one each time: pysaml2's keeps what it saw of people."""
        from saml2.client import Saml2Client

        return Saml2Client(config=self._config)

    def _verified(self, text: str, request: str) -> Any:
        """The one assertion, its signature verified. Every complaint of pysaml2 is a refusal: it
        raises its own errors, bare ``Exception`` and what its parser raises."""
        from saml2 import BINDING_HTTP_POST

        try:
            answer = self._client().parse_authn_request_response(
                text, BINDING_HTTP_POST, outstanding={request: "/"}
            )
        except Exception as error:
            raise refused(f"The assertion does not hold ({type(error).__name__}).") from None
        if answer is None or len(answer.assertions) != 1:
            raise refused("The answer does not hold one assertion.")
        return answer.assertions[0]

    def _check(self, assertion: Any, request: str) -> None:
        """Made by that provider, for this hub and this request, signed in a way that holds, and
        not used before."""
        said = assertion.conditions
        audiences = [
            one.text.strip() for part in said.audience_restriction for one in part.audience
        ]
        if assertion.issuer.text.strip() != self._settings.issuer:
            raise refused("The assertion is another provider's.")
        if audiences != [self._settings.client_id]:
            raise refused("The assertion is meant for nobody, or for others, too.")
        for confirmation in assertion.subject.subject_confirmation:
            data = confirmation.subject_confirmation_data
            if (confirmation.method, data.recipient, data.in_response_to) != (
                BEARER, self._callback, request
            ):  # fmt: skip
                raise refused("The assertion answers something else.")
        signed = assertion.signature.signed_info
        digests = {each.digest_method.algorithm for each in signed.reference}
        if signed.signature_method.algorithm not in SIGNATURES or not digests <= DIGESTS:
            raise refused("The assertion is signed in a way that is not allowed.")
        until = _micros(said.not_on_or_after) + LEEWAY_S * SECOND
        self._once.take("assertion", assertion.id, until, self._clock.now())

    def _signed_on(self, assertion: Any) -> SignedOn:
        statement, name = assertion.authn_statement[0], assertion.subject.name_id
        if name.format == TRANSIENT or not name.text:
            raise refused("The provider gives people a new name each time.")
        return SignedOn(
            issuer=self._settings.issuer,
            subject=name.text.strip(),
            sid=statement.session_index,
            claims=_attributes(assertion),
            acr=statement.authn_context.authn_context_class_ref.text.strip(),
            amr=[],
            auth_time=_micros(statement.authn_instant),
            ticket="",
        )

    def _check_age(self, signed: SignedOn, max_age_s: int) -> None:
        oldest = self._clock.now() - (max_age_s + LEEWAY_S) * SECOND
        if signed.auth_time < oldest:
            raise refused("The person signed in longer ago than was asked.")


def _attributes(assertion: Any) -> dict[str, list[str]]:
    """Attribute name to its texts."""
    return {
        attribute.name: [value.text.strip() for value in attribute.attribute_value if value.text]
        for statement in assertion.attribute_statement
        for attribute in statement.attribute
    }


def _micros(text: str) -> int:
    """An instant in UTC (saml-core-2.0-os, section 1.3.3). Raises ``ValueError``."""
    return int(datetime.fromisoformat(text).timestamp() * SECOND)


def _configured(settings: SignOnSettings, callback: str) -> Any:
    """pysaml2's settings. Raises ``AskAPerson`` where what it needs is not there."""
    program = shutil.which("xmlsec1")
    try:
        from saml2 import BINDING_HTTP_POST
        from saml2.config import SPConfig
    except ImportError:
        program = None
    if program is None:
        raise misfit(
            "SAML needs the program xmlsec1, and the hub's extra for it.",
            "Install xmlsec1, and the hub as watchfloor[server,saml].",
        )
    wanted = {
        "entityid": settings.client_id,
        "xmlsec_binary": program,
        "accepted_time_diff": LEEWAY_S,
        "allow_unknown_attributes": True,
        "metadata": {"local": [settings.saml_metadata]},
        "service": {"sp": {
            "endpoints": {"assertion_consumer_service": [(callback, BINDING_HTTP_POST)]},
            "allow_unsolicited": False,
            "authn_requests_signed": False,
            "want_assertions_signed": True,
            "want_response_signed": False,
        }},
    }  # fmt: skip
    try:
        config = SPConfig().load(wanted)
        known = config.metadata.identity_providers()
    except Exception as error:  # its parser raises what it likes
        raise _no_metadata(type(error).__name__) from None
    if known != [settings.issuer]:
        raise _no_metadata("it is not the metadata of the issuer alone")
    return config


def _no_metadata(why: str) -> AskAPerson:
    return misfit(
        f"The provider's metadata can't be used: {why}.",
        "Name the file with the provider's own metadata as saml_metadata in [sign_on].",
    )
