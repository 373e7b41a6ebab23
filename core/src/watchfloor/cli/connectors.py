"""``watchfloor connector``: the life of connectors, from the index to the last log line."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from watchfloor.contracts import AskAPerson, GiveUp, NotFound, RetryLater

from . import publishing
from .client import Client
from .output import PARTLY, Json, failing_well, out, plain, progress, show
from .places import DataDir

app = typer.Typer(
    help="Find, install, configure, watch, upgrade and remove connectors.", no_args_is_help=True
)
publishing.add_to(app)

Connector = Annotated[str, typer.Argument(help="The connector's id.")]
Source = Annotated[str, typer.Argument(help="The source's id.")]
Version = Annotated[
    str | None, typer.Option(help="Which version.", show_default="the newest that may run")
]

LOOK_S = 0.2
LONGEST_S = 600.0
BUNDLE_DEADLINE_S = 120.0


@app.command("search")
def search(
    data_dir: DataDir,
    words: Annotated[list[str] | None, typer.Argument(help="Words that must all fit.")] = None,
    as_json: Json = False,
) -> None:
    """What the index offers."""
    with failing_well(as_json):
        found = Client.of(data_dir).get("/registry", q=" ".join(words or []))["items"]
        for offer in found:
            show(offer, as_json, _print_offer)
        if not found and not as_json:
            out.print("Nothing in the index fits.")


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
        for each in found:
            show(each, as_json, _print_installed)
        if not found and not as_json:
            out.print("None is installed. See what there is: watchfloor connector search")


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
                "POST", "/bundles", _content(bundle), content_type="application/octet-stream"
            )
        else:
            job = client.send("POST", f"/connectors/{id}/install", _wanted(version))
        done = _finished(client, job, as_json)
        show(done, as_json, lambda it: out.print(f"Installed {_named(it)}."))


@app.command("configure")
def configure(
    data_dir: DataDir,
    source: Source,
    connector: Annotated[
        str | None, typer.Option(help="Of which connector; needed for a new source.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="What people call it.")] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="FIELD=VALUE; JSON where it is JSON.")
    ] = None,
    secrets: Annotated[
        list[str] | None,
        typer.Option("--secret", help="NAME.PART, asked for; or NAME.PART=@FILE."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Add a source, switched off, or change one: its settings and credentials."""
    with failing_well(as_json):
        client = Client.of(data_dir)
        known = _source(client, source)
        body = _configured(known, source, connector, name, settings or [])
        credentials = _credentials(secrets or [])
        view = client.send("PUT", f"/sources/{source}", body)
        for credential, value in credentials.items():
            path = f"/sources/{source}/credentials/{credential}"
            client.send("PUT", path, {"value": value})
        show(view, as_json, lambda it: out.print(f"{it['id']}: configured, {it['state']}."))


