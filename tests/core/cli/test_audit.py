"""``watchfloor audit``: without a hub, on the folder or on what was handed out."""

import base64
import hashlib
import json
import os
import pwd
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from audit_logs import KEY, audit_log, entry

from watchfloor.adapters.keyring_file import KEYRING, SealedSecrets
from watchfloor.audit import Checkpoint, LastHead, Note, Signer, frames
from watchfloor.audit.__main__ import main
from watchfloor.audit.export import export
from watchfloor.audit.sealing import INSTANCE
from watchfloor.bootstrap import alone

ANSWER = b'{"hits": []}'


@pytest.fixture
async def log(data_dir):
    async with audit_log(data_dir) as log:
        for number in range(6):
            digest = hashlib.sha256(ANSWER).hexdigest()
            await log.record(entry(number, sha256=digest, more={"note": "\x1b[2J[bold]"}))
    return data_dir / "audit"


async def test_a_sound_log(run, log):
    ran = await run("audit", "verify", str(log), "--key", str(KEY), "--json")
    [said] = ran.lines
    assert (ran.code, said["holds"], said["next"], said["signed"]) == (0, True, 6, 6)
    people = await run("audit", "verify", str(log))
    assert people.code == 0
    assert people.out.startswith(f"holds {KEY.name}: 6 records from 0 on, 2026-11-23T02:00:00.")
    assert "compare it with the published one" in people.out


async def test_what_is_wrong_is_said_with_its_place_and_the_exit_code(run, log):
    path = frames.segment(log, 0)
    path.write_bytes(path.read_bytes().replace(b'"count":4', b'"count":7'))
    ran = await run("audit", "verify", str(log), "--key", str(KEY))
    assert ran.code == 1
    assert "edited record 4" in ran.out
    ran = await run("audit", "verify", str(log), "--json")
    assert [found["first"] for found in ran.lines[0]["findings"]] == [4]


class Hub:
    """What a hub answers, and that it was asked."""

    def __init__(self, package):
        self.package, self.asked = package, []

    def download(self, path, **query):
        self.asked.append((path, query["since"], query["until"]))
        return self.package


async def test_where_the_hub_runs_it_hands_out_and_records(
    run, log, data_dir, tmp_path, monkeypatch
):
    made = tmp_path / "made"
    export(log, made / "audit", "2026-11-23T00:00:00.000Z", "2026-11-24T00:00:00.000Z")
    hub = Hub(Path(shutil.make_archive(str(made), "zip", made, "audit")).read_bytes())
    monkeypatch.setattr("watchfloor.cli.audit.Client.of", lambda _: hub)
    to = tmp_path / "excerpt"
    with alone(data_dir):
        ran = await run("audit", "export", "--since", "2026-11-23", "--until", "2026-11-24",
                        "--out", str(to), "--json")  # fmt: skip
        assert ran.lines == [{"written": str(to)}]
        again = await run("audit", "export", "--since", "2026-11-23", "--until", "2026-11-24",
                          "--out", str(to))  # fmt: skip
    assert again.code != 0, "what is there is not written over"
    assert hub.asked[0] == (
        "/audit/export", "2026-11-23T00:00:00.000Z", "2026-11-24T00:00:00.000Z"
    )  # fmt: skip
    ran = await run("audit", "verify", str(to), "--key", str(KEY))
    assert ran.code == 0
    assert "an excerpt" in ran.out


async def test_a_log_is_accepted_as_it_lies_by_who_answers_for_it(run, data_dir, monkeypatch):
    monkeypatch.setenv("LOGNAME", "somebody-else")
    data_dir.mkdir(exist_ok=True)
    secrets = SealedSecrets(data_dir / KEYRING)
    assert (await run("audit", "accept", "--yes")).code != 0, "no head is known"
    async with audit_log(data_dir, secrets=secrets) as log:
        await log.record(entry())
    with alone(data_dir):
        assert "already_running" in (await run("audit", "accept", "--yes")).err
    ran = await run("audit", "accept", "--yes", "--json")
    said = {"signed": 1, "found": 1, "carries_on": True, "unreadable": []}
    assert (ran.code, ran.lines) == (0, [said])
    for copy in ("audit", "audit-copy"):
        shutil.rmtree(data_dir / copy)
    async with audit_log(data_dir, secrets=secrets) as log:
        assert log.health.healthy
        [said] = (await log.read()).items
    assert (said.entry.event, said.entry.count) == ("audit.accepted", 0)
    assert said.entry.operator.handle == pwd.getpwuid(os.getuid()).pw_name


