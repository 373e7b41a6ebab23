"""A call as a row of the New Orleans open-data export (2022), times to the second (ours)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from watchfloor_city import CallChanged

COLUMNS = (
    "item_number", "rtcc_signal_code", "rtcc_research_outcome", "Type", "TypeText", "Priority",
    "InitialType", "InitialTypeText", "InitialPriority", "MapX", "MapY", "TimeCreate",
    "TimeDispatch", "TimeArrive", "TimeClosed", "Disposition", "DispositionText", "SelfInitiated",
    "Beat", "BLOCK_ADDRESS", "Zip", "PoliceDistrict", "Location", "longitude", "latitude",
)  # fmt: skip

_PRIORITIES = {0: "3", 1: "3", 2: "2", 3: "1"}
"""The agency counts the other way round: 3 and 2 go before 1, and 0 is for the rest."""


def csv_text(rows: Iterable[Sequence[str]]) -> str:
    """Lines of the file."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue()


def row(call: CallChanged, local: ZoneInfo) -> list[str]:
    """The call's state. A real row keeps its own words; its times are those of the happening."""
    cells = {**_made_up(call), **call.row, **_always(call, local)}
    return [cells.get(name) or "" for name in COLUMNS]


def _made_up(call: CallChanged) -> dict[str, str]:
    """What a real row has itself."""
    disposition = call.disposition
    return {
        "Type": call.type.code,
        "TypeText": call.type.text,
        "InitialType": call.initial_type.code,
        "InitialTypeText": call.initial_type.text,
        "Priority": "" if call.priority is None else _PRIORITIES.get(call.priority, "0"),
        "Disposition": disposition.code if disposition else "",
        "DispositionText": disposition.text if disposition else "",
        "SelfInitiated": "Y" if call.self_initiated else "N",
        "Beat": call.beat or "",
        "BLOCK_ADDRESS": call.address or "",
        "PoliceDistrict": call.district or "",
    }


def _always(call: CallChanged, local: ZoneInfo) -> dict[str, str]:
    longitude, latitude = call.point or (0, 0)
    return {
        "item_number": call.call_number,
        "rtcc_research_outcome": call.centre_outcome or "",
        "TimeCreate": _wall(call.created, local),
        "TimeDispatch": _wall(call.dispatched, local),
        "TimeArrive": _wall(call.arrived, local),
        "TimeClosed": _wall(call.closed, local),
        "Location": f"POINT ({longitude} {latitude})",
        "longitude": str(longitude),
        "latitude": str(latitude),
    }


def _wall(at: datetime | None, local: ZoneInfo) -> str:
    """Local wall time without an offset, as the city publishes it."""
    if at is None:
        return ""
    wall = at.astimezone(local)
    return f"{wall.month}/{wall.day}/{wall:%Y %H:%M:%S}"
