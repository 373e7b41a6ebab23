"""How the command speaks: lines for people, JSON for scripts, errors with a remedy.

A line wraps on a terminal only: what is piped to another program stays one line. What comes from
vendors goes through ``plain``.

Exit codes: 0 done · 1 done, and the answer is "no" or "in part" · 2 used wrongly ·
3 try again later · 4 somebody has to change something · 5 the hub cannot be reached.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress

from watchfloor.contracts import AskAPerson, RetryLater, WatchfloorError

DONE, PARTLY, USAGE, LATER, ATTENTION, UNREACHABLE = range(6)

Json = Annotated[bool, typer.Option("--json", help="Print JSON, one document a line.")]

_CONTROLS = dict.fromkeys([*range(32), *range(127, 160)], " ")

out = Console(highlight=False, emoji=False, soft_wrap=not sys.stdout.isatty())
err = Console(stderr=True, highlight=False, emoji=False, soft_wrap=not sys.stderr.isatty())


def plain(data: object) -> str:
    """Data for a line: its brackets are no markup, and no character in it ends the line or steers
    the terminal."""
    return escape(str(data).translate(_CONTROLS))


def progress(as_json: bool) -> Progress:
    """A bar for people at a terminal, gone when it is done."""
    return Progress(console=err, disable=as_json or not err.is_terminal, transient=True)


def show(document: Any, as_json: bool, human: Callable[[Any], None]) -> None:
    """Print a document as JSON, or let ``human`` print it for people."""
    if as_json:
        sys.stdout.write(json.dumps(document, separators=(",", ":"), default=str) + "\n")
        sys.stdout.flush()
    else:
        human(document)


def show_all(
    documents: Sequence[Any], as_json: bool, human: Callable[[Any], None], nothing: str
) -> None:
    """Print each as ``show`` does; for people, say ``nothing`` where there is none."""
    for document in documents:
        show(document, as_json, human)
    if not documents and not as_json:
        out.print(nothing)


def fail(error: WatchfloorError, as_json: bool = False) -> NoReturn:
    """Say what happened, why and what to do, and leave with the fitting exit code."""
    if as_json:
        body = {"code": error.code, "detail": error.detail, "remedy": error.remedy}
        sys.stderr.write(json.dumps({"error": body}) + "\n")
    else:
        err.print(f"[bold red]{plain(error.detail)}[/]")
        if error.remedy:
            err.print(plain(error.remedy))
        err.print(f"[dim]code: {plain(error.code)}[/]")
    raise typer.Exit(exit_code(error))


def exit_code(error: WatchfloorError) -> int:
    """The exit code that fits an error."""
    if error.code == "unreachable":
        return UNREACHABLE
    if isinstance(error, RetryLater):
        return LATER
    return ATTENTION if isinstance(error, AskAPerson) else USAGE


@contextmanager
def failing_well(as_json: bool = False) -> Iterator[None]:
    """Turns our errors into messages and exit codes."""
    try:
        yield
    except WatchfloorError as error:
        fail(error, as_json)
