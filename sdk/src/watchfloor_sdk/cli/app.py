"""Puts the command together. A sub-command is imported when it is asked for."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

COMMANDS: dict[str, str] = {
    "chaos": "watchfloor_sdk.cli.check:chaos",
    "check": "watchfloor_sdk.cli.check:check",
    "new": "watchfloor_sdk.cli.new:new",
    "record": "watchfloor_sdk.cli.record:record",
    "run": "watchfloor_sdk.cli.run:run",
    "dev": "watchfloor_sdk.cli.dev:dev",
}
"""Name → ``module:name`` of the function, or of a ``typer.Typer`` with commands of its own."""


class _Lazy(TyperGroup):
    def list_commands(self, _: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _: Any, name: str) -> Any:
        return _loaded(name) if name in COMMANDS else None


def _loaded(name: str) -> Any:
    module, _, attribute = COMMANDS[name].partition(":")
    found = getattr(import_module(module), attribute)
    if not isinstance(found, typer.Typer):
        function, found = found, typer.Typer(add_completion=False)
        found.command(name)(function)
    command = typer.main.get_command(found)
    command.name = name
    return command


app = typer.Typer(
    name="watchfloor-sdk",
    cls=_Lazy,
    help="Writes, runs and proves connectors for Watchfloor.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(version("watchfloor-sdk"))
        raise typer.Exit


@app.callback()
def _options(
    _version_wanted: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    pass
