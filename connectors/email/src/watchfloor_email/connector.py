"""Takes alerts to people by mail."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from aiosmtplib import SMTPRecipientRefused, SMTPSenderRefused

from watchfloor_sdk import ActionReceipt, ActionRequest, Connector, Finding
from watchfloor_sdk.alert import one_line

from .mapping import to_letter
from .server import said, session
from .settings import Settings

if TYPE_CHECKING:
    from watchfloor_sdk import Context

REMEMBERED = 1000
"""Letters of which it is kept who has them already, until the hub has asked again."""


class Email(Connector[Settings]):
    """One source is one sender and its recipients."""

    settings = Settings

    def __init__(self) -> None:
        self._taken: OrderedDict[str, set[str]] = OrderedDict()

    async def act(self, ctx: Context[Settings], request: ActionRequest) -> ActionReceipt:
        """Send the alert. Where the server puts some recipients off (4xx), the others have it
        already, and only those who do not are sent to when the hub asks again."""
        everybody = ctx.settings.recipients
        letter = to_letter(request, ctx.settings.sender, everybody, ctx.now())
        taken = self._who_has(request.idempotency_key)
        waiting = [one for one in everybody if one not in taken]
        async with session(ctx) as server:
            not_taken, words = await server.send_message(
                letter, sender=ctx.settings.sender, recipients=waiting
            )
        taken.update(set(waiting) - set(not_taken))
        codes = sorted(reply.code for reply in not_taken.values())
        if codes and codes[0] < 500:
            raise said(codes[0])
        return ctx.receipt(request, reference=_answer(words), detail=_without(codes, everybody))

    async def check(self, ctx: Context[Settings]) -> Sequence[Finding]:
        """Names sender and recipients to the server, and takes it back before a letter."""
        async with session(ctx) as server:
            findings = [Finding(ok=True, what="connection", detail="Encrypted and logged in.")]
            try:
                await server.mail(ctx.settings.sender)
            except SMTPSenderRefused as error:
                return [*findings, _refusal("setting sender", error.code)]
            for number, recipient in enumerate(ctx.settings.recipients, 1):
                try:
                    await server.rcpt(recipient)
                except SMTPRecipientRefused as error:
                    findings.append(_refusal(f"setting recipients, number {number}", error.code))
            await server.rset()
        return findings

    def _who_has(self, key: str) -> set[str]:
        while len(self._taken) >= REMEMBERED and key not in self._taken:
            self._taken.popitem(last=False)
        return self._taken.setdefault(key, set())


def _refusal(what: str, code: int) -> Finding:
    error = said(code)
    return Finding(ok=False, what=what, detail=error.detail, remedy=error.remedy)


def _answer(words: str) -> str:
    """What the server calls it: the text of its answer to the letter, which has no set form."""
    return one_line(words)[:256]


def _without(codes: Sequence[int], everybody: Sequence[str]) -> str | None:
    if not codes:
        return None
    return f"The mail server refused {len(codes)} of {len(everybody)} recipients ({codes[0]})."
