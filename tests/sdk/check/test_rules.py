"""Every rule passes the toy and catches one that breaks it: by a bad habit of its worker, or by a
change in its folder."""

import asyncio
import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from watchfloor_sdk.check import RULES, Level, open_subject, run, run_chaos
from watchfloor_sdk.check.chaos import BLOWS
from watchfloor_sdk.check.runner import judged
from watchfloor_sdk.scaffold import Kind, Plan, write

TOY = Path(__file__).parent / "toy"

HABITS = {
    "WF102": ("strays", "which it does not declare"),
    "WF103": ("other-kind", "Not declared: watchfloor.camera.status.v1"),
    "WF104": ("purposeless", "asks without: case_number"),
    "WF105": ("unmarked", "marked public only"),
    "WF106": ("silent-denial", "does not say that its credential is denied"),
    "WF107": ("tells", "a secret or a personal value"),
    "WF108": ("blind-check", "finds nothing wrong"),
    "WF110": ("loses", "arrived"),
    "WF112": ("hushes", "ended as ok"),
    "WF201": ("runs-ahead", "records arrived"),
    "WF202": ("stale-token", "records arrived"),
    "WF203": ("hammers", "it came back after"),
    "WF204": ("hammers", "times in an outage"),
    "WF205": ("chokes", "good ones"),
    "WF206": ("lenient", "plate renamed"),
    "WF208": ("counts", "arrived"),
    "WF209": ("wall-clock", "No event has the time"),
    "WF210": ("keeps-assets", "stays"),
    "WF211": ("clings", "still ran"),
    "WF214": ("forgets-keys", "done a second time"),
    "WF301": ("hammers", "nothing of the vendor's clock"),
    "WF302": ("swallows", "nothing is missing while it cannot"),
    "WF303": ("hammers", "where 2 a second go"),
    "WF304": ("stale-token", "records arrived"),
    "WF305": ("never-assures", "does not move on"),
    "WF306": ("wordless", "without a remedy"),
    "WF308": ("hoards", "Its memory grew"),
    "WF404": ("dawdles", "records a second"),
}


def with_manifest(folder, **changes):
    path = folder / "connector.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def in_manifest_without_licence(folder):
    with_manifest(folder, licence=" ")


def in_readme(folder):
    (folder / "README.md").write_text("# Toy\n\n## Set-up\n\nYes.\n")


def in_simulator(folder):
    (folder / "quality.json").write_text('{"simulator": "simulator.py:Mute"}')


def in_recipe(folder):
    recipe = json.loads((folder / "connector.json").read_text())["webhook"]
    with_manifest(folder, webhook={**recipe, "tolerance_s": 86_400})


def in_memory(folder):
    with_manifest(folder, memory_mb=32)


def in_golden(folder):
    path = folder / "tests/golden/read.json"
    path.write_text(path.read_text().replace('"plate": "ZZT1",', '"plate": "ZZT2",', 1))


def in_cassette(folder):
    path = folder / "tests/cassettes/day.json"
    path.write_text(path.read_text().replace("ZZT0002", "ABC1234"))


def in_exemptions(folder):
    quality = {"simulator": "simulator.py:ToySimulator", "rules": {"WF213": {"exempt": "No time."}}}
    (folder / "quality.json").write_text(json.dumps(quality))


def in_types(folder):
    (folder / "src/toy/__init__.py").write_text('def one() -> int:\n    return "1"\n')


def in_chaos(folder):
    path = folder / "CHAOS.md"
    path.write_text(path.read_text().replace("| 100 | 0 | 0 |", "| 100 | 2 | 0 |", 1))


