"""Neighbours' hubs cosign each other's audit logs; whoever answers for a log hears what is wrong
with it; every day its copies are checked."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest
import pytest_asyncio
from audit_logs import Ticking, audit_log, entry
from hub import api_of, hub_here, until
from staff import noted, signed_in, somebody

from watchfloor.adapters import backup
from watchfloor.adapters.keyring_file import SealedSecrets
from watchfloor.audit import COSIGNATURE, COSIGNING, Signer, Verifier, log, signer_of
from watchfloor.audit.verify import verify
from watchfloor.bootstrap import milestones
from watchfloor.contracts import micros
from watchfloor.identity import Role
from watchfloor.web import tell_of_audit

pytestmark = pytest.mark.asyncio(loop_scope="module")

KIM = somebody("kim", Role.AGENCY_IT)
NOOR = somebody("noor", Role.AUDITOR)
ANA = somebody("ana", Role.ANALYST)


async def _keys(folder) -> tuple[Signer, Signer]:
    """A hub's log key and its key as a witness, made as its first start makes them."""
    secrets = SealedSecrets(folder / "secrets")
    log = await signer_of(secrets, f"audit.{folder.name}")
    return log, await signer_of(secrets, f"witness.{folder.name}", COSIGNING, COSIGNATURE)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("neighbours")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pair(folder):
    """Two agencies: ``ours`` has its log cosigned by ``theirs``."""
    ours, theirs = folder / "ex-pd", folder / "north-so"
    (log, _), (_, witness) = await _keys(ours), await _keys(theirs)
    theirs.mkdir(exist_ok=True)
    (theirs / "hub.toml").write_text(
        f'agency = "north-so"\nwitnessed_logs = ["{log.verifier}"]\n'
    )  # fmt: skip
    async with hub_here(theirs) as neighbour:
        (ours / "hub.toml").write_text(
            f'agency = "ex-pd"\noutgoing_hosts = ["{neighbour.url.removeprefix("http://")}"]\n'
            f'[[witnesses]]\nurl = "{neighbour.url}/api/v1/witness"\nkey = "{witness.verifier}"\n'
        )
        async with hub_here(ours) as hub:
            yield hub, neighbour


async def test_a_neighbour_s_hub_cosigns_and_both_logs_and_the_verifier_say_so(pair, folder):
    hub, neighbour = pair
    for _ in range(2):
        await hub.hub.custody.cosigners.ask()
        await hub.hub.audit.record(entry())
    async with signed_in(hub, NOOR) as noor:
        state = await noor.get("/audit/state")
    [witness] = state["witnesses"]
    assert (witness["name"], witness["problem"]) == ("witness.north-so", None)
    assert [e.object.id for e in await noted(hub, "audit.witnessed")][:1] == ["witness.north-so"]
    await neighbour.hub.audit.record(entry())
    assert [e.object.id for e in await noted(neighbour, "audit.witnessed")][:1] == ["audit.ex-pd"]
    keys = [Verifier.parse(each) for each in (state["key"], neighbour.hub.custody.witness.key)]
    report = verify(folder / "ex-pd" / "audit", keys)
    assert report.holds
    assert report.witnessed == {"witness.north-so": witness["size"]}


