"""A careless connector: whatever its vendor says, with its credentials in it, it passes on."""

import json
import os
import sys
from datetime import UTC, datetime

from msgspec import Struct

from watchfloor_sdk import (
    Asset,
    Connector,
    Finding,
    Inventory,
    MediaAnswer,
    Page,
    PlateRead,
    Rejected,
    RetryLater,
    WatchfloorError,
    hookimpl,
)

CREDENTIALS = (
    "api-key", "basic", "oauth2-client", "hmac-secret", "client-certificate", "token", "ssh-key",
    "refresh-token", "service-principal", "password-totp",
)  # fmt: skip
MANNERS = ("page", "odd", "html", "broken", "error", "reason", "refuse", "redirect", "elsewhere")


class Settings(Struct):
    base_url: str
    how: str


class Canary(Connector[Settings]):
    settings = Settings

    async def poll(self, ctx, checkpoint):
        said = []
        for name in CREDENTIALS:
            value = await ctx.credential(name)
            for part in value.values():
                ctx.log.warning(f"Signing in with {part!r}")
            for manner in MANNERS if name == "basic" else MANNERS[:2]:
                said.append(await self.asked(ctx, f"/{manner}?name={name}"))
        if ctx.settings.how == "dies":
            print("Signed in with", said[0].decode(), file=sys.stderr, flush=True)
            os._exit(3)
        if ctx.settings.how == "raises":
            raise RuntimeError(f"The vendor says {said}")
        for number, answer in enumerate(said):
            yield self.page(ctx, number, answer)

    async def asked(self, ctx, path):
        try:
            return (await ctx.http.get(path, tries=1)).body
        except WatchfloorError as error:
            ctx.log.error(f"{error.detail} {error.remedy} {error!r}")
            return f"{error!r} {error.__cause__!r}".encode()

    def page(self, ctx, number, answer):
        text = answer.decode(errors="replace")
        data = PlateRead(plate="ZZT1234", reader=echoed(text))
        event = ctx.event(data, id=f"{number}-{echoed(text)}", time=datetime.now(UTC))
        rejected = [Rejected(answer, "odd_record", f"It says {text}")]
        return Page([event], checkpoint=text, raw=answer, pointers=[""], rejected=rejected)

    def webhook(self, ctx, delivery):
        text = delivery.body.decode()
        data = PlateRead(plate="ZZT1234", reader=echoed(text))
        return [ctx.event(data, id=f"hook-{delivery.id}", time=datetime.now(UTC))]

    async def inventory(self, ctx):
        text = (await ctx.http.get("/page?name=token")).text
        name = echoed(text)
        return Inventory([Asset(id="r-1", source=ctx.source, kind="plate_reader", name=name)])

    async def check(self, ctx):
        text = (await ctx.http.get("/page?name=api-key")).text
        return [Finding(ok=False, what=echoed(text), detail=text, remedy=text)]

    async def media(self, ctx, handle):
        return MediaAnswer((await ctx.http.get("/odd?name=ssh-key")).body, "image/jpeg")

    async def lookup(self, ctx, request):
        text = (await ctx.http.get("/page?name=basic")).text
        yield ctx.result(echoed(text), {"said": text}, id="r-1")
        raise RetryLater(f"The rest is missing: {text}")

    async def act(self, ctx, request):
        text = (await ctx.http.get("/page?name=password-totp")).text
        return ctx.receipt(request, reference=echoed(text), detail=echoed(text))


def echoed(text):
    """One secret in a short text, where the answer has one."""
    try:
        said = json.loads(text)["error"]
    except (ValueError, TypeError, KeyError):
        return "none"
    secrets = (part for part in said.values() if "sim-" not in part and "\n" not in part)
    return next(secrets, "none")


@hookimpl
def watchfloor_connector():
    return Canary
