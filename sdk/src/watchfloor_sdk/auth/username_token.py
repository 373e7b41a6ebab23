"""WS-UsernameToken with a password digest, for older ONVIF devices.

OASIS Web Services Security, UsernameToken Profile 1.0: the digest is over nonce, time and password,
and the time must be right by the device's clock. A device whose clock is off refuses; its answer is
dated, so the next try is right. (ONVIF's ``GetSystemDateAndTime`` can be told to ``ctx.skew`` too.)
"""

from __future__ import annotations

import hashlib
import re
import secrets
from base64 import b64encode
from xml.sax.saxutils import escape

from watchfloor.contracts import GiveUp
from watchfloor_sdk.answer import Answer
from watchfloor_sdk.skew import Estimate

from .base import Leased, Outgoing, part

_WSS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss"
_SECURITY = (
    '<wsse:Security xmlns:wsse="{0}-wssecurity-secext-1.0.xsd" '
    'xmlns:wsu="{0}-wssecurity-utility-1.0.xsd"><wsse:UsernameToken>'
    "<wsse:Username>{1}</wsse:Username>"
    '<wsse:Password Type="{0}-username-token-profile-1.0#PasswordDigest">{2}</wsse:Password>'
    '<wsse:Nonce EncodingType="{0}-soap-message-security-1.0#Base64Binary">{3}</wsse:Nonce>'
    "<wsu:Created>{4}</wsu:Created></wsse:UsernameToken></wsse:Security>"
)
_HEADER_END = re.compile(rb"</(?:[\w.-]+:)?Header\s*>")
_BODY = re.compile(rb"<([\w.-]+:)?Body[\s>/]")
_DENIED = (b"NotAuthorized", b"FailedAuthentication")
_CLOCK_S = 1.0
"""A difference that is worth another try."""


class UsernameToken(Leased):
    """``username`` and ``password`` for SOAP calls. The body is an envelope of the connector's own
    making, with a ``Body``."""

    _assumed: Estimate | None = None

    async def apply(self, call: Outgoing) -> None:
        """Put the security header into the envelope."""
        lease = await self.lease(call)
        self._assumed = self._ctx.skew.estimate
        created = self._ctx.skew.theirs(self._ctx.now()).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
        nonce = secrets.token_bytes(16)
        digest = password_digest(nonce, created, part(lease, "password"))
        text = _SECURITY.format(
            _WSS, escape(part(lease, "username")), digest, b64encode(nonce).decode(), created
        )
        call.body = _inserted(call.body, text.encode())

    def refused(self, answer: Answer) -> bool:
        """401, or a fault that says so: devices send those with 400 and 500."""
        fault = answer.status in (400, 500) and any(word in answer.body for word in _DENIED)
        return answer.status == 401 or fault

    async def renew(self, call: Outgoing, answer: Answer) -> bool:
        """Worth it when the device's clock turns out to be another than was assumed."""
        known = self._ctx.skew.estimate
        if known and known.is_skewed and abs(known.seconds - _seconds(self._assumed)) > _CLOCK_S:
            return True
        return await super().renew(call, answer)


def password_digest(nonce: bytes, created: str, password: str) -> str:
    """Base 64 of SHA-1 over nonce, time and password: the profile's, not our choice."""
    whole = nonce + created.encode() + password.encode()
    return b64encode(hashlib.sha1(whole, usedforsecurity=False).digest()).decode()


def _seconds(estimate: Estimate | None) -> float:
    return estimate.seconds if estimate and estimate.is_skewed else 0.0


def _inserted(envelope: bytes, security: bytes) -> bytes:
    end = _HEADER_END.search(envelope)
    if end:
        return envelope[: end.start()] + security + envelope[end.start() :]
    body = _BODY.search(envelope)
    if not body:
        raise GiveUp("The SOAP message has no Body.", code="no_soap_body")
    name = (body[1] or b"") + b"Header"
    header = b"<" + name + b">" + security + b"</" + name + b">"
    return envelope[: body.start()] + header + envelope[body.start() :]
