"""``watchfloor policy``: the agency's rules, from the folder where they are edited to what runs.

To propose and to approve are a person's: they go to the running hub, which knows who is signed in.
The rest needs none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from watchfloor import settings
from watchfloor.adapters.cedar import read_rules, schema
from watchfloor.adapters.clock import SystemClock
from watchfloor.contracts import NotFound
from watchfloor.policy import (
    CONFIRM,
    GATES,
    PRESETS,
    Difference,
    Entry,
    Gate,
    Outcome,
    PolicyBook,
    Preset,
    load,
    run_cases,
    unified,
)

from .client import Client
from .output import PARTLY, Json, failing_well, out, plain, show, show_all
from .places import DataDir

app = typer.Typer(help="The agency's policy: check, test, compare, adopt.", no_args_is_help=True)

Version = Annotated[str, typer.Argument(help="The proposal's version, or its first 12 digits.")]


@app.command("show")
def show_running(
    data_dir: DataDir,
    words: Annotated[
        bool, typer.Option("--schema", help="Every word that rules may use, as a Cedar schema.")
    ] = False,
    as_json: Json = False,
) -> None:
    """What runs, who adopted it, and what waits for approval."""
    with failing_well(as_json):
        if words:
            typer.echo(schema())
        else:
            show(_running(_book(data_dir)), as_json, _print_running)


@app.command()
def start(data_dir: DataDir) -> None:
    """Make the folder `policy`, with the packaged rules to begin with."""
    with failing_well():
        book = _book(data_dir)
        files = book.start()
        out.print(f"{plain(book.folder)} has {len(files)} files now; nothing of it runs yet.")


@app.command()
def check(data_dir: DataDir, as_json: Json = False) -> None:
    """Whether everything in the folder is sound. Says the file and line of what is not."""
    with failing_well(as_json):
        book = _book(data_dir)
        policy = book.sound(book.edited())
        found = {
            "version": policy.version,
            "rules": len(policy.rules.rules),
            "gates": [gate.id for gate in policy.gates],
            "zones": len(policy.zones.zones),
        }
        show(found, as_json, _print_sound)


@app.command("test")
def run_tests(data_dir: DataDir, as_json: Json = False) -> None:
    """Put the folder's test cases to the folder's rules. Exits with 1 when one fails."""
    with failing_well(as_json):
        book = _book(data_dir)
        files = book.edited()
        outcomes = run_cases(files, load(files, book.agency, read_rules))
        show_all(
            [_outcome(each) for each in outcomes], as_json, _print_outcome, "There are no cases."
        )
    if not all(each.passed for each in outcomes):
        raise typer.Exit(PARTLY)


@app.command()
def diff(
    data_dir: DataDir,
    version: Annotated[
        str, typer.Argument(help="A proposal; the folder as it is, when none is named.")
    ] = "",
    as_json: Json = False,
) -> None:
    """What would change in what runs: in words, then line by line."""
    with failing_well(as_json):
        book = _book(data_dir)
        files = book.version(version) if version else book.edited()
        text = unified(book.running().files, files)
        changes = [_difference(each) for each in book.changes(files)]
        show({"changes": changes, "text": text}, as_json, _print_diff)


@app.command()
def propose(data_dir: DataDir, as_json: Json = False) -> None:
    """Offer what the folder of the running hub holds for a second person's approval."""
    with failing_well(as_json):
        proposed = Client.of(data_dir).send("POST", "/policy/proposals")
        show(proposed, as_json, _print_proposed)


@app.command()
def approve(data_dir: DataDir, version: Version, as_json: Json = False) -> None:
    """Adopt a proposal, as a second person: the hub decides by it from now on."""
    with failing_well(as_json):
        adopted = Client.of(data_dir).send("POST", f"/policy/proposals/{version}/approve")
        show(adopted, as_json, _print_approved)


@app.command()
def templates(
    name: Annotated[str, typer.Argument(help="One gate or preset; all when none is named.")] = "",
    as_json: Json = False,
) -> None:
    """Gates and presets that are ready to be switched on, once counsel confirmed them."""
    with failing_well(as_json):
        known: dict[str, Gate | Preset] = {**GATES, **PRESETS}
        if name and name not in known:
            raise NotFound(f"There is no template {name!r}.", code="no_such_template")
        chosen = [known[name]] if name else [*known.values()]
        show_all([_template(each) for each in chosen], as_json, _printer(bool(name)), "")
        if not as_json:
            out.print(f"\n[bold]{CONFIRM}[/]")


