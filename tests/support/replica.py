"""Calls as a replica has them, and how they are read."""

import json

from watchfloor_sdk.transports import sql

COLUMNS = ["id", "place"]
KEY = ["changed", "id"]


async def ids(ctx, url, after=None, limit=3, **options):
    """Of all calls beyond ``after``, and where the next page begins."""
    async with sql.opened(ctx, url, **options) as far:
        pages = [
            page async for page in far.pages("calls", COLUMNS, key=KEY, after=after, limit=limit)
        ]
    last = json.loads(json.dumps(pages[-1].after)) if pages else after
    return [row["id"] for page in pages for row in page.rows], last
