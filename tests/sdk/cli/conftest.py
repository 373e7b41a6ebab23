import pytest
from scaffolded import Outside, installed

from watchfloor_sdk.scaffold import Kind


@pytest.fixture(scope="session")
def outside(tmp_path_factory) -> Outside:
    """One package of each of these kinds, installed."""
    kinds = (Kind.POLL, Kind.ASSETS, Kind.LOOKUP, Kind.ACTION, Kind.WEBHOOK)
    return installed(tmp_path_factory.mktemp("outside"), kinds)
