"""A right connector, and one bad habit at a time: each breaks one rule of the check."""

import asyncio
import json
import secrets
import socket
import time
from contextlib import suppress
from datetime import UTC, datetime

import msgspec

from watchfloor_sdk import (
    AskAPerson,
    Asset,
    CameraStatus,
    Connector,
    Finding,
    GiveUp,
    Inventory,
    Page,
    PlateRead,
    Refused,
    Rejected,
    RetryLater,
    WatchfloorError,
    hookimpl,
    xml,
)
from watchfloor_sdk.auth import ApiKey

HABIT = "none"
HOARD = []
BEGIN = datetime(2026, 5, 1, tzinfo=UTC)


class Settings(msgspec.Struct, forbid_unknown_fields=True):
    base_url: str


class Row(msgspec.Struct):
    id: str
    at: datetime
    plate: str
    reader: str
    region: str | None = None


class Lenient(msgspec.Struct):
    id: str
    at: str
    plate: str = "ZZ0"
    reader: str = "r-0"
    region: str | None = None


class Toy(Connector[Settings]):
    settings = Settings
    watched = () if HABIT == "lenient" else ("region",)

    def __init__(self):
        self.stale = None

    async def poll(self, ctx, checkpoint):
        after = checkpoint or 0
        if HABIT == "strays":
            await stray()
        if HABIT == "silent-denial":
            with suppress(AskAPerson):
                await ctx.credential("token")
                async for page in self.pages(ctx, after):
                    yield page
            return
        try:
            async for page in self.pages(ctx, after):
                yield page
        except WatchfloorError:
            if HABIT == "wordless":
                raise GiveUp("Something is wrong.", code="wrong") from None
            if HABIT != "swallows":
                raise

    async def pages(self, ctx, after):
        while True:
            call = self.get(ctx, f"/reads?after={after}")
            answer = await (clinging(call) if HABIT == "clings" else call)
            document = page_of(answer)
            after = after + len(document["reads"]) if HABIT == "counts" else document["next"]
            if HABIT == "runs-ahead":
                yield Page(checkpoint=after)
                await asyncio.sleep(0.3)
            events, rejected = mapped(ctx, document["reads"])
            if HABIT == "hoards":
                HOARD.append(b"x" * 4_000_000)
            if HABIT == "dawdles":
                time.sleep(0.5)  # noqa: ASYNC251 - a bad habit
            assured = BEGIN if HABIT == "never-assures" else None
            yield Page(events=events, rejected=rejected, checkpoint=after, assured_until=assured)
            if not document["more"]:
                return

    async def get(self, ctx, path):
        if HABIT == "stale-token":
            self.stale = self.stale or await ctx.credential("token")
            headers = {"authorization": f"Bearer {self.stale['token']}"}
            return await ctx.http.get(path, headers=headers)
        http = ctx.http.vendor(auth=ApiKey(ctx, "token", header="authorization", prefix="Bearer "))
        if HABIT == "swallows":
            try:
                return await hammer(ctx, path)
            except OSError:
                raise RetryLater("Not now.") from None
        if HABIT != "hammers":
            return await http.get(path)
        while True:
            try:
                return await hammer(ctx, path)
            except RetryLater:
                await asyncio.sleep(0.05)

    def webhook(self, ctx, delivery):
        events, rejected = mapped(ctx, [json.loads(delivery.body)])
        if rejected:
            raise msgspec.ValidationError
        return events

    async def inventory(self, ctx):
        if HABIT == "silent-denial":
            return Inventory([])
        rows = (await self.get(ctx, "/readers")).json()["readers"]
        assets = [
            Asset(id=row["id"], source=ctx.source, kind="plate_reader", name=row["name"])
            for row in rows
        ]
        return Inventory(assets, complete=HABIT != "keeps-assets")

    async def lookup(self, ctx, request):
        case = "SIM-0" if HABIT == "purposeless" else request.purpose.case_number
        try:
            answer = (await self.get(ctx, f"/owners/{request.subject}?case={case}")).json()
        except WatchfloorError:
            if HABIT == "hushes":
                return
            raise
        if "denied" in answer:
            if HABIT == "hushes":
                return
            raise Refused("The registry refuses.", code="denied")
        yield ctx.result("An owner.", answer, id=request.id)

    async def act(self, ctx, request):
        key = secrets.token_hex(8) if HABIT == "forgets-keys" else request.idempotency_key
        auth = ApiKey(ctx, "token", header="authorization", prefix="Bearer ")
        answer = await ctx.http.vendor(auth=auth).post(f"/notes/{key}", json=request.parameters)
        return ctx.receipt(request, reference=answer.json()["note"])

    async def check(self, ctx):
        if HABIT == "blind-check":
            return [Finding(ok=True, what="all", detail="Fine.")]
        await self.get(ctx, "/readers")
        return [Finding(ok=True, what="readers", detail="They can be listed.")]


async def hammer(ctx, path):
    """Past the SDK's client, whose pace would wait."""
    token = (await ctx.credential("token"))["token"]
    host, port = ctx.settings.base_url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        f"GET {path} HTTP/1.0\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
    )
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    if b" 200 " not in head.split(b"\r\n")[0]:
        raise RetryLater("Not yet.")
    return Raw(body)


def page_of(answer):
    if b"urn:example:toy" not in answer.body:
        return answer.json()
    page = xml.parse(answer.body, {"t": "urn:example:toy"})
    reads = [texts(read) for read in page.all("t:reads/t:read")]
    told = texts(page)
    return {"reads": reads, "next": int(told["next"]), "more": told["more"] == "True"}


def texts(element):
    return {child.name: child.node.text for child in element.all("*")}


class Raw:
    def __init__(self, body):
        self.body = body

    def json(self):
        return json.loads(self.body)


async def stray():
    """A connection to where nobody allowed it to go."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        _, writer = await asyncio.open_connection(*server.getsockname())
        await asyncio.sleep(0.2)
        writer.close()


async def clinging(call):
    try:
        return await call
    except asyncio.CancelledError:
        time.sleep(30)  # noqa: ASYNC251 - a bad habit
        raise


def mapped(ctx, rows):
    events, rejected = [], []
    for number, row in enumerate(rows):
        if HABIT == "loses" and number % 7 == 6:
            continue
        try:
            events += event(ctx, row)
        except msgspec.ValidationError:
            if HABIT == "chokes":
                raise
            rejected.append(Rejected(json.dumps(row), "unmapped", "It is not a read."))
    return events, rejected


def event(ctx, row):
    if HABIT == "lenient":
        read = msgspec.convert(row, Lenient)
        at = datetime.fromisoformat(read.at)
    else:
        read = msgspec.convert(row, Row)
        at = read.at
    at = at.replace(tzinfo=UTC) if HABIT == "wall-clock" else at.astimezone(UTC)
    if HABIT == "tells":
        ctx.log.info(f"Read {read.plate}")
    data = PlateRead(plate=read.plate, reader=read.reader, region=read.region)
    if HABIT == "other-kind":
        data = CameraStatus(camera=read.reader, status="online")
    handling = "public" if HABIT == "unmarked" else None
    return [ctx.event(data, id=read.id, time=at, handling=handling)]


@hookimpl
def watchfloor_connector():
    Toy.watched = () if HABIT == "lenient" else ("region",)
    return Toy
