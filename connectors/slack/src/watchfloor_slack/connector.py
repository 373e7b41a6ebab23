"""Takes alerts to the people of one Slack channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from watchfloor_sdk import ActionReceipt, ActionRequest, Connector, Finding, Limit, Pace
from watchfloor_sdk.alert import read_alert
from watchfloor_sdk.auth import ApiKey

from .mapping import CHANNEL, Posted, read_answer, to_post, trouble
from .settings import Settings

if TYPE_CHECKING:
    from watchfloor_sdk import Context

METHOD = "/chat.postMessage"
_PACE = Limit(1, per_s=1.0)
"""About one message a second and channel (docs.slack.dev, rate limits)."""


class Slack(Connector[Settings]):
    """One source is one channel."""

    settings = Settings

    def __init__(self) -> None:
        self._pace = Pace(_PACE)

    async def act(self, ctx: Context[Settings], request: ActionRequest) -> ActionReceipt:
        """Post the alert. Slack takes no idempotency key: where its answer is lost, the hub asks
        again, and the alert stands in the channel twice."""
        message = read_alert(request)
        answer = await self._post(ctx, to_post(ctx.settings.channel, message))
        if not answer.ok:
            raise trouble(answer.error)
        return ctx.receipt(request, reference=answer.ts)

    async def check(self, ctx: Context[Settings]) -> Sequence[Finding]:
        """A message without text, which Slack refuses: how, says what is right and wrong."""
        answer = await self._post(ctx, {"channel": ctx.settings.channel})
        if answer.error == "no_text":
            return [Finding(ok=True, what="connection", detail="Slack would take a message.")]
        error = trouble(answer.error)
        what = "setting channel" if answer.error in CHANNEL else "connection"
        return [Finding(ok=False, what=what, detail=error.detail, remedy=error.remedy)]

    async def _post(self, ctx: Context[Settings], body: Mapping[str, Any]) -> Posted:
        auth = ApiKey(ctx, "token", header="authorization", prefix="Bearer ")
        answer = await ctx.http.post(METHOD, json=body, auth=auth, pace=self._pace)
        return read_answer(answer.json())
