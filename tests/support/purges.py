"""Purging in tests: what is due, run to its end, and what a hold keeps."""

from store_contract import CALL, NOON, READ

from watchfloor.ports.store import Due, Hold, RawPage, Stream

DAY = 86_400_000_000
READS, CALLS = Stream("lpr", READ), Stream("lpr", CALL)


def due(stream=READS, before=NOON + 100, **more):
    return Due(stream, before, "us-va-lpr", 3, **more)


async def purge(store, what, limit=7):
    """All steps; how many were deleted and how many held."""
    await store.purging.settle()
    deleted, held, after = 0, 0, None
    while True:
        done = await store.purging.step(what, after, limit)
        deleted, held, after = deleted + done.deleted, held + done.held, done.after
        if after is None:
            return deleted, held


def page(number):
    return RawPage(b"page %d " % number * 50, "text/plain", f"{number:064x}")


def hold(now=NOON, **what):
    return Hold("H-1", "26-000123", "Homicide", "chief", now, now + 30 * DAY, what)
