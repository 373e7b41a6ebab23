"""``watchfloor break-glass``: accounts for the night on which the identity provider is down."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from .client import Client
from .output import Json, failing_well, out, plain, show, show_all
from .places import DataDir

app = typer.Typer(
    help="Accounts for when the identity provider is down. One person makes one, another enables"
    " it in the console.",
    no_args_is_help=True,
)

Account = Annotated[str, typer.Argument(help="The name to sign in with.")]


@app.command("list")
def list_accounts(data_dir: DataDir, as_json: Json = False) -> None:
    """Every account, and whether it is open."""
    with failing_well(as_json):
        found = Client.of(data_dir).get("/break-glass")["items"]
        show_all(found, as_json, _print, "There are no break-glass accounts.")


@app.command("add")
def add_account(
    data_dir: DataDir,
    account: Account,
    name: Annotated[str, typer.Option(help="As histories show it.")],
    role: Annotated[str, typer.Option(help="analyst, supervisor or agency_it.")] = "supervisor",
    as_json: Json = False,
) -> None:
    """Make one; its password is asked for. It opens nothing until somebody else enables it."""
    password = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    with failing_well(as_json):
        body = {"id": account, "name": name, "role": role, "password": password}
        show(Client.of(data_dir).send("POST", "/break-glass", body), as_json, _print)


@app.command("release")
def release_account(data_dir: DataDir, account: Account, as_json: Json = False) -> None:
    """Forgive the failures that locked it."""
    with failing_well(as_json):
        show(Client.of(data_dir).send("POST", f"/break-glass/{account}/release"), as_json, _print)


@app.command("remove")
def remove_account(data_dir: DataDir, account: Account, as_json: Json = False) -> None:
    """Take it away, with the sessions that were begun with it."""
    with failing_well(as_json):
        Client.of(data_dir).send("DELETE", f"/break-glass/{account}")
        show(
            {"removed": account}, as_json, lambda it: out.print(f"{plain(it['removed'])} is gone.")
        )


def _print(account: dict[str, Any]) -> None:
    until = account["until"]
    state = f"open until {until}" if until else "waits for a second person"
    maker = f"  [dim]made by {plain(account['made_by'])}[/]" if account["made_by"] else ""
    failures = f"  [yellow]{account['failures']} failures[/]" if account["failures"] else ""
    who = f"{plain(account['id'])}  {plain(account['name'])}  {account['role']}"
    out.print(f"{who}  {state}{failures}{maker}")
