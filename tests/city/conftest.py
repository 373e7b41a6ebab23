"""Shared by the city's tests: one made-up city, and the folder of real open data."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from watchfloor_city import City, generate_city

START = datetime(2026, 5, 2, 20, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def city() -> City:
    return generate_city(seed=7, size=20)


@pytest.fixture(scope="session")
def start() -> datetime:
    return START


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The real open data: ``WATCHFLOOR_DATA``, else ``../shared/data`` beside the repository.

    Without it the test is skipped by name, but where ``CI=true`` it fails.
    """
    beside = Path(__file__).resolve().parents[3] / "shared" / "data"
    folder = Path(os.environ.get("WATCHFLOOR_DATA", beside))
    if (folder / "new_orleans").is_dir():
        return folder
    reason = f"the real open data is not in {folder}"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
