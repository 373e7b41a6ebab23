"""A third party has the published numbers from the log alone; a changed log does not give them."""

import json
import shutil

import pytest
from audit_logs import KEY, SIGNER
from typer.testing import CliRunner

from watchfloor.audit import Checkpoint, Note, frames
from watchfloor.audit.export import export
from watchfloor.cli.app import app

OCTOBER = ("2026-10-01T00:00:00.000Z", "2026-11-01T00:00:00.000Z")


def run(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
def published(log, tmp_path):
    made = run("report", "make", "--since", "2026-10-01", "--until", "2026-11-01",
               "--out", tmp_path / "public", "--data-dir", log.parent)  # fmt: skip
    assert made.exit_code == 0, made.output
    export(log, tmp_path / "export", *OCTOBER)
    return tmp_path / "public" / "report.json"


def recompute(tmp_path, published, key=str(KEY)):
    done = run("report", "recompute", tmp_path / "export", "--published", published,
               "--key", key, "--json")  # fmt: skip
    return done.exit_code, json.loads(done.stdout)


def test_the_same_numbers(tmp_path, published):
    said = {"log_holds": True, "own_key": False, "not_in_it": [], "differences": []}
    assert recompute(tmp_path, published) == (0, said)
    (tmp_path / "key.txt").write_text(f"{KEY}\n")
    assert recompute(tmp_path, published, tmp_path / "key.txt") == (0, said), "the same file"


def test_a_log_with_a_record_changed_does_not_hold(tmp_path, published):
    [first, *_] = frames.segments(tmp_path / "export")
    path = frames.segment(tmp_path / "export", first)
    lines = path.read_bytes().splitlines(keepends=True)
    entry = lines[5].rstrip(b"\n").split(b"\t")[2].replace(b"investigation", b"court_order")
    lines[5] = frames.frame(5, entry)[0]  # with the hash that fits
    path.write_bytes(b"".join(lines))
    assert recompute(tmp_path, published)[1]["log_holds"] is False


@pytest.mark.parametrize(
    ("since", "until", "told"),
    [
        ("2026-10-01T05:00:00.000Z", OCTOBER[1], "It begins at"),
        (OCTOBER[0], "2026-10-01T12:00:00.000Z", "It ends at"),
    ],
)
def test_an_excerpt_of_a_part_of_the_time_is_refused(log, tmp_path, published, since, until, told):
    """By whoever hands it out; the report may be made to fit it."""
    shutil.rmtree(tmp_path / "export")
    export(log, tmp_path / "export", since, until)
    code, said = recompute(tmp_path, published)
    assert (code, said["log_holds"], said["differences"]) == (1, True, [])
    assert [words.startswith(told) for words in said["not_in_it"]] == [True]


def test_an_excerpt_in_which_a_record_was_emptied_does_not_hold(tmp_path, published):
    [first, *_] = frames.segments(tmp_path / "export")
    path = frames.segment(tmp_path / "export", first)
    lines = path.read_bytes().splitlines(keepends=True)
    lines[5] = frames.withheld(5, frames.parse(lines[5].rstrip(b"\n")).leaf)
    path.write_bytes(b"".join(lines))
    assert recompute(tmp_path, published)[1]["log_holds"] is False


def test_a_log_that_is_not_the_one_of_the_report(tmp_path, published):
    """The report carries the newest head of its log."""
    report = json.loads(published.read_text())
    note = Note.parse(report["log"]["checkpoint"].encode())
    head = Checkpoint.parse(note.text)
    text = str(Checkpoint(head.origin, head.size, bytes(32)))
    report["log"]["checkpoint"] = bytes(Note(text, (SIGNER.sign(text),))).decode()
    published.write_text(json.dumps(report))
    done = run("report", "recompute", tmp_path / "audit", "--published", published,
               "--key", KEY, "--json")  # fmt: skip
    assert json.loads(done.stdout)["log_holds"] is False


def test_a_number_that_was_made_up_is_named(tmp_path, published):
    report = json.loads(published.read_text())
    [table] = [t for t in report["figures"]["tables"] if t["query"] == "requests.by_outcome"]
    table["rows"][0]["count"] = 99
    published.write_text(json.dumps(report))
    code, said = recompute(tmp_path, published)
    assert code == 1
    assert said["differences"] == ["requests.by_outcome / found: 99 was published, 9 counted"]


def test_every_form_is_there_and_says_the_same(published):
    folder = published.parent
    assert "missing or endangered person,&lt;5" not in (folder / "report.csv").read_text()
    assert "requests.by_outcome,found,9" in (folder / "report.csv").read_text()
    assert "<script" not in (folder / "index.html").read_text()
    paper = (folder / "report.pdf").read_bytes()
    assert paper.startswith(b"%PDF-")
    assert b"pdfaid" in paper  # it says of itself that it is PDF/A
