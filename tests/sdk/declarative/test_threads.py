"""What sources answer and what stands in files is mapped in threads, of several at once."""

from __future__ import annotations

from many_threads import run

PROGRAM = """
from declaring import CALL, NOW, plan, source
from watchfloor_sdk.declarative import Scope

fields = {**CALL["fields"], "beat": "area.beat.code"}
mapper = plan(source({**CALL, "fields": fields})).mappers["s"]
row = b'{"id": "Z-1", "at": "2026-05-02T20:00:00Z", "area": {"beat": {"code": "5D"}}}'
page = b'{"rows": [' + row + b', {"id": "Z-2"}]}'  # the second is bad, so each is looked at

def work():
    mapped = mapper.page(page, Scope(NOW))
    assert mapped.events[0].data.beat == "5D"
    assert len(mapped.rejected) == 1

at_once(work)
"""


def test_many_threads_may_map_their_first_record_at_once():
    """msgspec 0.22 crashes when threads meet a type for the first time at once."""
    assert run(PROGRAM) == (0, "")
