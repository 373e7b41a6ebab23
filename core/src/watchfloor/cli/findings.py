"""What was looked at, whether it is well, and what to do where it is not."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypedDict

import typer

from watchfloor.contracts import WatchfloorError

from .output import ATTENTION, out, plain, show


class Finding(TypedDict):
    """Of one check; ``remedy`` where it is not well."""

    ok: bool
    what: str
    detail: str
    remedy: str


Check = Callable[[Path], Finding]
"""Looks at a data directory. The first line of its docstring is what it looks at."""


def finding(ok: bool, what: str, detail: str, remedy: str = "") -> Finding:
    """One."""
    return {"ok": ok, "what": what, "detail": detail, "remedy": remedy}


def report(checks: Iterable[Check], data_dir: Path, as_json: bool) -> None:
    """Look at everything, then print. Exits with 4 when something needs attention."""
    findings = [_guarded(check, data_dir) for check in checks]
    for each in findings:
        show(each, as_json, _print)
    if not all(each["ok"] for each in findings):
        raise typer.Exit(ATTENTION)


def _guarded(check: Check, data_dir: Path) -> Finding:
    try:
        return check(data_dir)
    except WatchfloorError as error:
        name = (check.__doc__ or "").rstrip(".")
        return finding(False, name, error.detail, error.remedy)


def _print(each: Finding) -> None:
    mark = "[green]ok[/]  " if each["ok"] else "[bold red]look[/]"
    out.print(f"{mark} {each['what']}: {plain(each['detail'])}")
    if not each["ok"] and each["remedy"]:
        out.print(f"       {plain(each['remedy'])}")
