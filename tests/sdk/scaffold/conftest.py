import pytest
from scaffolded import Outside, generated, installed


@pytest.fixture(scope="session")
def packages(tmp_path_factory):
    """A package of each kind, not installed."""
    return generated(tmp_path_factory.mktemp("packages"))


@pytest.fixture(scope="session")
def outside(tmp_path_factory) -> Outside:
    """The same, installed."""
    return installed(tmp_path_factory.mktemp("outside"))
