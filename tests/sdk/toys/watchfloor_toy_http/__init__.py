"""A connector that polls a cursor over HTTP and takes webhooks, for the test kit's own tests.

With ``skip`` it loses every so many-th record: the contract test must see that.
"""

import json
from datetime import UTC, datetime, timedelta

import msgspec

from watchfloor_sdk import Connector, Page, PlateRead, hookimpl

BEGIN = datetime(2026, 5, 1, tzinfo=UTC)


class Settings(msgspec.Struct, forbid_unknown_fields=True):
    base_url: str
    skip: int = 0


class ToyHttp(Connector[Settings]):
    settings = Settings

    async def poll(self, ctx, checkpoint):
        after = checkpoint or 0
        while True:
            answer = await ctx.http.get("/reads", params={"after": after})
            rows = answer.json()["reads"]
            if not rows:
                return
            after = rows[-1]
            yield Page([_read(ctx, row) for row in rows if self.keeps(ctx, row)], checkpoint=after)

    def webhook(self, ctx, delivery):
        return [_read(ctx, json.loads(delivery.body)["read"])]

    @staticmethod
    def keeps(ctx, row):
        return not ctx.settings.skip or row % ctx.settings.skip


def _read(ctx, number):
    data = PlateRead(plate=f"ZZT{number}", reader="r-1")
    return ctx.event(data, id=f"read-{number}", time=BEGIN + timedelta(seconds=number))


@hookimpl
def watchfloor_connector():
    return ToyHttp
