"""Fixtures for tests of a whole hub. What they are made of is in ``support/hub.py``."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hub import api_of, hub_here, hub_process, session_of


@pytest.fixture(scope="session", autouse=True)
def _temporary_files(tmp_path_factory):
    """A folder for what hubs and workers put aside, also those that are killed and leave it: gone
    with the session. pytest's own folders have paths too long for a socket's (unix(7))."""
    tmp_path_factory.getbasetemp()  # stays where it was
    with (
        tempfile.TemporaryDirectory(prefix="watchfloor-tests-", ignore_cleanup_errors=True) as own,
        pytest.MonkeyPatch.context() as patched,
    ):
        Path(own).chmod(0o755)  # the tests' PostgreSQL is another user's
        patched.setenv("TMPDIR", own)
        patched.setattr(tempfile, "tempdir", own)
        yield


@pytest.fixture
async def hub(tmp_path):
    """A hub in this process, on a data directory of its own."""
    async with hub_here(tmp_path / "hub") as running:
        yield running


@pytest.fixture
async def api(hub):
    """Its API, signed in."""
    async with api_of(hub.url, session_of(hub)) as api:
        yield api


@pytest.fixture
async def nobody(hub):
    """Its API, not signed in."""
    async with api_of(hub.url) as api:
        yield api


@pytest.fixture
async def process(tmp_path):
    """A hub in a process of its own (``watchfloor serve``), to be killed."""
    async with hub_process(tmp_path / "hub") as started:
        yield started
