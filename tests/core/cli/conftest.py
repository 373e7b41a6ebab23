"""The command in this process, beside a hub in this process."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass

import pytest
from typer.testing import CliRunner

from watchfloor.cli.app import app


@dataclass
class Ran:
    """How a run of the command ended."""

    code: int
    out: str
    err: str

    @property
    def lines(self):
        """What it printed with ``--json``: a document a line."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def error(self):
        """The error that it printed with ``--json``."""
        return json.loads(self.err)["error"]


@pytest.fixture
def data_dir(tmp_path):
    return tmp_path / "hub"


@pytest.fixture
def run(data_dir, monkeypatch):
    """``await run("search", "zzt1")``: the command on the test's data directory."""
    monkeypatch.setenv("WATCHFLOOR_DATA_DIR", str(data_dir))
    monkeypatch.setenv("COLUMNS", "200")

    async def ran(*arguments):
        result = await asyncio.to_thread(CliRunner().invoke, app, arguments)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Ran(result.exit_code, result.stdout, result.stderr)

    return ran
