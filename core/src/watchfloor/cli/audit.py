"""``watchfloor audit``: check the audit log, hand a part of it out, prove that a record is in it.

None of these needs a running hub, a database or a secret; but what is handed out where a hub runs,
it hands out, and records.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import os
import pwd
import shutil
import time
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
import orjson
import typer

from watchfloor.audit import Checkpoint, LastHead, Note, Proof, Verifier, decode, signer_of
from watchfloor.audit.cutting import Lying, lying, not_to_be_cut, refuse_unless_foreign
from watchfloor.audit.cutting import cut as cut_off
from watchfloor.audit.export import export as write_export
from watchfloor.audit.export import last_records, not_written
from watchfloor.audit.export import proof as proof_of
from watchfloor.audit.frames import Frame
from watchfloor.audit.verify import Report
from watchfloor.audit.verify import verify as check
from watchfloor.bootstrap import AUDIT_COPY, AUDIT_INDEX, alone, keyring_of, runs, second_copy
from watchfloor.contracts import GiveUp, micros, rfc3339
from watchfloor.settings import load

from .client import Client
from .files import content, text
from .output import PARTLY, Json, failing_well, out, plain, show
from .places import DataDir

_SHOWN = 20
EXPORT_S = 900.0
"""Seconds for which the hub may pack the records of a long time."""
LOG = "audit"
"""Where the log lies in the data directory."""
CUT = "audit-cut"
"""Where what was cut off it is kept there."""

app = typer.Typer(help="Check and hand out the audit log.", no_args_is_help=True)

Keys = Annotated[
    list[str] | None,
    typer.Option("--key", help="A public key (of the log, of a witness), or a file of them."),
]

Out = Annotated[Path, typer.Option("--out", help="Where to write it; not there yet.")]


@app.command()
def verify(
    log: Annotated[Path, typer.Argument(help="The log's folder, an export, or a proof file.")],
    key: Keys = None,
    checkpoint: Annotated[
        list[Path] | None, typer.Option(help="A checkpoint of the log that was kept elsewhere.")
    ] = None,
    ended: Annotated[
        bool, typer.Option("--ended", help="The hub had ended with that checkpoint (audit head).")
    ] = False,
    of: Annotated[
        Path | None, typer.Option(help="With a proof: the file whose hash the record holds.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Check a log, an export of it, or a proof file. Exits with 1 when something is wrong."""
    with failing_well(as_json):
        if ended and not checkpoint:
            raise GiveUp("Ended with which? Name it: --checkpoint FILE.", code="usage")
        known = keys_of(key)
        if log.is_file():
            _check_proof(log, known, of, as_json)
            return
        seen = [Note.parse(content(path)) for path in checkpoint or ()]
        report = check(log, known, seen, ended=ended)
        show(msgspec.to_builtins(report.document()), as_json, lambda _: _print(report))
        if not report.holds:
            raise typer.Exit(PARTLY)


@app.command()
def export(
    since: Annotated[str, typer.Option(help="From when: 2026-11-01, or a time with its zone.")],
    until: Annotated[str, typer.Option(help="Up to when; that moment is not in it any more.")],
    to: Out,
    data_dir: DataDir,
    as_json: Json = False,
) -> None:
    """Write the records of some time into a folder that anybody can check. Where the hub runs, by
    the hub: it asks whether you may, and records it."""
    with failing_well(as_json):
        if runs(data_dir):
            _export_by_hub(data_dir, moment_of(since), moment_of(until), to)
            show({"written": str(to)}, as_json, lambda said: out.print(plain(said["written"])))
            return
        done = write_export(data_dir / LOG, to, moment_of(since), moment_of(until))
        show(
            {"written": str(to), **msgspec.to_builtins(done)},
            as_json,
            lambda _: out.print(
                f"records {done.first} to {done.next - 1}, signed over {done.checkpoint}: "
                f"{plain(to)}"
            ),
        )


