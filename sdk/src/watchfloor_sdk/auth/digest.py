"""HTTP Digest (RFC 7616, with MD5 and SHA-256), as cameras want it."""

from __future__ import annotations

from collections.abc import Mapping

import httpx2

from watchfloor.contracts import AskAPerson
from watchfloor_sdk.answer import Answer

from .base import Leased, Outgoing, part


class Digest(Leased):
    """``username`` and ``password``, never sent as they are.

    The first call goes without a proof; the device's challenge then serves until it wants another.
    """

    _flow: httpx2.DigestAuth | None = None
    _made_with: Mapping[str, str] = {}
    _challenge: str | None = None
    _served = False

    def refused(self, answer: Answer) -> bool:
        """401; anything else means that the challenge was answered well."""
        self._served = self._served or answer.status != 401
        return answer.status == 401

    async def apply(self, call: Outgoing) -> None:
        """Answer the challenge that is known, if there is one."""
        lease = await self.lease(call)
        if self._flow is None or lease != self._made_with:
            self._flow = httpx2.DigestAuth(part(lease, "username"), part(lease, "password"))
            self._made_with = lease
        request = httpx2.Request(call.method, call.url)
        try:
            self._answer(self._flow, request)
        except (httpx2.ProtocolError, NotImplementedError, ValueError):
            raise AskAPerson(
                "The device asks for a form of HTTP Digest that nobody here speaks.",
                code="digest_unknown",
                remedy="Set the device to Digest with MD5 or SHA-256, quality of protection auth.",
            ) from None
        if "authorization" in request.headers:
            call.headers["authorization"] = request.headers["authorization"]

    async def renew(self, call: Outgoing, answer: Answer) -> bool:
        """The first challenge is to be answered, and one that follows an answer that served
        (not all devices say ``stale``). A password that never served is not tried twice."""
        challenge = answer.headers.get("www-authenticate", "")
        if not challenge.lower().startswith("digest "):
            return await super().renew(call, answer)
        self._challenge = challenge
        first, served = "authorization" not in call.headers, self._served
        self._served = False
        return first or served or "stale=true" in _plain(challenge)

    def _answer(self, digest: httpx2.DigestAuth, request: httpx2.Request) -> None:
        """The library's own flow, to which the challenge is handed when the next call goes: so
        the count of requests begins with that call."""
        flow = digest.auth_flow(request)
        next(flow)
        if self._challenge is not None:
            headers = {"www-authenticate": self._challenge}
            self._challenge = None
            flow.send(httpx2.Response(401, headers=headers, request=request))


def _plain(challenge: str) -> str:
    return challenge.lower().replace('"', "").replace(" ", "")
