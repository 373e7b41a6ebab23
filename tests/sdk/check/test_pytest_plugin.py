"""Whoever installs the SDK has its fixtures, and a contract test in one call."""

import subprocess
import sys

TESTS = """
from watchfloor_sdk.testing import HubDouble, run_contract


async def test_context(ctx, connector_id):
    assert connector_id == "lpr-rest"
    assert (await ctx.credential("token"))["token"]
    assert ctx.settings.base_url.startswith("http://127.0.0.1:")


def test_simulator_and_hub(simulator, hub_double):
    assert simulator.connector == "lpr-rest"
    assert isinstance(hub_double, HubDouble)


async def test_contract(connector_id):
    hub = await run_contract(connector_id)
    assert len(hub.events) == 200


async def test_requests_of_the_client_can_be_mocked(httpx2_mock):
    assert httpx2_mock is not None
"""


def test_fixtures_come_with_the_sdk(tmp_path):
    package = tmp_path / "src/anything"
    package.mkdir(parents=True)
    (package / "connector.json").write_text('{"id": "lpr-rest"}')
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/test_it.py").write_text(TESTS)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist",
               "-o", "asyncio_mode=auto", "--rootdir", str(tmp_path), "tests"]  # fmt: skip
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert "4 passed" in run.stdout, run.stdout + run.stderr
