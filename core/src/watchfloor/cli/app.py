"""Puts the command together. Packages add commands through the entry point group
``watchfloor.commands`` (the demo city does), so that core knows none of them."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import Annotated

import typer

from watchfloor import __version__

from . import (
    audit,
    backup,
    break_glass,
    connectors,
    credentials,
    dead_letters,
    doctor,
    events,
    oversight,
    policy,
    repairs,
    replay,
    report,
    requests,
    retention,
    search,
    serve,
    sign_in,
    sign_on,
    support,
    tokens,
    upgrade,
    vendor_side,
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
app.command("sign-in")(sign_in.sign_in)
app.command("sign-out")(sign_in.sign_out)
app.command("support")(support.support)
app.command("verify")(backup.verify)
app.command("restore")(backup.restore)
app.add_typer(backup.app, name="backup")
app.add_typer(upgrade.app, name="upgrade")
app.add_typer(audit.app, name="audit")
app.add_typer(events.app, name="events")
app.add_typer(connectors.app, name="connector")
app.add_typer(credentials.app, name="credential")
app.add_typer(dead_letters.app, name="deadletters")
app.add_typer(oversight.app, name="oversight")
app.add_typer(policy.app, name="policy")
app.add_typer(report.app, name="report")
app.add_typer(requests.app, name="request")
app.add_typer(retention.app, name="retention")
app.add_typer(sign_on.app, name="sign-on")
app.add_typer(tokens.app, name="token")
app.add_typer(break_glass.app, name="break-glass")
app.add_typer(vendor_side.logs, name="vendor-log")
app.add_typer(vendor_side.sharing, name="sharing")


def main() -> None:
    """Entry point of the command."""
    for entry in entry_points(group="watchfloor.commands"):
        app.command(entry.name)(entry.load())
    app()
