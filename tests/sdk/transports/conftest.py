"""A context that may reach loopback."""

import pytest
from msgspec import Struct

from watchfloor_sdk.network import Network
from watchfloor_sdk.testing import context


class Nothing(Struct):
    pass


@pytest.fixture
def reaching():
    def make(*ports, **credentials):
        hosts = [f"127.0.0.1:{port}" for port in ports]
        ctx = context(Nothing(), hosts=hosts, credentials=credentials)
        if not hasattr(ctx, "network"):
            ctx.network = Network(hosts, internal=hosts)
        return ctx

    return make
