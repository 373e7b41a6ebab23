"""The report as a document to be set on paper: a Typst template and its data."""

from __future__ import annotations

from datetime import datetime
from html import unescape
from importlib.resources import files
from typing import Any

import msgspec

from .model import Report
from .words import HOW, HOW_TO_CHECK, nothing_yet, span

MAIN = "report.typ"


def paper(report: Report) -> dict[str, bytes]:
    """Files by name; ``MAIN`` is to be typeset. The document's date is the report's, so that the
    same report gives the same document."""
    made = datetime.fromisoformat(report.made)
    data: dict[str, Any] = {
        **msgspec.to_builtins(report),
        "date": {"year": made.year, "month": made.month, "day": made.day},
        "span": span(report.figures),
        "how": unescape(HOW),
        "nothing_yet": nothing_yet(report),
        "check": HOW_TO_CHECK,
    }
    template = files(__package__).joinpath(MAIN).read_bytes()
    return {MAIN: template, "report.json": msgspec.json.encode(data)}