FOLDERS = {
    "WF403": (in_chaos, "Something was lost or doubled: worker killed"),
    "WF401": (in_types, "Incompatible return value"),
    "WF101": (in_manifest_without_licence, "licence is empty"),
    "WF109": (in_simulator, "it is mute"),
    "WF111": (in_readme, "Nothing is said"),
    "WF207": (in_recipe, "Deliveries are taken for 86400 s"),
    "WF212": (in_memory, "asked for 32"),
    "WF213": (in_golden, "read.json: g-1 differs in /data/plate"),
    "WF307": (in_cassette, "day.json is not scrubbed: 1 plate"),
    "WF402": (in_exemptions, "Exempt: WF213"),
}


def toy(habit="none", folder=TOY):
    return open_subject(folder, [sys.executable, str(TOY / "worker" / "worker.py"), habit])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def spoilt_outcomes(tmp_path_factory):
    """What each rule says of the toy that breaks it. Some at a time: they wait more than work, and
    mostly for what never comes."""
    free = asyncio.Semaphore(8)

    async def one(code):
        subject = toy(HABITS[code][0]) if code in HABITS else in_folder(code)
        async with free:
            return code, await judged(RULES[code], replace(subject, patience_s=10.0))

    def in_folder(code):
        folder = tmp_path_factory.mktemp(code) / "toy"
        shutil.copytree(TOY, folder, ignore=shutil.ignore_patterns("worker"))
        FOLDERS[code][0](folder)
        return toy(folder=folder)

    return dict(await asyncio.gather(*map(one, [*HABITS, *FOLDERS])))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def report():
    return await run(toy())


def test_every_rule_has_a_bad_fixture():
    applicable = {code for code in RULES if code not in UNTRIED}
    assert {*HABITS, *FOLDERS} == applicable


UNTRIED = frozenset()
"""Rules that the toy has nothing for."""


async def test_a_readme_that_was_only_generated_says_nothing(tmp_path):
    write(Plan("sim-action", Kind.ACTION, "Example contributors"), tmp_path / "new")
    outcome = await judged(RULES["WF111"], open_subject(tmp_path / "new"))
    assert outcome.state == "failed"
    assert "what belongs there" in outcome.detail


@pytest.mark.slow
@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("code", [*HABITS, *FOLDERS])
async def test_a_rule_catches_who_breaks_it(code, spoilt_outcomes):
    outcome = spoilt_outcomes[code]
    words = (HABITS.get(code) or FOLDERS[code])[1]
    assert outcome.state == "failed", outcome.detail
    assert words in outcome.detail


@pytest.mark.slow
async def test_records_in_xml_are_changed_like_those_in_json(tmp_path):
    folder = tmp_path / "toy"
    shutil.copytree(TOY, folder, ignore=shutil.ignore_patterns("worker"))
    (folder / "quality.json").write_text('{"simulator": "simulator.py:InXml"}')
    codes = ["WF205", "WF206"]
    right = [judged(RULES[code], toy(folder=folder)) for code in codes]
    habits = (replace(toy(HABITS[code][0], folder), patience_s=10.0) for code in codes)
    wrong = [judged(RULES[code], subject) for code, subject in zip(codes, habits, strict=True)]
    outcomes = await asyncio.gather(*right, *wrong)
    assert [one.state for one in outcomes] == ["passed", "passed", "failed", "failed"]
    assert all(HABITS[one.code][1] in one.detail for one in outcomes[2:])


@pytest.mark.slow
async def test_chaos_counts_what_each_blow_costs():
    blows = (run_chaos(toy(), [name]) for name in BLOWS)
    loses = replace(toy("loses"), patience_s=5.0)
    *right, [wrong] = await asyncio.gather(*blows, run_chaos(loses, ["net cut for 2 s"]))
    assert {one.blow for [one] in right} == set(BLOWS)
    assert all((one.lost, one.doubled) == (0, 0) for [one] in right)
    assert wrong.lost


@pytest.mark.slow
@pytest.mark.asyncio(loop_scope="module")
async def test_the_right_toy_keeps_every_rule(report):
    assert {one.code: one.detail for one in report.outcomes if one.state != "passed"} == {}
    assert report.level == Level.platinum
