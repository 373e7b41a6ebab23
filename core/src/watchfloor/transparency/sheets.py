"""The report as data: JSON for programs, CSV for spreadsheets (RFC 4180)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

import msgspec

from .districts import Distribution
from .model import Report

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_json = msgspec.json.Encoder(order="deterministic")


def as_json(report: Report) -> bytes:
    """One document, in an order that never changes."""
    return msgspec.json.format(_json.encode(report), indent=1)


def as_csv(report: Report) -> str:
    """``query, label, count``: a line a figure, totals labelled ``*``."""
    rows: list[Sequence[object]] = []
    for table in report.figures.tables:
        rows += [(table.query, row.label, row.count) for row in table.rows]
        rows.append((table.query, "*", table.total))
    rows += [("partners", partner, "") for partner in report.figures.partners]
    rows += [("changes", f"{c.what} {c.id}".strip(), c.at) for c in report.figures.changes]
    return csv_of(("query", "label", "count"), rows)


def distribution_csv(spread: Distribution) -> str:
    """A line a district, then what is outside of all, then all districts together."""
    names = ("district", "residents", *(f"{what}{rate}" for what in ("devices", "alerts")
             for rate in ("", "_per_10000", "_times")))  # fmt: skip
    rows = [
        (row.district, row.residents, *(value for of in (row.devices, row.alerts)
         for value in (of.count, of.per_10000, of.times)))
        for row in (*spread.items, spread.outside, spread.together)
    ]  # fmt: skip
    return csv_of(names, rows)


def csv_of(names: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A sheet with a line of names first."""
    sheet = io.StringIO()
    writer = csv.writer(sheet, lineterminator="\r\n")
    writer.writerow(names)
    writer.writerows([_harmless(value) for value in row] for row in rows)
    return sheet.getvalue()


def _harmless(value: object) -> object:
    """A spreadsheet takes for a formula what begins like one."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
