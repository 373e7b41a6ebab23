"""A context that may reach loopback: straight, or through a tunnel as in the hub."""

import asyncio
import socket

import pytest
from msgspec import Struct

from watchfloor_sdk.network import Network
from watchfloor_sdk.testing import context


class Nothing(Struct):
    pass


class Tunnelled(Network):
    """Hands out the near end of a tunnel, which is no TCP socket."""

    def __init__(self, hosts):
        super().__init__(hosts, internal=hosts)
        self.relays, self.sockets = [], []

    async def dial(self, host, port, timeout=None):
        far = await super().dial(host, port, timeout)
        near, inner = socket.socketpair()
        for one in (near, inner):
            one.setblocking(False)
        self.sockets += [far, inner]
        self.relays.append(asyncio.create_task(relay(far, inner)))
        return near


async def relay(far, inner):
    """Both ways, until one end closes."""
    try:
        ways = [asyncio.create_task(one_way(*way)) for way in ((far, inner), (inner, far))]
        await asyncio.wait(ways)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        far.close()
        inner.close()


async def one_way(source, sink):
    loop = asyncio.get_running_loop()
    try:
        while some := await loop.sock_recv(source, 65536):
            await loop.sock_sendall(sink, some)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


@pytest.fixture(params=[Tunnelled, None], ids=["tunnelled", "straight"])
async def network(request):
    """How the network of each context is made."""
    made = []

    def make(hosts):
        made.append(request.param(hosts) if request.param else Network(hosts, internal=hosts))
        return made[-1]

    yield make
    relays = [task for one in made for task in getattr(one, "relays", [])]
    for task in relays:
        task.cancel()
    await asyncio.gather(*relays, return_exceptions=True)
    for each in [one for made_one in made for one in getattr(made_one, "sockets", [])]:
        each.close()


@pytest.fixture
def reaching(network):
    def make(*ports, **credentials):
        hosts = [f"127.0.0.1:{port}" for port in ports]
        ctx = context(Nothing(), hosts=hosts, credentials=credentials)
        ctx.__dict__["network"] = network(hosts)
        return ctx

    return make
