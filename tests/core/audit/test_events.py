"""What can be recorded is recorded: no name in the list of events that nothing writes."""

from __future__ import annotations

import re
from pathlib import Path

import watchfloor
from watchfloor.audit import AuditEvent

READERS = ("audit/events.py", "transparency/queries.py", "transparency/cases.py", "oversight/")
"""Where events are named to be found, and not to be written."""


def test_every_event_is_written_somewhere():
    home = Path(watchfloor.__file__).parent
    written: set[str] = set()
    for path in home.rglob("*.py"):
        if not path.relative_to(home).as_posix().startswith(READERS):
            written |= set(re.findall(r"\bAuditEvent\.([A-Z_]+)", path.read_text("utf-8")))
    written |= set(re.findall(r"event=AuditEvent\.([A-Z_]+)", _text(home / "oversight")))
    assert {event.name for event in AuditEvent} - written == set()


def _text(folder: Path) -> str:
    return "".join(path.read_text("utf-8") for path in folder.rglob("*.py"))
