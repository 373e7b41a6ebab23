"""Puts the command together. Packages add commands through the entry point group
``watchfloor.commands`` (the demo city does), so that core knows none of them."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import Annotated

import typer

from watchfloor import __version__

from . import (
    connectors,
    credentials,
    dead_letters,
    doctor,
    events,
    repairs,
    replay,
    search,
    serve,
    support,
)

app = typer.Typer(
    name="watchfloor",
    help="The open, vendor-agnostic hub of a real-time crime centre.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _options(
    _version_wanted: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    pass


app.command("serve")(serve.serve)
app.command("search")(search.search)
app.command("replay")(replay.replay)
app.command("doctor")(doctor.doctor)
app.command("repairs")(repairs.repairs)
app.command("support")(support.support)
app.add_typer(events.app, name="events")
app.add_typer(connectors.app, name="connector")
app.add_typer(credentials.app, name="credential")
app.add_typer(dead_letters.app, name="deadletters")


def main() -> None:
    """Entry point of the command."""
    for entry in entry_points(group="watchfloor.commands"):
        app.command(entry.name)(entry.load())
    app()
