"""``watchfloor retention``: what is kept for how long, what is due, what was deleted and its proof.

What only reads asks the hub where one runs, as whoever is signed in, and reads its data directory
where none does. Nothing is changed here but by the rules in force: who places a hold or changes the
schedule does so signed in, in a hub.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec
import typer

from watchfloor.adapters.clock import SystemClock
from watchfloor.adapters.sqlite import SqliteStore
from watchfloor.bootstrap import DATABASE, LOCK_FILE
from watchfloor.contracts import AskAPerson, GiveUp, NotFound
from watchfloor.registry import Approvals
from watchfloor.retention import (
    CAUTION,
    HoldDesk,
    PurgeJob,
    Retention,
    presets,
    proof_document,
    proves,
    receipt_document,
)

from .client import Client
from .output import PARTLY, Json, failing_well, out, plain, progress, show, show_all
from .places import DataDir

T = TypeVar("T")

app = typer.Typer(
    help="What is kept for how long, what is due, what was deleted.", no_args_is_help=True
)
holds = typer.Typer(help="What must stay although its time is up.", no_args_is_help=True)
receipts = typer.Typer(help="What was deleted, and the proof of it.", no_args_is_help=True)
app.add_typer(holds, name="holds")
app.add_typer(receipts, name="receipt")


@contextmanager
def _alone(data_dir: Path) -> Iterator[Path]:
    """No hub runs on it meanwhile: there is one writer."""
    path = data_dir / DATABASE
    if not path.exists():
        raise NotFound(
            f"There is no hub in {data_dir}.", code="not_found", remedy="Name its --data-dir."
        )
    with (data_dir / LOCK_FILE).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AskAPerson(
                f"A hub runs on {data_dir}.",
                code="already_running",
                remedy="It purges by itself, and its console shows the rest. Or end it first.",
            ) from None
        yield path


def _with_store(data_dir: Path, work: Callable[[SqliteStore], Awaitable[T]]) -> T:
    async def opened(path: Path) -> T:
        store = SqliteStore(path, SystemClock())
        await store.open()
        try:
            return await work(store)
        finally:
            await store.close()

    with _alone(data_dir) as path:
        return asyncio.run(opened(path))


def _read(
    data_dir: Path,
    work: Callable[[SqliteStore], Awaitable[T]],
    asked: Callable[[Client], T],
) -> T:
    """From the data, or from the hub that runs on them."""
    try:
        return _with_store(data_dir, work)
    except AskAPerson as error:
        if error.code != "already_running":
            raise
        return asked(Client.of(data_dir))


def _items(path: str, **params: object) -> Callable[[Client], list[dict[str, Any]]]:
    """A list of the hub's."""
    return lambda client: client.get(path, **params)["items"]


async def _retention(store: SqliteStore) -> Retention:
    retention = Retention(
        store.schedules, store.purging, SystemClock(), Approvals(store.ledger).days
    )
    await retention.refresh()
    return retention


@app.command("presets")
def list_presets(as_json: Json = False) -> None:
    """What laws and orders say, by jurisdiction; all off until somebody answers for one."""
    found = [msgspec.to_builtins(each) for each in presets().values()]
    show_all(found, as_json, _print_preset, "")
    if not as_json:
        out.print(f"[bold]{CAUTION}[/] D: the law's text was read. R: reported. U: not read again.")


@app.command("show")
def show_schedule(data_dir: DataDir, as_json: Json = False) -> None:
    """Every schedule that was proposed, newest first; the first approved one is in force."""
    with failing_well(as_json):

        async def versions(store: SqliteStore) -> list[dict[str, Any]]:
            return await (await _retention(store)).versions()

        found = _read(data_dir, versions, _items("/retention/proposals"))
        show_all(found, as_json, _print_version, "No schedule: the strict defaults are in force.")


@app.command("plan")
def plan(data_dir: DataDir, as_json: Json = False) -> None:
    """What counts for all that there is, and how much of it is due. Exits with 1 where a floor and
    a cap contradict each other."""
    with failing_well(as_json):

        async def lines(store: SqliteStore) -> list[dict[str, object]]:
            return await (await _retention(store)).plan()

        found = _read(data_dir, lines, _items("/retention/plan"))
        show_all(found, as_json, _print_line, "There is no data.")
        if any(line["contradiction"] for line in found):
            raise typer.Exit(PARTLY)


@app.command("run")
def run(data_dir: DataDir, as_json: Json = False) -> None:
    """Delete what is due now. May be stopped at any moment: the next run goes on."""
    with failing_well(as_json):
        done = _with_store(data_dir, lambda store: _purge(store, as_json))
        show(done, as_json, _print_done)
        if done["contradictions"]:
            raise typer.Exit(PARTLY)


async def _purge(store: SqliteStore, quiet: bool) -> dict[str, Any]:
    retention = await _retention(store)
    job = PurgeJob(store, SystemClock(), retention.refresh)
    with progress(quiet) as bar:
        task = bar.add_task("Deleting", total=None)
        running = asyncio.create_task(job.run())
        while not running.done():
            state = job.progress
            bar.update(task, total=state.due or None, completed=state.deleted + state.held)
            await asyncio.wait([running], timeout=0.2)
        done: dict[str, Any] = msgspec.to_builtins(await running)
    return done


@holds.command("list")
def list_holds(data_dir: DataDir, as_json: Json = False) -> None:
    """All of them, those that end next first. One that ends within two weeks says so."""
    with failing_well(as_json):

        async def documents(store: SqliteStore) -> list[dict[str, Any]]:
            return await HoldDesk(store.holds, SystemClock()).documents()

        found = _read(data_dir, documents, _items("/retention/holds"))
        show_all(found, as_json, _print_hold, "Nothing is held.")