@app.command()
def proof(
    index: Annotated[int, typer.Argument(help="The record's index.", min=0)],
    to: Out,
    data_dir: DataDir,
    as_json: Json = False,
) -> None:
    """Write a proof file: one record, and that it is in the log."""
    with failing_well(as_json):
        found = proof_of(data_dir / LOG, index)
        try:
            with to.open("xb") as file:
                file.write(bytes(found))
        except OSError as error:
            raise GiveUp(f"{to} cannot be written: {error.strerror}.", code="usage") from None
        show({"written": str(to)}, as_json, lambda said: out.print(plain(said["written"])))


@app.command()
def tail(
    data_dir: DataDir,
    count: Annotated[int, typer.Option("-n", "--count", help="How many.", min=1)] = 20,
    as_json: Json = False,
) -> None:
    """Print the newest records. What is sealed in them stays sealed."""
    with failing_well(as_json):
        for found in last_records(data_dir / LOG, count):
            show(_record_of(found), as_json, _print_record)


@app.command()
def accept(
    data_dir: DataDir,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Have the hub go on with the log as it lies, although it is not the one that it signed last:
    restored from an older backup, or lost. Its first record then says so."""
    with failing_well(as_json), alone(data_dir):
        last, head, folders = _known(data_dir)
        copies: list[Lying] = []
        unreadable: dict[str, str] = {}
        for folder in folders:
            with _noting(folder, unreadable):
                copies.append(lying(folder, head))
        nothing = Lying(data_dir / LOG, 0, carries_on=False)
        longest = max(copies, key=lambda copy: copy.records, default=nothing)
        said = {"signed": head.size, "found": longest.records, "carries_on": longest.carries_on,
                "unreadable": list(unreadable)}  # fmt: skip
        if not as_json:
            with _noting(longest.folder, unreadable):
                _print_lying(head, longest)
            _print_unreadable(unreadable)
        question = "Is it known how the log came to be as it is, and do you answer for it?"
        if not yes and not typer.confirm(question, err=True):
            raise typer.Exit(PARTLY)
        asyncio.run(last.let_go(_account()))
        shutil.rmtree(data_dir / AUDIT_INDEX, ignore_errors=True)  # it is of the other one
        show(
            said,
            as_json,
            lambda _: out.print(
                "At its next start it takes the log as it lies, and records that (audit.accepted)"
            ),
        )


@app.command()
def head(
    data_dir: DataDir,
    to: Annotated[Path | None, typer.Option("--out", help="A file, not there yet.")] = None,
    as_json: Json = False,
) -> None:
    """Hand out the checkpoint that the hub signed last, as its keyring knows it: for verify."""
    with failing_well(as_json):
        last = LastHead(keyring_of(data_dir, load(data_dir)))
        note, whole = asyncio.run(_head_of(last))
        if to is not None:
            try:
                with to.open("xb") as file:
                    file.write(bytes(note))
            except OSError as error:
                raise GiveUp(f"{to} cannot be written: {error.strerror}.", code="usage") from None
        said: dict[str, Any] = {"records": Checkpoint.parse(note.text).size, "ended": whole}
        if as_json:
            said["checkpoint"] = bytes(note).decode()
        text = bytes(note).decode()
        show(said, as_json, lambda said: out.print(_words_of(said)) if to else typer.echo(text))


@app.command()
def cut(
    data_dir: DataDir,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Cut off what was put behind the end of the log while no hub ran, in both copies. What is cut
    off is kept aside, as evidence. Nothing is cut that the hub may have written."""
    with failing_well(as_json), alone(data_dir), _stopping():
        last, known, folders = _known(data_dir)
        if not asyncio.run(last.is_whole()):
            raise not_to_be_cut(
                "The hub was killed, or has begun: what stands behind the head that is known may be"
                " its own."
            )
        signer = asyncio.run(signer_of(keyring_of(data_dir, load(data_dir)), known.origin))
        copies = [lying(folder, known) for folder in folders]
        refuse_unless_foreign(copies, known, str(signer.verifier))
        aside = data_dir / CUT / time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        named = zip(copies, (aside / LOG, aside / AUDIT_COPY), strict=True)
        longer = {to: copy for copy, to in named if copy.records > known.size}
        if not longer:
            raise not_to_be_cut(f"Nothing stands behind the {known.size} records of the hub.")
        if not as_json:
            _print_behind(known, max(longer.values(), key=lambda copy: copy.records))
        question = f"Cut off what stands behind record {known.size - 1}, and keep it aside?"
        if not yes and not typer.confirm(question, err=True):
            raise typer.Exit(PARTLY)
        for to in longer:
            to.mkdir(parents=True, mode=0o700)
        for to, copy in longer.items():
            cut_off(copy.folder, known.size, to)
        show(
            {"kept": known.size, "aside": str(aside)},
            as_json,
            lambda said: out.print(
                f"{said['kept']} records are left. What was cut off: {plain(said['aside'])}"
            ),
        )


async def _head_of(last: LastHead) -> tuple[Note, bool]:
    return await last.note(), await last.is_whole()


def _known(data_dir: Path) -> tuple[LastHead, Checkpoint, tuple[Path, Path]]:
    """The head that the keyring knows, and where both copies lie."""
    chosen = load(data_dir)
    last = LastHead(keyring_of(data_dir, chosen))
    known = Checkpoint.parse(asyncio.run(last.note()).text)
    return last, known, (data_dir / LOG, second_copy(data_dir, chosen))


@contextmanager
def _noting(folder: Path, unreadable: dict[str, str]) -> Iterator[None]:
    """A copy that cannot be read, and why: the last way out is not barred by it."""
    try:
        yield
    except OSError as error:
        unreadable[str(folder)] = error.strerror or str(error)


@contextmanager
def _stopping() -> Iterator[None]:
    """Where a copy cannot be read, or nothing can be kept aside."""
    try:
        yield
    except OSError as error:
        raise not_to_be_cut(f"{error.filename or 'A copy'}: {error.strerror}.") from None


def _words_of(said: dict[str, Any]) -> str:
    ended = "and had ended with it" if said["ended"] else "and has not ended with it"
    return f"The hub signed {said['records']} records, {ended}"


def _print_lying(known: Checkpoint, copy: Lying) -> None:
    """What the hub would go on with, and sign."""
    out.print(f"The hub had signed {known.size} records; {copy.records} are there")
    if not copy.carries_on:
        out.print(
            "They are [bold]not those[/] that it signed. It would go on with them, and sign all"
        )
    elif copy.records > known.size:
        _print_behind(known, copy)
        out.print(
            "The hub would [bold]sign these[/] as its own. Where it did not write them, do not"
            " accept: cut them off (watchfloor audit cut)"
        )


def _print_unreadable(unreadable: dict[str, str]) -> None:
    for folder, why in unreadable.items():
        out.print(
            f"{plain(folder)} cannot be read: {plain(why)}. What stands there is not shown, and may"
            " be more"
        )


def _print_behind(known: Checkpoint, copy: Lying) -> None:
    """The newest of what stands behind the head."""
    behind = copy.records - known.size
    out.print(f"Behind record {known.size - 1} stand {behind} that it has not signed, at the end:")
    for found in last_records(copy.folder, min(behind, _SHOWN)):
        _print_record(_record_of(found))


def _export_by_hub(data_dir: Path, since: str, until: str, to: Path) -> None:
    client = Client.of(data_dir)
    package = client.download("/audit/export", since=since, until=until, deadline_s=EXPORT_S)
    try:
        with zipfile.ZipFile(io.BytesIO(package)) as files:
            to.mkdir(parents=True)
            for name in files.namelist():
                if not name.endswith("/"):
                    path = to / Path(name).relative_to("audit")
                    path.parent.mkdir(exist_ok=True)
                    path.write_bytes(files.read(name))
    except OSError as error:
        raise not_written(error) from None


def keys_of(given: Sequence[str] | None) -> list[Verifier]:
    """Of keys and files of keys, all."""
    return [
        Verifier.parse(line)
        for each in given or ()
        for line in (text(Path(each)).split() if Path(each).is_file() else [each])
    ]


def moment_of(given: str) -> str:
    """As the log writes it; a date is its first moment in UTC."""
    try:
        when = datetime.fromisoformat(given)
        return rfc3339(micros((when if when.tzinfo else when.replace(tzinfo=UTC)).isoformat()))
    except ValueError:
        raise GiveUp(f"{given} is no date and no time.", code="usage") from None


def _check_proof(path: Path, known: list[Verifier], of: Path | None, as_json: bool) -> None:
    if not known:
        raise GiveUp("A proof is checked with the log's key: give --key.", code="usage")
    found = Proof.parse(content(path))
    head = found.check(known)
    entry = decode(found.entry)
    if of is not None and hashlib.sha256(content(of)).hexdigest() != entry.sha256:
        raise GiveUp(f"The record is not of {of.name}: its hash is another.", code="bad_proof")
    said = {"origin": head.origin, "index": found.index, "size": head.size,
            "entry": orjson.loads(found.entry)}  # fmt: skip
    show(said, as_json, lambda _: _print_proof(said))


def _print_proof(said: dict[str, Any]) -> None:
    out.print(
        f"[green]holds[/] Record {said['index']} is among the first {said['size']} of "
        f"{plain(said['origin'])}."
    )
    _print_record(said)


def _record_of(found: Frame) -> dict[str, Any]:
    """As it stands there; of what is no record, whoever wrote it, its number alone."""
    entry = None
    with suppress(GiveUp):
        decode(found.entry or b"")
        entry = orjson.loads(found.entry or b"")
    return {"index": found.index, "entry": entry}


def _print_record(record: dict[str, Any]) -> None:
    entry = record["entry"] or {}
    who = entry.get("operator", {}).get("id", "")
    parts = [record["index"], entry.get("at"), entry.get("event"), entry.get("outcome"), who]
    out.print(plain("  ".join(str(part) for part in parts if part not in (None, ""))))


def _print(report: Report) -> None:
    mark = "[green]holds[/]" if report.holds else "[bold red]does not hold[/]"
    span = f", {report.times[0]} to {report.times[1]}" if report.times else ""
    out.print(
        f"{mark} {plain(report.origin)}: {report.next - report.first} records from "
        f"{report.first} on{span}, {report.checkpoints} checkpoints"
    )
    for found in report.findings:
        where = f"record {found.first}"
        if found.last > found.first:
            where = f"records {found.first} to {found.last}"
        out.print(f"  [bold]{found.wrong.value}[/] {where}: {plain(found.detail)}")
    for said in _remarks(report):
        out.print(f"  {plain(said)}")


def _remarks(report: Report) -> list[str]:
    said = [
        f"cosigned by {name} over {size} records" for name, size in sorted(report.witnessed.items())
    ]
    if report.excerpt:
        said.append("an excerpt: it says nothing of what is not in it")
    if report.withheld:
        said.append(f"{report.withheld} records are withheld; their hashes are in their places")
    if report.unsigned > 0:
        said.append(f"{report.unsigned} at the end are not covered by a checkpoint yet")
    if report.torn:
        said.append(
            f"{report.torn} bytes behind the last record are half a record: it is being written, or"
            " was when the machine stopped"
        )
    said += [f"a checkpoint over {size} lies outside of this export" for size in report.not_covered]
    if report.own_key:
        said.append("the key came with the log: compare it with the published one (--key)")
    return said


def _account() -> str:
    """Whose process this is; what the environment says is whatever one likes."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container's user need not have a name
        return str(os.getuid())
