import pytest
from scaffolded import Outside, installed


@pytest.fixture(scope="session")
def outside(tmp_path_factory) -> Outside:
    """Some packages, installed."""
    names = ("sim-poll", "sim-assets", "sim-lookup", "sim-action", "sim-webhook", "file-poll")
    return installed(tmp_path_factory.mktemp("outside"), *names)
