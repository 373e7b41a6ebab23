"""The sources of connectors: configured, approved, checked, switched on and off, looked at."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from watchfloor.contracts import GiveUp, NotFound

from .client import Client
from .files import text
from .output import PARTLY, Json, failing_well, out, plain, show
from .places import DataDir

Source = Annotated[str, typer.Argument(help="The source's id.")]


def add_to(app: typer.Typer) -> None:
    """Put the commands beside those for connectors."""
    for command in (configure, approve, check, enable, disable, logs):
        app.command(command.__name__)(command)


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


def approve(
    data_dir: DataDir,
    source: Source,
    data: Annotated[str | None, typer.Option(help="Which data about whom.")] = None,
    legal_basis: Annotated[str | None, typer.Option(help="On what legal basis.")] = None,
    retention_days: Annotated[int | None, typer.Option(min=0, help="How long it is kept.")] = None,
    version: Annotated[
        str | None, typer.Option(help="Which version.", show_default="the one in use")
    ] = None,
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


def check(data_dir: DataDir, source: Source, as_json: Json = False) -> None:
    """Try a source's settings, credentials and hosts. Exits with 1 when something is wrong."""
    with failing_well(as_json):
        findings = Client.of(data_dir).send("POST", f"/sources/{source}/check")["findings"]
        for finding in findings:
            show(finding, as_json, _print_finding)
        if not all(finding["ok"] for finding in findings):
            raise typer.Exit(PARTLY)


def enable(data_dir: DataDir, source: Source, as_json: Json = False) -> None:
    """Switch a source on."""
    _switch(data_dir, source, "enable", as_json)


def disable(data_dir: DataDir, source: Source, as_json: Json = False) -> None:
    """Switch a source off. Settings, credentials and checkpoint stay."""
    _switch(data_dir, source, "disable", as_json)


def logs(data_dir: DataDir, source: Source, as_json: Json = False) -> None:
    """What a source's worker said and how it fared since the hub started."""
    with failing_well(as_json):
        for line in Client.of(data_dir).get(f"/sources/{source}/logs")["items"]:
            show(line, as_json, _print_line)


def _switch(data_dir: Path, source: str, verb: str, as_json: bool) -> None:
    with failing_well(as_json):
        view = Client.of(data_dir).send("POST", f"/sources/{source}/{verb}")
        show(view, as_json, lambda it: out.print(f"{it['id']}: {it['state']}."))


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


def _setting(said: str) -> tuple[str, Any]:
    field, equals, value = said.partition("=")
    if not equals:
        raise GiveUp(f"--set {field}: write FIELD=VALUE.", code="usage")
    try:
        return field, json.loads(value)
    except ValueError:
        return field, value


def _credentials(secrets: list[str]) -> dict[str, dict[str, str]]:
    """Credential → its parts. Nothing secret stands on the command line."""
    found: dict[str, dict[str, str]] = {}
    for said in secrets:
        where, equals, file = said.partition("=@")
        name, dot, part = where.partition(".")
        if not dot or (not equals and "=" in said):
            raise GiveUp("--secret: write NAME.PART or NAME.PART=@FILE.", code="usage")
        value = (
            text(Path(file))
            if equals
            else typer.prompt(f"{name}: {part}", hide_input=True, err=True)
        )
        found.setdefault(name, {})[part] = value
    return found


def _print_impact(view: dict[str, Any]) -> None:
    out.print(f"[bold]{plain(view['source'])}[/]: {view['connector']} {plain(view['version'])}")
    for title in ("data", "legal_basis", "retention_days"):
        out.print(f"  {title.replace('_', ' '):<14} {plain(view['draft'][title])}")
    for title, words in view["touches"].items():
        if words is None:
            out.print(f"  {title.replace('_', ' '):<14} told to who operates or approves it")
            continue
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