async def test_a_forked_log_is_refused_over_the_wire_and_their_auditor_hears_of_it(
    pair, folder, tmp_path
):
    """The same key, another history: as whoever holds the key could write it."""
    hub, neighbour = pair
    await hub.hub.custody.cosigners.ask()
    log, _ = await _keys(folder / "ex-pd")
    async with (
        audit_log(tmp_path, signer=log, clock=Ticking(micros("2026-11-23T02:00:00Z"))) as forked,
        api_of(neighbour.url) as anybody,
    ):
        for number in range(hub.hub.audit.size + 5):
            forked.note(entry(number))
        await forked.record(entry())
        stale = await anybody.call(
            "POST", "/witness/add-checkpoint", await forked.witness_request(0)
        )
        assert (stale.status, stale.headers["Content-Type"]) == (409, "text/x.tlog.size")
        answer = await anybody.call(
            "POST", "/witness/add-checkpoint", await forked.witness_request(int(stale.body))
        )
        assert (answer.status, answer.code) == (422, "log_forked")
    await neighbour.hub.audit.record(entry())
    [evidence, *_] = await noted(neighbour, "audit.witnessed")
    assert evidence.outcome == "denied"
    assert "audit.ex-pd" in evidence.more["checkpoint"]
    async with signed_in(neighbour, NOOR) as noor:
        codes = [each["code"] for each in (await noor.get("/audit/state"))["troubles"]]
    assert codes == ["log_forked"]
    [trouble], [again] = (neighbour.hub.custody.troubles() for _ in range(2))
    assert trouble.since == again.since
    await hub.hub.custody.cosigners.ask()  # our own goes on, and that clears it
    assert neighbour.hub.custody.troubles() == []


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"nothing", 400, "bad_note"),
        (b"old 0\n\nother.example.org\n1\n" + b"A" * 43 + b"=\n\n\xe2\x80\x94 x AAAAAAA=\n", 404,
         "no_such_log"),
        (b"old 0\n\naudit.ex-pd\n1\n" + b"A" * 43 + b"=\n\n\xe2\x80\x94 x AAAAAAA=\n", 403,
         "bad_note_signature"),
        (b"x" * 70_000, 413, "too_large"),
    ],
)  # fmt: skip
async def test_what_is_no_checkpoint_of_a_log_that_is_watched(pair, body, status, code):
    async with api_of(pair[1].url) as anybody:
        answer = await anybody.call("POST", "/witness/add-checkpoint", body)
    assert (answer.status, answer.code) == (status, code)


async def test_the_copies_are_checked_and_one_that_was_edited_is_named(pair, folder):
    hub, _ = pair
    async with signed_in(hub, NOOR) as noor:
        await hub.hub.audit.proof(0)  # there is a checkpoint, which the verifier is told of
        assert (await hub.hub.custody.inspector.inspect()).holds
        path = next((folder / "ex-pd" / "audit-copy" / "records").glob("*.log"))
        sound = path.read_bytes()
        with path.open("r+b") as file:
            file.seek(sound.index(b"hub.started"))
            file.write(b"hub.stopped")
        assert not (await hub.hub.custody.inspector.inspect()).holds
        state = await noor.get("/audit/state")
        with path.open("r+b") as file:
            file.seek(sound.index(b"hub.started"))
            file.write(b"hub.started")
        assert state["inspected"]["copies"] == {
            "copy 1": "holds", "copy 2": "edited, records 0 to 0",
        }  # fmt: skip
        assert [each["code"] for each in state["troubles"]] == ["audit_does_not_hold"]
        await hub.hub.custody.inspector.inspect()
        assert (await noor.get("/audit/state"))["troubles"] == []
    await hub.hub.audit.record(entry())
    outcomes = [each.outcome for each in await noted(hub, "audit.verified")]
    assert outcomes == ["done", "failed", "done"]


async def test_a_copy_that_is_away_shows_in_health_and_repairs_and_is_told(pair, folder):
    """CJISSECPOL AU-5. IT and the auditor hear, and anybody who watches the hub from outside."""
    hub, _ = pair
    records = folder / "ex-pd" / "audit-copy" / "records"
    away = records.with_name("away")
    async with signed_in(hub, KIM) as kim, signed_in(hub, NOOR) as noor, api_of(hub.url) as anybody:
        assert await anybody.get("/health") == {"status": "ok", "audit": "ok"}
        told: list[str] = []
        tell, hub.hub.feed.tell = hub.hub.feed.tell, lambda *said: told.append(said[1]["code"])
        try:
            records.rename(away)
            records.touch()  # else the copy would be made again at once
            hub.hub.audit.note(entry())
            await until(lambda: not hub.hub.audit.health.healthy)
            assert (await anybody.get("/health"))["audit"] == "audit_unavailable"
            for _ in range(2):
                await tell_of_audit(hub.hub)
            assert told == ["audit_unavailable"]
            for person in (kim, noor):
                assert "audit_unavailable" in {
                    each["code"] for each in (await person.get("/repairs"))["items"]
                }
        finally:
            hub.hub.feed.tell = tell
            records.unlink()
            away.rename(records)
        await until(lambda: hub.hub.audit.health.healthy, deadline_s=60)
        assert (await anybody.get("/health"))["audit"] == "audit_was_down"