@pytest.fixture
async def put_behind(data_dir):
    """A hub that had ended with six records, and two more that somebody put behind them."""
    data_dir.mkdir(exist_ok=True)
    async with audit_log(data_dir, secrets=SealedSecrets(data_dir / KEYRING)) as log:
        for number in range(6):
            await log.record(entry(number))
    return {copy: foreign(data_dir / copy, 2) for copy in ("audit", "audit-copy")}


def foreign(folder, count):
    """What was put there."""
    path = frames.segment(folder, 0)
    sound, last = path.read_bytes(), [*frames.frames_from(folder, 0)][-1].entry
    added = b"".join(frames.frame(6 + number, last)[0] for number in range(count))
    path.write_bytes(sound + added)
    return sound, added


async def own_key(data_dir):
    """The log of these tests is signed by another key than a hub's: give it that one."""
    seed = base64.b64encode(bytes(range(32))).decode()
    await SealedSecrets(data_dir / KEYRING).put(INSTANCE, "signing", {"seed": seed})


async def test_what_was_put_behind_is_located_with_the_head_of_the_keyring(
    run, data_dir, put_behind, tmp_path
):
    to = tmp_path / "head.txt"
    ran = await run("audit", "head", "--out", str(to))
    assert "6 records, and had ended with it" in ran.out
    assert (await run("audit", "head")).out.startswith(KEY.name)
    check = ["audit", "verify", str(data_dir / "audit"), "--key", str(KEY), "--checkpoint", str(to)]
    assert (await run(*check)).code == 0, "by itself it is an end that is not signed yet"
    ran = await run(*check, "--ended")
    assert ran.code == 1
    assert "unsigned records 6 to 7: The hub had ended with record 5" in " ".join(ran.out.split())


async def test_what_accept_would_sign_is_said(run, put_behind):
    ran = await run("audit", "accept", "--yes")
    said = " ".join(ran.out.split())
    assert "signed 6 records; 8 are there" in said
    assert "would sign these" in said
    assert "watchfloor audit cut" in said
    assert [line.split()[0] for line in ran.out.splitlines() if "search.asked" in line] == [
        "6", "7"
    ]  # fmt: skip


@pytest.mark.parametrize("written", [b"no record", b'{"operator": "me"}', b"[1]"])
async def test_what_is_no_record_is_listed_by_its_number(run, data_dir, put_behind, written):
    """Whoever put it there would keep everybody from cutting it off else."""
    for copy, (sound, _) in put_behind.items():
        added = frames.frame(6, written)[0]
        frames.segment(data_dir / copy, 0).write_bytes(sound + added)
    await own_key(data_dir)
    assert (await run("audit", "tail", "-n", "1")).out.split() == ["6"]
    ran = await run("audit", "cut", "--yes")
    assert (ran.code, ran.out.split()[-1].startswith("/")) == (0, True), ran.err


async def test_what_was_put_behind_is_cut_off_and_kept(run, data_dir, put_behind):
    await own_key(data_dir)
    ran = await run("audit", "cut", "--yes", "--json")
    assert ran.code == 0, ran.err
    [said] = ran.lines
    assert said["kept"] == 6
    for copy, (sound, added) in put_behind.items():
        assert frames.segment(data_dir / copy, 0).read_bytes() == sound
        assert (Path(said["aside"]) / copy / "000000000000.log").read_bytes() == added
    async with audit_log(data_dir, secrets=SealedSecrets(data_dir / KEYRING)) as log:
        assert log.health.healthy
        assert (await log.record(entry(6))).index == 6
    ran = await run("audit", "cut", "--yes", "--json")
    assert ran.error["code"] == "not_to_be_cut"


async def test_whole_files_and_checkpoints_behind_the_end_are_cut_off_too(
    run, data_dir, put_behind
):
    await own_key(data_dir)
    folder = data_dir / "audit"
    last = [*frames.frames_from(folder, 0)][-1].entry
    frames.segment(folder, 8).write_bytes(frames.frame(8, last)[0])
    other = Signer(KEY.name, bytes(32))
    text = str(Checkpoint(KEY.name, 9, bytes(32)))
    signed = frames.segment(folder, 0, frames.SIGNED)
    sound = signed.read_bytes()
    with signed.open("ab") as file:
        file.write(bytes(Note(text, (other.sign(text),))) + b"\n")
    assert (await run("audit", "cut", "--yes")).code == 0
    assert signed.read_bytes() == sound
    async with audit_log(data_dir, secrets=SealedSecrets(data_dir / KEYRING)) as log:
        assert log.health.healthy


