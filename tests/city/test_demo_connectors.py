"""What a newcomer sees: the demo's connectors are healthy, and nothing is to be repaired."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from demo_hub import demo

AT_LEAST = 10


@pytest.mark.slow
def test_at_least_ten_connectors_run_confined_and_nothing_is_to_be_repaired(tmp_path: Path) -> None:
    with demo(tmp_path / "city") as running:
        deadline = time.monotonic() + 90
        sources = running.client.get("/sources")["items"]
        while {each["state"] for each in sources} != {"running"} and time.monotonic() < deadline:
            time.sleep(0.5)
            sources = running.client.get("/sources")["items"]
        assert {each["state"] for each in sources} == {"running"}, sources
        assert len({each["connector"] for each in sources}) >= AT_LEAST
        assert all(each["confinement"] for each in sources)
        assert running.client.get("/repairs")["items"] == []
