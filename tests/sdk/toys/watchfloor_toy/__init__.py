"""A connector that counts plate reads, for tests of the worker and of the hub's side of it."""

import asyncio
import json
import os
from datetime import UTC, datetime, timedelta

import msgspec

from watchfloor_sdk import (
    AskAPerson,
    Asset,
    Connector,
    Finding,
    GiveUp,
    Inventory,
    MediaAnswer,
    Page,
    PlateRead,
    RetryLater,
    hookimpl,
)

BEGIN = datetime(2026, 5, 1, tzinfo=UTC)


class Settings(msgspec.Struct, forbid_unknown_fields=True):
    total: int = 0
    page: int = 100
    mode: str = ""


class Toy(Connector[Settings]):
    settings = Settings

    def __init__(self):
        self.three = asyncio.Barrier(3)

    async def poll(self, ctx, checkpoint):
        print("a vendor's print must not reach the protocol")
        await _misbehave(ctx)
        done = checkpoint or 0
        while done < ctx.settings.total:
            until = min(done + ctx.settings.page, ctx.settings.total)
            yield Page(
                events=[_read(ctx, number) for number in range(done, until)],
                checkpoint=until,
                raw=json.dumps(list(range(done, until))).encode(),
                pointers=[f"/{index}" for index in range(until - done)],
            )
            done = until

    def webhook(self, ctx, delivery):
        told = json.loads(delivery.body)
        if told.get("die"):
            os._exit(9)
        if told.get("give_up"):
            raise GiveUp("It says nothing.", code="empty")
        if "later" in told:
            return _looked_up(ctx, told["later"])
        if "three" in told:
            return self._met(ctx, told["three"])
        return [_read(ctx, told["number"])]

    async def _met(self, ctx, number):
        await self.three.wait()
        return [_read(ctx, number)]

    async def inventory(self, ctx):
        camera = Asset(id="c-1", source=ctx.source, kind="camera", name="Camera 1")
        return Inventory([camera], complete=True)

    async def check(self, ctx):
        return [Finding(ok=True, what="toy", detail="It counts.")]

    async def media(self, ctx, handle):
        if handle == "gone":
            return MediaAnswer(None, state="expired")
        return MediaAnswer(handle.encode() * 3, "image/jpeg")


async def _looked_up(ctx, number):
    await asyncio.sleep(0.01)
    if number < 0:
        raise GiveUp("There is no such number.", code="bad_number")
    return [_read(ctx, number)]


async def _misbehave(ctx):
    match ctx.settings.mode:
        case "retry_later":
            raise RetryLater("The vendor is busy.", code="vendor_unavailable")
        case "ask_a_person":
            raise AskAPerson("The vendor refuses.", code="vendor_refused", remedy="Ask them.")
        case "bug":
            raise ValueError("plate ZZT1234 is in this text")
        case "leak":
            secret = await ctx.credential("secret")
            ctx.log.info(f"the secret is {secret['secret']}")
        case "undeclared":
            await ctx.credential("other")


def _read(ctx, number):
    data = PlateRead(plate=f"ZZT{number}", reader="r-1")
    return ctx.event(data, id=f"read-{number}", time=BEGIN + timedelta(seconds=number))


@hookimpl
def watchfloor_connector():
    return Toy