async def test_nothing_is_cut_off_that_a_hub_may_have_written(run, data_dir, put_behind):
    await own_key(data_dir)
    path = frames.segment(data_dir / "audit", 0)
    sound, _ = put_behind["audit"]
    before = path.read_bytes()
    edited = before.replace(b'"count":4', b'"count":7')
    path.write_bytes(edited)
    assert (await run("audit", "cut", "--yes", "--json")).error["code"] == "not_to_be_cut"
    assert path.read_bytes() == edited
    path.write_bytes(before)
    await LastHead(SealedSecrets(data_dir / KEYRING)).begin()
    ran = await run("audit", "cut", "--yes", "--json")
    assert ran.error["code"] == "not_to_be_cut", "it was killed: they may be its own"
    assert path.read_bytes() == before != sound


async def test_copies_in_folders_of_one_name_are_both_cut(run, data_dir, put_behind, tmp_path):
    await own_key(data_dir)
    second = tmp_path / "disk2" / "audit"
    shutil.copytree(data_dir / "audit-copy", second)
    (data_dir / "hub.toml").write_text(f'audit_copy = "{second}"\n')
    ran = await run("audit", "cut", "--yes", "--json")
    assert ran.code == 0, ran.err
    aside = Path(ran.lines[0]["aside"])
    for folder, copy in ((data_dir / "audit", "audit"), (second, "audit-copy")):
        sound, added = put_behind[copy]
        assert frames.segment(folder, 0).read_bytes() == sound
        assert (aside / copy / "000000000000.log").read_bytes() == added


@pytest.mark.parametrize("records", [0, 3])
@pytest.mark.parametrize(("behind", "other"), [("audit", "audit-copy"), ("audit-copy", "audit")])
async def test_a_copy_that_stopped_earlier_keeps_nothing_from_being_cut(
    run, data_dir, put_behind, behind, other, records
):
    await own_key(data_dir)
    sound, added = put_behind[other]
    path = frames.segment(data_dir / behind, 0)
    if records:
        lines = sound.splitlines(keepends=True)
        left = b"".join(lines[:records]) + lines[records][:9]
        path.write_bytes(left)
    else:
        shutil.rmtree(data_dir / behind)
    ran = await run("audit", "cut", "--yes", "--json")
    assert ran.code == 0, ran.err
    aside = Path(ran.lines[0]["aside"])
    assert [folder.name for folder in aside.iterdir()] == [other]
    assert (aside / other / "000000000000.log").read_bytes() == added
    assert path.read_bytes() == left if records else not path.exists()
    async with audit_log(data_dir, secrets=SealedSecrets(data_dir / KEYRING)) as log:
        assert log.health.healthy
        assert (await log.record(entry(6))).index == 6
    assert path.read_bytes().startswith(sound)


async def test_a_shorter_copy_of_another_log_is_looked_at_by_a_person(run, data_dir, put_behind):
    await own_key(data_dir)
    sound, _ = put_behind["audit"]
    first, *_, last = sound.splitlines(keepends=True)
    copy, path = (frames.segment(data_dir / each, 0) for each in ("audit-copy", "audit"))
    before = path.read_bytes()
    copy.write_bytes(first + frames.frame(1, frames.parse(last[:-1]).entry)[0])
    ran = await run("audit", "cut", "--yes", "--json")
    assert ran.error["code"] == "not_to_be_cut"
    copy.write_bytes(first)
    path.write_bytes(first)
    ran = await run("audit", "cut", "--yes", "--json")
    assert ran.error["code"] == "not_to_be_cut", "none of them has what was signed"
    path.write_bytes(before)
    assert (await run("audit", "cut", "--yes")).code == 0


def unreadable(folder):
    """As a failing disk is, to whoever reads."""
    path = frames.segment(folder, 0)
    path.unlink()
    path.mkdir()


async def test_a_copy_that_cannot_be_read_keeps_nobody_from_accepting(run, data_dir, put_behind):
    unreadable(data_dir / "audit-copy")
    ran = await run("audit", "accept", "--yes")
    assert ran.code == 0, ran.err
    assert f"{data_dir / 'audit-copy'} cannot be read: Is a directory" in ran.out
    assert "signed 6 records; 8 are there" in ran.out
    unreadable(data_dir / "audit")
    [said] = (await run("audit", "accept", "--yes", "--json")).lines
    assert (said["found"], said["carries_on"]) == (0, False)
    assert said["unreadable"] == [str(data_dir / "audit"), str(data_dir / "audit-copy")]


