"""Policies of test hubs: what an agency would have adopted, by two people."""

from __future__ import annotations

from pathlib import Path

from watchfloor.adapters.cedar import read_rules
from watchfloor.adapters.clock import SystemClock
from watchfloor.policy import PolicyBook
from watchfloor.retention import Retention
from watchfloor.settings import load

FAR_BACK = """
[limits]
lookback_days = { read = 36500, hit = 36500 }
"""
"""Test data happened on a day in May 2026, whatever day it is now."""
WIDE = (
    FAR_BACK
    + """
broad_plates = 10000
broad_people = 10000
broad_cameras = 10000
"""
)
"""How far a search reaches is counted as ever; up to a thousand records take no second person."""


def adopt(data_dir: Path, settings: str = FAR_BACK) -> None:
    """Run these settings from the next start on, with the packaged rules."""
    folder = data_dir / "policy"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "settings.toml").write_text(settings, "utf-8")
    book = PolicyBook(data_dir, load(data_dir).agency, read_rules, SystemClock())
    if any(each.step == "approved" for each in book.entries()):
        return
    book.approve(book.propose("Pat Owner").version, "Chris Second")


LONG = """
{"presets": [], "rules": [
    {"id": "reads", "kind": "watchfloor.lpr.read.v1", "reason": "Made up", "cap": "100 years"},
    {"id": "hits", "kind": "watchfloor.lpr.hit.v1", "reason": "Made up", "cap": "100 years"},
    {"id": "all", "kind": "*", "reason": "Made up", "cap": "100 years"}
]}
"""


async def keep_long(retention: Retention) -> None:
    """Keep test data, which happened in May 2026, whatever day it is now."""
    version = await retention.propose(LONG, "Pat Owner")
    await retention.approve(version, "Chris Second")
