"""A connector whose vendor replaces the refresh token at each use."""

from datetime import datetime

import msgspec

from watchfloor_sdk import Connector, Page, PlateRead, hookimpl
from watchfloor_sdk.auth import RotatingRefresh


class Settings(msgspec.Struct, forbid_unknown_fields=True):
    base_url: str


class ToyRefresh(Connector[Settings]):
    settings = Settings
    _auth = None

    async def poll(self, ctx, checkpoint):
        self._auth = self._auth or RotatingRefresh(ctx, "sign_in", "/token", per_hour=3000)
        for row in (await ctx.http.get("/reads", auth=self._auth)).json()["reads"]:
            read = PlateRead(plate=row["plate"], reader="r-1")
            yield Page([ctx.event(read, id=row["id"], time=datetime.fromisoformat(row["time"]))])


@hookimpl
def watchfloor_connector():
    return ToyRefresh