def _book(data_dir: Path) -> PolicyBook:
    return PolicyBook(data_dir, settings.load(data_dir).agency, read_rules, SystemClock())


def _running(book: PolicyBook) -> dict[str, Any]:
    running = book.running()
    effects = Counter(rule.effect for rule in running.policy.rules.rules.values())
    return {
        "version": running.policy.version,
        "approved_by": _who(running.adopted) if running.adopted else None,
        "rules": dict(effects),
        "gates": [gate.id for gate in running.policy.gates],
        "zones": len(running.policy.zones.zones),
        "notice": running.notice,
        "waiting": [{"version": each.version, "by": _who(each)} for each in book.proposed()],
    }


def _who(entry: Entry) -> str:
    return entry.called or entry.by


def _print_running(found: dict[str, Any]) -> None:
    who = f"approved by {plain(found['approved_by'])}" if found["approved_by"] else "as packaged"
    rules = ", ".join(f"{count} {effect}" for effect, count in sorted(found["rules"].items()))
    out.print(f"[bold]Version {found['version'][:12]}[/], {who}")
    out.print(f"Rules: {rules}. Gates: {_listed(found['gates'])}. Zones: {found['zones']}.")
    for each in found["waiting"]:
        out.print(f"Waits for approval: {each['version'][:12]}, proposed by {plain(each['by'])}")
    if found["notice"]:
        out.print(f"[yellow]{found['notice']}[/]")


def _listed(names: list[str]) -> str:
    return ", ".join(names) or "none"


def _print_sound(found: dict[str, Any]) -> None:
    out.print(
        f"Sound: {found['rules']} rules, gates: {_listed(found['gates'])}, {found['zones']} zones. "
        f"Version {found['version'][:12]}."
    )


def _outcome(each: Outcome) -> dict[str, Any]:
    return {"file": each.file, "name": each.name, "passed": each.passed, "differs": each.differs}


def _print_outcome(each: dict[str, Any]) -> None:
    mark = "[green]passed[/]" if each["passed"] else "[bold red]failed[/]"
    out.print(
        f"{mark}  {plain(each['name'])}" + (f": {each['differs']}" if each["differs"] else "")
    )


def _difference(each: Difference) -> dict[str, str]:
    return {"direction": each.direction, "what": each.what}


def _print_diff(found: dict[str, Any]) -> None:
    for each in found["changes"]:
        out.print(f"[bold]{each['direction']:9}[/] {plain(each['what'])}")
    if not found["text"]:
        out.print("Nothing would change.")
    for line in found["text"].splitlines():
        out.print(plain(line))


def _print_proposed(found: dict[str, str]) -> None:
    short = found["version"][:12]
    out.print(f"Proposed: version {short}. A second person reads `watchfloor policy diff {short}`")
    out.print(f"and then, signed in, says `watchfloor policy approve {short}`.")


def _print_approved(found: dict[str, str]) -> None:
    out.print(f"Adopted: version {found['version'][:12]}. The hub runs it.")


def _template(each: Gate | Preset) -> dict[str, str]:
    preset = isinstance(each, Preset)
    words = each.rule if isinstance(each, Preset) else f"Refuses: {each.refuses}"
    return {
        "id": each.id, "table": f"{'presets' if preset else 'gates'}.{each.id}", "words": words,
        "citation": each.citation, "mark": each.mark,
    }  # fmt: skip


def _printer(whole: bool) -> Callable[[dict[str, str]], None]:
    def printed(each: dict[str, str]) -> None:
        out.print(f"[bold]{each['id']}[/]  {plain(each['words'])}")
        out.print(f"       {plain(each['citation'])} ({each['mark']})")
        if whole:
            out.print(f"\nTo switch it on, in settings.toml:\n\n{plain('[' + each['table'] + ']')}")
            out.print('confirmed_by = "name of the counsel"\nconfirmed_on = 2026-11-02')

    return printed
