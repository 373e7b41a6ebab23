"""The report as a page: no script, nothing loaded from elsewhere, fit to be printed.

Looks as the console does (ui/app/src/styles/tokens.css), in the reader's own light or dark.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from html import escape

from .model import Figures, Report, Row, System, Table
from .words import (
    AUTHORITY,
    HOW,
    HOW_TO_CHECK,
    devices_said,
    nothing_yet,
    shown_count,
    span,
    written,
)

_STYLE = """
:root{color-scheme:light dark;--ground:#f3f5f7;--surface:#fff;--hair:#dbe0e6;--text:#161b22;
--soft:#47515d;--bar:#8fb8e8}
@media(prefers-color-scheme:dark){:root{--ground:#0f1216;--surface:#14181d;--hair:#2a313a;
--text:#e6eaf0;--soft:#a9b3bf;--bar:#2c5687}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--text);font:1rem/1.5 system-ui,sans-serif}
main{max-width:1080px;margin:auto;padding:24px 16px}
h1{font-size:1.75rem;line-height:1.2;margin:0}h2{font-size:1rem;margin:0}
p{margin:4px 0;max-width:70ch}small,.soft{color:var(--soft);font-size:.8125rem}
.tables{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,22rem),1fr));gap:16px;
margin:24px 0}
section{background:var(--surface);border:1px solid var(--hair);border-radius:6px;padding:16px;
min-width:0;break-inside:avoid}
.tables+section,p+section,section+section{margin-top:16px}.tables section{margin:0}
table{width:100%;border-collapse:collapse;margin:12px 0;font-size:.875rem}
th{text-align:left;font-weight:400;overflow-wrap:anywhere}
td{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
th,td{padding:4px 8px 4px 0;border-top:1px solid var(--hair)}td:last-child{padding-right:0}
tfoot th,tfoot td{font-weight:600}.tables section{display:flex;flex-direction:column}
.tables section>small{margin-top:auto}
meter{width:6rem;height:.5rem;background:none;border:0}
meter::-webkit-meter-bar{background:none;border:0}
meter::-webkit-meter-optimum-value{background:var(--bar)}meter::-moz-meter-bar{background:var(--bar)}
code,pre{font:.8125rem/1.5 ui-monospace,monospace;overflow-wrap:anywhere;white-space:pre-wrap}
ul{padding-left:1.25rem}h3{font-size:.9375rem;margin:16px 0 0}
@media print{body{background:#fff;font-size:10pt}main{max-width:none;padding:0}
section{border:0;padding:0}.tables{grid-template-columns:1fr 1fr}}
"""
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
CONTENT_SECURITY_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
"""All that the page needs: its own style."""


def page(report: Report) -> str:
    """The whole document."""
    figures, about = report.figures, report.about
    title = f"{about.agency}: what the hub was used for"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body><main>"
        f"<h1>{escape(title)}</h1>"
        f'<p class="soft">{span(figures)} · {figures.records} records in the audit log'
        f" · made {escape(written(report.made, about.timezone))}</p><p>{HOW}</p>"
        f"{_tables(report)}"
        f"{_partners(figures.partners)}{_changes(figures)}{_about(report)}{_log(report)}"
        "</main></body></html>"
    )


def _tables(report: Report) -> str:
    if said := nothing_yet(report):
        return _section("Nothing to count yet", f"<p>{escape(said)}</p>")
    return f'<div class="tables">{"".join(map(_table, report.figures.tables))}</div>'


def _table(table: Table) -> str:
    most = max((row.count for row in table.rows if isinstance(row.count, int)), default=0)
    rows = "".join(_row(row, most) for row in table.rows)
    none = "" if table.rows else '<p class="soft">None.</p>'
    return (
        f"<section><h2>{escape(table.title)}</h2><p><small>{escape(table.counts)}</small></p>"
        f"<table><tbody>{rows}</tbody><tfoot><tr><th>All</th><td></td>"
        f"<td>{shown_count(table.total)}</td></tr></tfoot></table>{none}"
        f"<small>Query <code>{escape(table.query)}</code></small></section>"
    )


def _row(row: Row, most: int) -> str:
    bar = ""
    if isinstance(row.count, int) and row.count:
        bar = f'<meter aria-hidden="true" max="{most}" value="{row.count}"></meter>'
    return (
        f"<tr><th>{escape(row.label)}</th><td>{bar}</td>"
        f"<td>{escape(shown_count(row.count))}</td></tr>"
    )


def _partners(partners: Sequence[str]) -> str:
    return _section(
        "Every other agency",
        "<p><small>All for which something was asked, or to which something went.</small></p>"
        + _list(partners),
    )


def _changes(figures: Figures) -> str:
    said = (f"{each.at[:10]} {each.what} {each.id}".strip() for each in figures.changes)
    return _section("Changes of policy, retention and sharing", _list(said))


def _about(report: Report) -> str:
    systems = "".join(map(_system, report.about.systems)) or '<p class="soft">None.</p>'
    return _section("What is connected", f"<p><small>{AUTHORITY}</small></p>{systems}")


def _system(system: System) -> str:
    days = f"Kept for {system.retention_days} {'day' if system.retention_days == 1 else 'days'}"
    said = ". ".join(filter(None, (devices_said(system.devices), days)))
    return (
        f"<h3>{escape(system.name)}</h3><p>{escape(system.detected)}</p>"
        f'<p class="soft">{escape(said)}.</p>'
    )


def _log(report: Report) -> str:
    if report.log is None:
        return _section("Check it yourself", "<p>No checkpoint of the log is signed yet.</p>")
    return _section(
        "Check it yourself",
        f"<p>{HOW_TO_CHECK}</p><p>The log's key:</p><pre>{escape(report.log.key)}</pre>"
        f"<p>Its newest signed checkpoint:</p><pre>{escape(report.log.checkpoint)}</pre>",
    )


def _section(title: str, body: str) -> str:
    return f"<section><h2>{title}</h2>{body}</section>"


def _list(lines: Iterable[str]) -> str:
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f"<ul>{items}</ul>" if items else '<p class="soft">None.</p>'
