"""Files that somebody else writes: a file, a folder of them, a web address, a folder over SFTP.

    async def poll(self, ctx, checkpoint):
        where = Where(path=ctx.settings.path, url=ctx.settings.url)
        news = self._follower.news(ctx, where, csv_text.Layout(), checkpoint, to_page)
        async with aclosing(news) as pages:
            async for page, kept in pages:
                page.checkpoint = kept
                yield page

Of a file that grows only what is new is read, and half a line waits for its other half; one that
was rewritten, replaced, cut off or rotated is known by a hash of what was read before. Rows told
lately are not told again: that saves work, ids make sure.
"""

from .finding import MAX_BODY, Export, Where, exports, fetched, local
from .following import Follower
from .growing import JsonLines, Portion, Position, Whole, portions
from .lines import json_records

__all__ = [
    "MAX_BODY",
    "Export",
    "Follower",
    "JsonLines",
    "Portion",
    "Position",
    "Where",
    "Whole",
    "exports",
    "fetched",
    "json_records",
    "local",
    "portions",
]