@app.command("approve")
def approve(
    data_dir: DataDir,
    source: Source,
    data: Annotated[str | None, typer.Option(help="Which data about whom.")] = None,
    legal_basis: Annotated[str | None, typer.Option(help="On what legal basis.")] = None,
    retention_days: Annotated[int | None, typer.Option(min=0, help="How long it is kept.")] = None,
    version: Version = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Fill in and approve a source's impact statement, in the name of the signed-in person."""
    with failing_well(as_json):
        client = Client.of(data_dir)
        view = client.get(f"/sources/{source}/impact", version=version)
        said = {"data": data, "legal_basis": legal_basis, "retention_days": retention_days}
        body = view["draft"] | {key: value for key, value in said.items() if value is not None}
        if not as_json:
            _print_impact(view | {"draft": body})
        if not yes and not typer.confirm("Do you approve this, and answer for it?", err=True):
            raise typer.Exit(PARTLY)
        done = client.send("PUT", f"/sources/{source}/impact", body | {"version": view["version"]})
        by = done["approved"]["by"]
        show(done, as_json, lambda _: out.print(f"Approved by {plain(by)}."))


@app.command("check")
def check(data_dir: DataDir, source: Source, as_json: Json = False) -> None:
    """Try a source's settings, credentials and hosts. Exits with 1 when something is wrong."""
    with failing_well(as_json):
        findings = Client.of(data_dir).send("POST", f"/sources/{source}/check")["findings"]
        for finding in findings:
            show(finding, as_json, _print_finding)
        if not all(finding["ok"] for finding in findings):
            raise typer.Exit(PARTLY)


@app.command("enable")
def enable(data_dir: DataDir, source: Source, as_json: Json = False) -> None:
    """Switch a source on."""
    _switch(data_dir, source, "enable", as_json)


@app.command("disable")
def disable(data_dir: DataDir, source: Source, as_json: Json = False) -> None:
    """Switch a source off. Settings, credentials and checkpoint stay."""
    _switch(data_dir, source, "disable", as_json)


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


@app.command("logs")
def logs(data_dir: DataDir, source: Source, as_json: Json = False) -> None:
    """What a source's worker said and how it fared since the hub started."""
    with failing_well(as_json):
        for line in Client.of(data_dir).get(f"/sources/{source}/logs")["items"]:
            show(line, as_json, _print_line)


def _switch(data_dir: Path, source: str, verb: str, as_json: bool) -> None:
    with failing_well(as_json):
        view = Client.of(data_dir).send("POST", f"/sources/{source}/{verb}")
        show(view, as_json, lambda it: out.print(f"{it['id']}: {it['state']}."))


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


def _content(bundle: Path) -> bytes:
    try:
        return bundle.read_bytes()
    except OSError as error:
        raise GiveUp(f"{bundle} cannot be read: {error.strerror}.", code="usage") from None


def _source(client: Client, source: str) -> dict[str, Any] | None:
    items: list[dict[str, Any]] = client.get("/sources")["items"]
    return next((item for item in items if item["id"] == source), None)


def _configured(
    known: dict[str, Any] | None,
    source: str,
    connector: str | None,
    name: str | None,
    settings: list[str],
) -> dict[str, Any]:
    """The source as it is wanted: what is known of it, and what was said."""
    if known is None and connector is None:
        raise NotFound(
            f"There is no source {source}.",
            code="no_such_source",
            remedy="Name its connector with --connector to add it.",
        )
    before = known or {"config": {}, "enabled": False, "synthetic": False}
    return {
        "connector": connector or before["connector"],
        "name": name or before.get("name", source),
        "config": before["config"] | dict(_setting(each) for each in settings),
        "enabled": before["enabled"],
        "synthetic": before["synthetic"],
    }


def _setting(text: str) -> tuple[str, Any]:
    field, equals, value = text.partition("=")
    if not equals:
        raise GiveUp(f"--set {field}: write FIELD=VALUE.", code="usage")
    try:
        return field, json.loads(value)
    except ValueError:
        return field, value


def _credentials(secrets: list[str]) -> dict[str, dict[str, str]]:
    """Credential → its parts. Nothing secret stands on the command line."""
    found: dict[str, dict[str, str]] = {}
    for text in secrets:
        where, equals, file = text.partition("=@")
        name, dot, part = where.partition(".")
        if not dot or (not equals and "=" in text):
            raise GiveUp("--secret: write NAME.PART or NAME.PART=@FILE.", code="usage")
        value = (
            _content(Path(file)).decode().rstrip("\n")
            if equals
            else typer.prompt(f"{name}: {part}", hide_input=True, err=True)
        )
        found.setdefault(name, {})[part] = value
    return found


def _print_offer(offer: dict[str, Any]) -> None:
    state = f"[green]installed {plain(offer['installed'])}[/]" if offer["installed"] else ""
    if offer["revoked"]:
        state = "[bold red]revoked[/]"
    out.print(
        f"{plain(offer['id']):<24} {plain(offer['version']):<10} {offer['level']:<9} "
        f"{plain(offer['name'])} ({plain(offer['vendor'])}) {state}"
    )


def _print_installed(each: dict[str, Any]) -> None:
    notes = [] if each["verified"] else ["not verified"]
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


def _print_impact(view: dict[str, Any]) -> None:
    out.print(f"[bold]{plain(view['source'])}[/]: {view['connector']} {plain(view['version'])}")
    for title in ("data", "legal_basis", "retention_days"):
        out.print(f"  {title.replace('_', ' '):<14} {plain(view['draft'][title])}")
    for title, words in view["touches"].items():
        new = [word for word in words if word in view["beyond"][title]]
        old = [word for word in words if word not in new]
        marked = [*map(plain, old), *(f"[yellow]{plain(word)} (new)[/]" for word in new)]
        out.print(f"  {title.replace('_', ' '):<14} {', '.join(marked) or 'none'}")


def _print_finding(finding: dict[str, Any]) -> None:
    mark = "[green]ok[/]  " if finding["ok"] else "[bold red]look[/]"
    out.print(f"{mark} {plain(finding['what'])}: {plain(finding['detail'])}")
    if not finding["ok"] and finding.get("remedy"):
        out.print(f"       {plain(finding['remedy'])}")


def _print_line(line: dict[str, Any]) -> None:
    out.print(f"{line['at']} {line['level']:<7} {plain(line['text'])}")