@receipts.command("list")
def list_receipts(
    data_dir: DataDir,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    as_json: Json = False,
) -> None:
    """What was deleted, newest first."""
    with failing_well(as_json):

        async def documents(store: SqliteStore) -> list[dict[str, Any]]:
            return [receipt_document(each) for each in await store.receipts.list(None, limit)]

        found = _read(data_dir, documents, _items("/retention/receipts", limit=limit))
        show_all(found, as_json, _print_receipt, "Nothing was deleted.")


@receipts.command("prove")
def prove(
    data_dir: DataDir,
    source: Annotated[str, typer.Argument(help="The source that delivered it.")],
    id: Annotated[str, typer.Argument(help="The event's own id; a record's number.")],
    kind: Annotated[
        str | None, typer.Option(help="For other records than events: dead-letter, alert ...")
    ] = None,
    to: Annotated[
        Path | None, typer.Option("--out", help="A file for the proof, to hand on.", dir_okay=False)
    ] = None,
    as_json: Json = False,
) -> None:
    """That a record was held and was deleted: when, and under which rule."""
    with failing_well(as_json):

        async def proven(store: SqliteStore) -> dict[str, Any]:
            found = await store.receipts.deletion(source, id, kind)
            if found is None:
                raise NotFound(
                    "No receipt holds a deletion of that id.",
                    code="no_such_receipt",
                    remedy="It is kept still, was never held, or its purge is under way.",
                )
            return proof_document(found)

        document = _read(
            data_dir,
            proven,
            lambda client: client.get("/retention/proof", source=source, id=id, kind=kind),
        )
        if to is not None:
            to.write_text(json.dumps(document, indent=1) + "\n", "utf-8")
        show(document, as_json, _print_proof)


@receipts.command("check")
def check(
    proof: Annotated[Path, typer.Argument(help="What “prove --out” wrote.", dir_okay=False)],
    source: Annotated[str, typer.Argument(help="The source that delivered it.")],
    id: Annotated[str, typer.Argument(help="The event's own id; a record's number.")],
    kind: Annotated[str | None, typer.Option(help="For other records than events.")] = None,
    as_json: Json = False,
) -> None:
    """Whether a proof is about that record and leads to its receipt's root. Needs no hub. Exits
    with 1 where it does not."""
    with failing_well(as_json):
        good = proves(_document(proof), source, id, kind)
        words = "The proof holds." if good else "[bold red]The proof does not hold.[/]"
        show({"holds": good}, as_json, lambda _: out.print(words))
        if not good:
            raise typer.Exit(PARTLY)


def _document(path: Path) -> dict[str, Any]:
    try:
        document: dict[str, Any] = json.loads(path.read_text("utf-8"))
        return document
    except (OSError, ValueError) as error:
        raise GiveUp(
            "The proof cannot be read.",
            code="bad_proof",
            remedy="Give the document that “watchfloor retention receipt prove --out” wrote.",
        ) from error


# --- For people --------------------------------------------------------------------------------


def _print_preset(each: dict[str, Any]) -> None:
    limit = f"at most {each['cap']}" if each["cap"] else f"at least {each['floor']}"
    out.print(f"[bold]{plain(each['id'])}[/]  {plain(each['kind'])} {limit}  ({each['mark']})")
    out.print(f"       {plain(each['citation'])}. {plain(each['notes'])}")
    out.print(f"       [dim]{plain(each['caution'])}[/]")


def _print_version(each: dict[str, Any]) -> None:
    state = f"approved by {each['approved_by']}" if each["approved"] else "proposed"
    out.print(f"[bold]{each['version']}[/]  {plain(state)}, from {plain(each['proposed_by'])}")
    out.print(plain(json.dumps(each["schedule"])))


def _print_line(line: dict[str, Any]) -> None:
    floor = f", at least {line['floor']['time']} ({line['floor']['rule']})" if line["floor"] else ""
    classes = f" ({', '.join(line['handlings'])})" if line["handlings"] else ""
    out.print(
        f"{plain(line['source'] or 'hub'):<16} {plain(line['kind'])}{classes}: at most"
        f" {line['cap']['time']} ({plain(line['cap']['rule'])}){plain(floor)}; {line['due']} due"
    )
    if line["contradiction"]:
        out.print("       [bold red]It must be kept for longer than it may: nothing goes.[/]")


def _print_done(done: dict[str, Any]) -> None:
    out.print(f"{done['deleted']} deleted, {done['held']} held, {len(done['receipts'])} receipts")
    for name in done["contradictions"]:
        out.print(f"[bold red]{plain(name)}[/]: must be kept for longer than it may")


def _print_hold(hold: dict[str, Any]) -> None:
    colour = "yellow" if hold["state"] == "ending" else "dim"
    case = hold["case_number"] or "a case"
    out.print(
        f"[bold]{hold['id']}[/]  [{colour}]{hold['state']}[/]  {plain(case)}"
        f" until {hold['expires']}, approved by {plain(hold['approver'])}"
    )
    reason = hold["reason"] or "Why is for whoever reads requests"
    out.print(f"       {plain(reason)}: {plain(json.dumps(hold['what']))}")


def _print_receipt(receipt: dict[str, Any]) -> None:
    out.print(
        f"{receipt['no']:>6}  {receipt['ended'] or 'under way'}"
        f"  {plain(receipt['source'] or 'hub')} {plain(receipt['kind'])}: {receipt['count']}"
        f" under {plain(receipt['rule'])}"
    )


def _print_proof(proof: dict[str, Any]) -> None:
    receipt = proof["receipt"]
    out.print(
        f"It was held, and was deleted at {proof['at']} under {plain(receipt['rule'])}"
        f" (receipt {receipt['no']}, root {receipt['root']})."
    )
