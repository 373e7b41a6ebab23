"""``watchfloor connector``: the life of connectors, from the index to the last log line."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from watchfloor.contracts import AskAPerson, GiveUp, RetryLater

from . import connector_sources, publishing
from .client import Client
from .files import content
from .output import Json, failing_well, out, plain, progress, show, show_all
from .places import DataDir

app = typer.Typer(
    help="Find, install, configure, watch, upgrade and remove connectors.", no_args_is_help=True
)

Connector = Annotated[str, typer.Argument(help="The connector's id.")]
Version = Annotated[
    str | None, typer.Option(help="Which version.", show_default="the newest that may run")
]

LOOK_S = 0.2
LONGEST_S = 600.0


@app.command("search")
def search(
    data_dir: DataDir,
    words: Annotated[list[str] | None, typer.Argument(help="Words that must all fit.")] = None,
    as_json: Json = False,
) -> None:
    """What the index offers."""
    with failing_well(as_json):
        found = Client.of(data_dir).get("/registry", q=" ".join(words or []))["items"]
        show_all(found, as_json, _print_offer, "Nothing in the index fits.")


@app.command("show")
def show_connector(data_dir: DataDir, id: Connector, as_json: Json = False) -> None:
    """What a connector is and what it will touch."""
    with failing_well(as_json):
        show(Client.of(data_dir).get(f"/connectors/{id}"), as_json, _print_page)


@app.command("list")
def list_connectors(data_dir: DataDir, as_json: Json = False) -> None:
    """What is installed."""
    with failing_well(as_json):
        found = Client.of(data_dir).get("/connectors")["items"]
        nothing = "None is installed. See what there is: watchfloor connector search"
        show_all(found, as_json, _print_installed, nothing)


@app.command("install")
def install(
    data_dir: DataDir,
    id: Annotated[str | None, typer.Argument(help="The connector's id.")] = None,
    version: Version = None,
    bundle: Annotated[
        Path | None, typer.Option(help="Install what this bundle holds, without a network.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Fetch, verify and install a connector into an environment of its own."""
    with failing_well(as_json):
        client = Client.of(data_dir)
        if (id is None) == (bundle is None):
            raise GiveUp("Name either a connector or a bundle.", code="usage")
        if bundle is not None:
            job = client.send(
                "POST", "/bundles", content(bundle), content_type="application/octet-stream"
            )
        else:
            job = client.send("POST", f"/connectors/{id}/install", _wanted(version))
        done = _finished(client, job, as_json)
        show(done, as_json, lambda it: out.print(f"Installed {_named(it)}."))


@app.command("upgrade")
def upgrade(
    data_dir: DataDir, id: Connector, version: Version = None, as_json: Json = False
) -> None:
    """Put another version into use, when its check passes; else the old one stays."""
    _work(data_dir, f"/connectors/{id}/upgrade", _wanted(version), "Now in use:", as_json)


@app.command("rollback")
def rollback(data_dir: DataDir, id: Connector, as_json: Json = False) -> None:
    """Put the version before into use again."""
    _work(data_dir, f"/connectors/{id}/rollback", {}, "Now in use:", as_json)


@app.command("remove")
def remove(data_dir: DataDir, id: Connector, as_json: Json = False) -> None:
    """Take a connector away that no source uses."""
    _work(data_dir, f"/connectors/{id}/remove", {}, "Removed", as_json)


connector_sources.add_to(app)
publishing.add_to(app)


def _work(data_dir: Path, path: str, body: Any, words: str, as_json: bool) -> None:
    with failing_well(as_json):
        client = Client.of(data_dir)
        done = _finished(client, client.send("POST", path, body), as_json)
        show(done, as_json, lambda it: out.print(f"{words} {_named(it)}."))


def _finished(client: Client, job: dict[str, Any], quiet: bool) -> dict[str, Any]:
    """Wait for a job, with a bar. Raises its error."""
    until = time.monotonic() + LONGEST_S
    with progress(quiet) as bar:
        task = bar.add_task(job["what"], total=1.0)
        while job["state"] == "running" and time.monotonic() < until:
            bar.update(task, completed=job["progress"], description=plain(job["step"]))
            time.sleep(LOOK_S)
            job = client.get(f"/jobs/{job['id']}")
    if job["state"] == "running":
        raise RetryLater("The hub is still at it.", code="still_running")
    if job["error"]:
        said = job["error"]
        raise AskAPerson(said["detail"], code=said["code"], remedy=said["remedy"])
    return job


def _named(job: dict[str, Any]) -> str:
    result = job.get("result") or {}
    return plain(f"{result.get('connector', job['connector'])} {result.get('version', '')}".strip())


def _wanted(version: str | None) -> dict[str, Any]:
    return {"version": version} if version else {}


def _print_offer(offer: dict[str, Any]) -> None:
    state = f"[green]installed {plain(offer['installed'])}[/]" if offer["installed"] else ""
    if offer["revoked"]:
        state = "[bold red]revoked[/]"
    out.print(
        f"{plain(offer['id']):<24} {plain(offer['version']):<10} {offer['level']:<9} "
        f"{plain(offer['name'])} ({plain(offer['vendor'])}) {state}"
    )


_STANDING = {None: "installed with the hub", False: "DOES NOT VERIFY"}


def _print_installed(each: dict[str, Any]) -> None:
    notes = [_STANDING[each["verified"]]] if each["verified"] is not True else []
    notes += [f"newer: {each['newer']}"] if each["newer"] else []
    notes += [f"REVOKED: {each['revoked']}"] if each["revoked"] else []
    notes += [each["problem"]] if each["problem"] else []
    out.print(
        f"{plain(each['id']):<24} {plain(each['version'] or '?'):<10} "
        f"{plain(', '.join(each['sources']) or '-'):<24} {plain('; '.join(notes))}"
    )


def _print_page(page: dict[str, Any]) -> None:
    offer, installed = page["offer"], page["installed"]
    said = (offer or {}).get("manifest") or (installed or {}).get("manifest") or {}
    out.print(f"[bold]{plain(said.get('name', page['id']))}[/] ({plain(said.get('vendor', ''))})")
    out.print(plain(said.get("description", "")))
    for title, words in (
        ("licence", said.get("licence")),
        ("owner", said.get("owner")),
        ("hosts", said.get("hosts")),
        ("events", said.get("event_types")),
        ("assets", said.get("asset_kinds")),
        ("credentials", [each["name"] for each in said.get("credentials", ())]),
        ("look-ups", [each["name"] for each in said.get("lookups", ())]),
        ("actions", [each["name"] for each in said.get("actions", ())]),
    ):
        listed = ", ".join(words) if isinstance(words, list) else words
        out.print(f"  {title:<12} {plain(listed or 'none')}")
    if offer:
        out.print(f"In the index: {plain(offer['version'])}, level {offer['level']}")
    if installed:
        out.print(f"Installed: {plain(installed['version'])}")
