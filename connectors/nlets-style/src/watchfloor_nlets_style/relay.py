"""The way to the switch: an HTTPS store-and-forward interface, which is ours.

States give their switch's address, certificates and envelopes to those who signed for them and to
nobody else. So an agency puts a small relay before its switch, which speaks this:

    PUT    /messages/{control}              send it; the same one again changes nothing
    PUT    /messages/{control}/readers/{id} who reads its answers later, and why
    GET    /messages/{control}/answers      what has come since ``after``; held for ``wait_s``
    DELETE /messages/{control}              drop question and answers
    GET    /status                          whether the switch is there, and for which ORI
"""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from msgspec import Struct

from watchfloor_sdk import NotFound, Refused, RetryLater
from watchfloor_sdk.auth import ApiKey

from .answers import Message
from .settings import Settings

if TYPE_CHECKING:
    from watchfloor_sdk import Context

CREDENTIAL = "relay"
LONGEST_HOLD_S = 10.0
"""For how long one call may be held by the relay: ``ctx.http`` waits 15 s for a first byte, and
proxies between end longer ones."""
_GRACE_S = 10.0


class Taken(Struct, frozen=True):
    """What became of a message that was sent. ``reason``: why it was refused."""

    state: str
    reason: str | None = None


class Arrived(Struct, frozen=True):
    """What has come for a message, and the message itself as it was sent."""

    sent: datetime
    question: str
    last: int
    answers: list[Message] = []


class Status(Struct, frozen=True):
    """Whether the switch can be reached, and as whom."""

    switch: str
    ori: str


class Relay:
    """The relay of one source."""

    def __init__(self, ctx: Context[Settings]) -> None:
        self._http = ctx.http.vendor(auth=ApiKey(ctx, CREDENTIAL))

    async def send(self, control: str, message: dict[str, Any]) -> None:
        """Hand a message over. Raises ``Refused`` where the switch says no."""
        answer = await self._http.request("PUT", f"/messages/{control}", json=message)
        taken = _decoded(answer.document("JSON"), Taken)
        if taken.state == "refused":
            raise Refused(
                f"The switch refuses: {taken.reason or 'without a reason'}.", code="denied"
            )

    async def note_reader(self, control: str, reader: str, purpose: dict[str, Any]) -> None:
        """Say who reads the answers to an earlier message, and why."""
        await self._http.request("PUT", f"/messages/{control}/readers/{reader}", json=purpose)

    async def arrived(self, control: str, *, after: int, wait_s: float) -> Arrived:
        """What has come after answer number ``after``: at once, or when something comes."""
        hold = min(wait_s, LONGEST_HOLD_S)
        answer = await self._http.get(
            f"/messages/{control}/answers",
            params={"after": after, "wait_s": max(0.1, round(hold, 1)) if hold else 0},
            deadline_s=hold + _GRACE_S,
        )
        return _decoded(answer.document("JSON"), Arrived)

    async def drop(self, control: str) -> None:
        """Nothing of it is to be kept there."""
        try:
            await self._http.request("DELETE", f"/messages/{control}")
        except NotFound:
            return

    async def status(self) -> Status:
        """Whether the switch is there."""
        return _decoded((await self._http.get("/status")).document("JSON"), Status)


def control_of(key: str) -> str:
    """The control field of a question: ten characters, the same for the same ``key``."""
    digest = hashlib.sha256(key.encode()).digest()
    return "W" + base64.b32encode(digest)[:9].decode()


T = TypeVar("T")


def _decoded(body: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise RetryLater("The relay's answer is not as agreed.", code="unreadable_answer") from None
