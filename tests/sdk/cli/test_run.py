"""``watchfloor-sdk run`` in a generated connector's folder, as a stranger would call it."""

import json
import signal
import subprocess

import pytest
from scaffolded import COMMAND

from watchfloor.contracts import AskAPerson
from watchfloor.contracts.protocol import Problem
from watchfloor_sdk.cli import run

pytestmark = pytest.mark.slow


def lines(done):
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_events_as_they_come(outside):
    done = outside.command("sim-poll", "run", "--count", "3")
    assert done.returncode == 0, done.stderr
    assert "camera.status" in done.stdout
    assert "camera SIM-0, status online" in done.stdout
    assert "Ctrl-C ends it" in done.stderr


def test_a_fault_is_played_told_and_over(outside):
    said = lines(outside.command("sim-poll", "run", "--count", "2", "--json", "--fault", "html"))
    assert [line["fault"] for line in said if "fault" in line] == ["html"]
    problems = [line["problem"] for line in said if "problem" in line]
    assert [problem and problem["code"] for problem in problems] == ["unreadable_answer", None]
    assert [line["event"]["id"] for line in said if "event" in line][:2] == ["change-1", "change-2"]
    assert said[-1]["total"]["events"] >= 2


def test_webhooks(outside):
    said = lines(outside.command("sim-webhook", "run", "--count", "2", "--json"))
    assert [line["event"]["id"] for line in said if "event" in line][:2] == ["SIM-0:1", "SIM-0:2"]


def test_a_mapping_file(outside):
    said = lines(outside.command("file-poll", "run", "--count", "1", "--json"))
    assert next(line["event"]["id"] for line in said if "event" in line) == "change-1"


def test_look_ups(outside):
    said = lines(outside.command("sim-lookup", "run", "--count", "2", "--json"))
    assert [line["answer"]["status"] for line in said if "answer" in line] == ["ok", "ok"]


def test_actions(outside):
    said = lines(outside.command("sim-action", "run", "--count", "2", "--json"))
    assert [line["receipt"]["reference"] for line in said if "receipt" in line] == ["N-1", "N-2"]


def test_ctrl_c_ends_it_well(outside):
    with subprocess.Popen(
        [outside.python, *COMMAND, "run"],
        cwd=outside.folder / "sim-assets",
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        first = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        rest, said = process.communicate(timeout=20)
    assert first.startswith("asset     camera")
    assert process.returncode == 0, said
    assert "assets." in rest
    assert "Traceback" not in said


def test_a_connector_that_cannot_be_loaded_is_said_with_its_place(outside):
    mapping = outside.folder / "sim-poll/src/watchfloor_sim_poll/mapping.py"
    right = mapping.read_text()
    try:
        mapping.write_text(right + "x =\n")
        done = outside.command("sim-poll", "run", "--count", "1")
    finally:
        mapping.write_text(right)
    assert done.returncode == 4
    assert "SyntaxError" in done.stderr
    assert "code: connector_broken" in done.stderr


def test_a_demo_that_fails_is_said(outside):
    simulator = outside.folder / "sim-poll/simulator/watchfloor_sim_poll_simulator/__init__.py"
    right = simulator.read_text()
    try:
        simulator.write_text(right.replace("number % 3]", "number % 3 + 9]"))
        done = outside.command("sim-poll", "run", "--count", "1")
    finally:
        simulator.write_text(right)
    assert done.returncode == 4
    assert "code: simulator_broken" in done.stderr


class Shown:
    """A screen on which nothing comes."""

    shown = 3
    problem = Problem(code="vendor_refused", detail="The vendor refused it.", remedy="Set it.")


def test_what_never_comes_is_not_waited_for_for_ever(monkeypatch):
    now = iter([0.0, 1.0, 5.0, 22.0])
    monkeypatch.setattr(run.time, "monotonic", lambda: next(now))
    waiting = run._Waiting(Shown())
    waiting.check()
    waiting.check()
    with pytest.raises(AskAPerson) as caught:
        waiting.check()
    assert caught.value.code == "nothing_came"
    assert (caught.value.detail, caught.value.remedy) == (
        "Nothing came for 20 s. The vendor refused it.",
        "Set it.",
    )
