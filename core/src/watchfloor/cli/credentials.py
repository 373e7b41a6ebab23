"""``watchfloor credential``: what a source or the hub needs to be let in; set, and never shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from watchfloor.contracts import GiveUp, NotFound

from .client import Client
from .files import text
from .output import Json, failing_well, out, plain, show, show_all
from .places import DataDir

app = typer.Typer(help="See which credentials are set, and set them.", no_args_is_help=True)

Owner = Annotated[str, typer.Argument(help="The source's id; hub for the hub's own.")]
Files = Annotated[
    list[str] | None, typer.Option("--file", metavar="PART=PATH", help="A part that a file holds.")
]
Asked = Annotated[
    list[str] | None, typer.Option("--ask", metavar="PART", help="Ask for this part, too.")
]

HUB = "hub"


@app.command("list")
def list_credentials(data_dir: DataDir, owner: Owner, as_json: Json = False) -> None:
    """What is needed, of which parts, and when it was set and last used. Never a value."""
    with failing_well(as_json):
        found = _declared(Client.of(data_dir), owner)
        show_all(found, as_json, _print, "It needs no credentials.")


@app.command("set")
def set_credential(
    data_dir: DataDir,
    owner: Owner,
    name: Annotated[str, typer.Argument(help="The credential's name, as list has it.")],
    files: Files = None,
    asked: Asked = None,
    as_json: Json = False,
) -> None:
    """Set a credential, or replace it whole. What no file holds is asked for."""
    with failing_well(as_json):
        client = Client.of(data_dir)
        value = _value(_named(_declared(client, owner), name), name, files, asked)
        client.send("PUT", f"{_place(owner)}/{name}", {"value": value})
        done = _named(_declared(client, owner), name)
        show(done, as_json, lambda it: out.print(f"{plain(owner)}: {plain(it['name'])} is set."))


@app.command("rotate")
def rotate_credential(
    data_dir: DataDir,
    source: Annotated[str, typer.Argument(help="The source's id.")],
    name: Annotated[str, typer.Argument(help="The credential's name, as list has it.")],
    overlap_h: Annotated[
        float, typer.Option("--overlap-hours", help="The one before is taken as well, so long.")
    ] = 24.0,
    files: Files = None,
    asked: Asked = None,
    as_json: Json = False,
) -> None:
    """Replace a credential while the source works; the overlap ends by itself."""
    with failing_well(as_json):
        client = Client.of(data_dir)
        value = _value(_named(_declared(client, source), name), name, files, asked)
        body = {"value": value, "overlap_s": overlap_h * 3600}
        done = client.send("POST", f"{_place(source)}/{name}/rotate", body)
        show(done, as_json, _print_rotation)


@app.command("ledger")
def show_ledger(
    data_dir: DataDir,
    source: Annotated[str | None, typer.Option(help="Of this source only.")] = None,
    still_open: Annotated[bool, typer.Option("--open", help="What is in hand now.")] = False,
    as_json: Json = False,
) -> None:
    """Who had which credential in hand, and until when: by fingerprint, never by value."""
    with failing_well(as_json):
        query = {"source": source, "open": "true" if still_open else None}
        found = Client.of(data_dir).get("/credentials/ledger", **query)["items"]
        show_all(found, as_json, _print_lease, "Nobody has had one in hand.")


@app.command("calendar")
def show_calendar(
    data_dir: DataDir,
    within: Annotated[int | None, typer.Option(help="Days; all that has an end, without.")] = None,
    as_json: Json = False,
) -> None:
    """Which credentials run out, and when; the next first."""
    with failing_well(as_json):
        found = Client.of(data_dir).get("/credentials/calendar", within_days=within)["items"]
        show_all(found, as_json, _print_due, "No credential is known to run out.")


@app.command("budget")
def show_budgets(data_dir: DataDir, as_json: Json = False) -> None:
    """What look-ups may cost this month, and what they have cost so far."""
    with failing_well(as_json):
        found = Client.of(data_dir).get("/budgets")["items"]
        show_all(found, as_json, _print_budget, "There are no budgets.")


def _place(owner: str) -> str:
    return "/hub/credentials" if owner == HUB else f"/sources/{owner}/credentials"


def _declared(client: Client, owner: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = client.get(_place(owner))["items"]
    return items


def _named(declared: Sequence[dict[str, Any]], name: str) -> dict[str, Any]:
    for each in declared:
        if each["name"] == name:
            return each
    known = ", ".join(each["name"] for each in declared) or "none"
    raise NotFound(
        f"There is no credential {name}.", code="undeclared", remedy=f"There are: {known}."
    )


def _value(declared: Mapping[str, Any], name: str, files: Files, asked: Asked) -> dict[str, str]:
    """The parts, from files and by asking."""
    value = {part: text(path) for part, path in map(_part_and_path, files or [])}
    for part in _wanted(declared, [*value, *(asked or [])]):
        if part["name"] not in value:
            value[part["name"]] = _ask(name, part)
    return value


def _wanted(declared: Mapping[str, Any], named: Sequence[str]) -> list[Mapping[str, Any]]:
    """The parts to set: those that were named, and what the nearest way needs besides."""
    way = max(declared["ways"], key=lambda way: len({*way} & {*named}))
    return [part for part in declared["parts"] if part["name"] in {*way, *named}]


def _ask(name: str, part: Mapping[str, Any]) -> str:
    if part["long"]:
        raise GiveUp(
            f"{part['name']} has several lines.",
            code="usage",
            remedy=f"Name the file that holds it: --file {part['name']}=PATH",
        )
    words = f"{name}: {part['title']}"
    answer: str = typer.prompt(words, hide_input=part["secret"], err=True)
    return answer


def _part_and_path(text: str) -> tuple[str, Path]:
    part, equals, path = text.partition("=")
    if not equals or not part or not path:
        raise GiveUp("--file: write PART=PATH.", code="usage")
    return part, Path(path)


def _print(each: dict[str, Any]) -> None:
    need = "" if each["required"] else " (optional)"
    out.print(f"[bold]{plain(each['name'])}[/]  {plain(each['title'])}{need}")
    if each["help"]:
        out.print(f"       {plain(each['help'])}")
    out.print(f"       needs {' or '.join(' and '.join(way) for way in each['ways'])}")
    out.print(f"       {_state(each)}")


def _state(each: Mapping[str, Any]) -> str:
    if not each["filled"]:
        return "[yellow]not set[/]"
    by = f" on {each['set']} by {plain(each['set_by'])}" if each["set"] else ""
    said = [f"[green]set[/]{by}: {', '.join(each['filled'])}"]
    said += [f"renewed {each['renewed']}"] if each["renewed"] else []
    said += [f"last used {each['leased']}"] if each["leased"] else []
    return "; ".join(said)


def _print_rotation(view: dict[str, Any]) -> None:
    until = view["overlap_until"]
    overlap = f"the one before is taken until {until}" if until else "the one before ends now"
    out.print(f"{plain(view['source'])}: {plain(view['name'])} is replaced; {overlap}.")
    if view["old_processes"]:
        out.print("Its worker takes the new one up within a minute: withdraw the old one later.")


def _print_lease(each: dict[str, Any]) -> None:
    until = f"{each['until']} ({each['ended']})" if each["until"] else "[green]in hand[/]"
    out.print(
        f"{each['since']}  {plain(each['source'])}  {plain(each['name'])}  {each['fingerprint']}"
        f"  process {each['process']}, {each['times']} times, until {until}"
    )


def _print_due(each: dict[str, Any]) -> None:
    colour = {None: "default", 30: "default", 0: "red"}.get(each["stage"], "yellow")
    by = f" {plain(each['said_by'])}" if each["said_by"] else ""
    out.print(
        f"[{colour}]{each['expires']}[/]  {plain(each['owner'])}  {plain(each['name'])}"
        f"  {each['days']} days left (known by {each['known']}{by})"
    )


def _print_budget(each: dict[str, Any]) -> None:
    colour = {"ok": "green", "near": "yellow", "spent": "red"}[each["state"]]
    amount = "" if each["cents"] is None else f" of {each['cents'] / 100:.2f}"
    number = "" if each["lookups"] is None else f" of {each['lookups']}"
    out.print(
        f"[{colour}]{each['share']:.0%}[/]  {plain(each['source'])}  "
        f"{each['spent_cents'] / 100:.2f}{amount} {each['currency']}, "
        f"{each['spent_lookups']}{number} look-ups since {each['since']}"
    )