async def test_what_happens_beside_the_hub_is_recorded_once(pair, folder):
    hub, _ = pair
    home = folder / "ex-pd"
    taken = backup.Taken(
        file="/srv/SIM-1.wfb", day="2026-11-23", made="2026-11-23T02:00:00Z", size=1
    )
    backup.Register(home / backup.FOLDER).add(taken)
    (home / backup.FOLDER / backup.RESTORED).write_text("SIM-0.wfb")
    await hub.hub.spending.set_budget("plates", 0, "USD", None, 0, "kim")
    for _ in range(2):
        await milestones.look(hub.hub, home)
        await hub.hub.audit.record(entry())
    assert [e.object.id for e in await noted(hub, "backup.made")] == ["SIM-1.wfb"]
    [budget] = await noted(hub, "budget.reached")
    assert budget.object.id.startswith("plates/budget_spent/")
    assert [e.object.id for e in await noted(hub, "backup.restored")] == ["restored SIM-0.wfb"]


async def test_backups_are_recorded_once_however_many_there_were(pair, folder, monkeypatch):
    hub, _ = pair
    home = folder / "many"
    monkeypatch.setattr(log, "PAGE", 2)
    names = [f"SIM-many-{n}.wfb" for n in range(5)]
    for name in names:
        backup.Register(home / backup.FOLDER).add(
            backup.Taken(file=f"/srv/{name}", day="2026-11-23", made="2026-11-23T02:00:00Z", size=1)
        )
    for _ in range(2):
        await milestones.look(hub.hub, home)
        await hub.hub.audit.record(entry())
    made = [e.object.id for e in await noted(hub, "backup.made")]
    assert sorted(each for each in made if each in names) == names


ALONE = ("watchfloor", "msgspec", "cryptography", "_cffi_backend")
"""All that the verifier needs: its own code, JSON and Ed25519."""


async def test_a_third_party_checks_an_export_with_the_verifier_alone(pair, tmp_path):
    """On a Python without the hub's packages, in an empty folder, with nothing of this machine but
    the export and the published key; and one that was changed on the way is told."""
    hub, _ = pair
    span = {"since": "2026-01-01T00:00:00Z", "until": "2100-01-01T00:00:00Z"}
    async with signed_in(hub, NOOR) as noor:
        exported = await noor.call("GET", "/audit/export", **span)
        key = (await noor.get("/audit/state"))["key"]
    zipfile.ZipFile(io.BytesIO(exported.body)).extractall(tmp_path)
    packages = tmp_path / "packages"
    packages.mkdir()
    for name in ALONE:
        origin = find_spec(name).origin
        home = Path(origin).parent if origin.endswith("__init__.py") else Path(origin)
        (packages / home.name).symlink_to(home)
    sound = _alone(packages, tmp_path, key)
    assert sound.returncode == 0, sound.stderr
    assert json.loads(sound.stdout)["holds"]
    [path] = (tmp_path / "audit" / "records").glob("*.log")
    path.write_bytes(path.read_bytes().replace(b'"done"', b'"d0ne"', 1))
    changed = _alone(packages, tmp_path, key)
    assert changed.returncode == 1
    assert json.loads(changed.stdout)["findings"][0]["wrong"] == "edited"


def _alone(packages: Path, folder: Path, key: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-S", "-s", "-m", "watchfloor.audit", "audit", key],
        cwd=folder, env={"PYTHONPATH": str(packages)}, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