@pytest.mark.parametrize("suffix", [frames.LOG, frames.SIGNED])
async def test_nothing_is_cut_off_where_a_copy_cannot_be_read(run, data_dir, put_behind, suffix):
    await own_key(data_dir)
    path = frames.segment(data_dir / "audit-copy", 0, suffix)
    path.unlink()
    path.mkdir()
    before = frames.segment(data_dir / "audit", 0).read_bytes()
    ran = await run("audit", "cut", "--yes", "--json")
    assert ran.error["code"] == "not_to_be_cut"
    assert "Is a directory" in ran.error["detail"]
    assert frames.segment(data_dir / "audit", 0).read_bytes() == before


async def test_an_export_is_checked_with_the_key_from_a_file(run, log, tmp_path):
    key = tmp_path / "key.txt"
    key.write_text(f"{KEY}\n")
    to = tmp_path / "excerpt"
    ran = await run("audit", "export", "--since", "2026-11-23", "--until", "2026-11-24T00:00:00Z",
                    "--out", str(to), "--json")  # fmt: skip
    assert ran.lines == [
        {"written": str(to), "first": 0, "next": 6, "checkpoint": 6, "unsigned": 0}
    ]
    ran = await run("audit", "verify", str(to), "--key", str(key))
    assert ran.code == 0
    assert "the key came with the log" not in ran.out
    assert "watchfloor audit verify" in (to / "README.txt").read_text()


async def test_a_proof_and_the_file_that_was_handed_out(run, log, tmp_path):
    to, answer = tmp_path / "a.tlog-proof", tmp_path / "answer.json"
    answer.write_bytes(ANSWER)
    await run("audit", "proof", "3", "--out", str(to))
    check = ["audit", "verify", str(to), "--key", str(KEY), "--of", str(answer)]
    ran = await run(*check)
    assert ran.code == 0
    assert "holds Record 3 is among the first 6 of" in ran.out
    answer.write_bytes(ANSWER + b" ")
    assert (await run(*check, "--json")).error["code"] == "bad_proof"
    assert (await run("audit", "verify", str(to), "--json")).error["code"] == "usage"
    assert (await run("audit", "proof", "3", "--out", str(to), "--json")).error["code"] == "usage"


async def test_a_checkpoint_that_was_kept(run, log, tmp_path):
    kept = tmp_path / "kept.txt"
    kept.write_bytes(bytes(frames.last_checkpoint(log)))
    path = frames.segment(log, 0)
    ran = await run("audit", "verify", str(log), "--checkpoint", str(kept))
    assert ran.code == 0
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:4]))
    frames.segment(log, 0, frames.SIGNED).write_bytes(b"")
    ran = await run("audit", "verify", str(log), "--checkpoint", str(kept))
    assert ran.code == 1
    assert "truncated records 4 to 5" in ran.out


async def test_the_newest_records_are_printed_and_steer_no_terminal(run, log):
    ran = await run("audit", "tail", "-n", "2")
    assert [line.split()[0] for line in ran.out.splitlines()] == ["4", "5"]
    assert "\x1b" not in ran.out
    ran = await run("audit", "tail", "-n", "2", "--json")
    assert [line["entry"]["count"] for line in ran.lines] == [4, 5]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["verify", "{}/nowhere"], "not_a_log"),
        (["verify", "{}", "--key", "nonsense"], "bad_key"),
        (["verify", "{}", "--checkpoint", "{}/keys"], "bad_note"),
        (["verify", "{}", "--ended"], "usage"),
        (["export", "--since", "soon", "--until", "2026-11-24", "--out", "{}/x"], "usage"),
        (["export", "--since", "2020-01-01", "--until", "2020-02-01", "--out", "{}"], "not_found"),
        (["proof", "99", "--out", "{}/x"], "not_found"),
    ],
)  # fmt: skip
async def test_what_cannot_be_done_is_said(run, log, words, code):
    ran = await run("audit", *(word.format(log) for word in words), "--json")
    assert ran.error["code"] == code


def test_the_check_without_the_command_line(log, capsys):
    command = [sys.executable, "-m", "watchfloor.audit", str(log), str(KEY)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(ran.stdout)["holds"]
    path = frames.segment(log, 0)
    path.write_bytes(path.read_bytes().replace(b'"count":4', b'"count":7'))
    assert main(command[-2:]) == 1
    assert [found["first"] for found in json.loads(capsys.readouterr().out)["findings"]] == [4]
    assert main([str(log), "nonsense"]) == 2
    with pytest.raises(SystemExit, match="2"):
        main([])
