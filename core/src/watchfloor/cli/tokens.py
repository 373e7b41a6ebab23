"""``watchfloor token``: what vendors' systems show that hand events over."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from .client import Client
from .output import Json, failing_well, out, plain, show, show_all
from .places import DataDir

app = typer.Typer(help="Tokens of services.", no_args_is_help=True)


@app.command("list")
def list_tokens(data_dir: DataDir, as_json: Json = False) -> None:
    """Newest first, those that are over too. Never a secret."""
    with failing_well(as_json):
        found = Client.of(data_dir).get("/tokens")["items"]
        show_all(found, as_json, _print, "There are no tokens.")


@app.command("make")
def make_token(
    data_dir: DataDir,
    holder: Annotated[str, typer.Argument(help="Whose system will show it.")],
    source: Annotated[str, typer.Argument(help="The push source that it may hand over to.")],
    days: Annotated[int, typer.Option(help="Until it ends.", min=1, max=365)] = 90,
    as_json: Json = False,
) -> None:
    """Make a token. It is shown once: hand it over as you would a password."""
    with failing_well(as_json):
        body = {"holder": holder, "source": source, "days": days}
        show(Client.of(data_dir).send("POST", "/tokens", body), as_json, _print_made)


@app.command("revoke")
def revoke_token(
    data_dir: DataDir,
    token: Annotated[str, typer.Argument(help="Its id, as list has it.")],
    as_json: Json = False,
) -> None:
    """It opens nothing from now on."""
    with failing_well(as_json):
        show(Client.of(data_dir).send("DELETE", f"/tokens/{token}"), as_json, _print)


def _print(token: dict[str, Any]) -> None:
    state = "[red]revoked[/]" if token["revoked"] else f"until {token['until']}"
    out.print(
        f"{token['id']}  {plain(token['holder'])}  {plain(token['source'])}  {state}"
        f"  [dim]made by {plain(token['made_by'])}[/]"
    )


def _print_made(made: dict[str, Any]) -> None:
    _print(made["token"])
    out.print(f"Authorization: Bearer {made['secret']}", soft_wrap=True)
    out.print("It is shown this once.")
