"""The egress lets out to where a pass allows, and nowhere else; it says which and why."""

import asyncio
import base64
import os
import signal
import sys
from pathlib import Path

import pytest

from watchfloor.adapters.egress import EgressKeeper, proxy_of
from watchfloor.adapters.keyring_file import SealedSecrets
from watchfloor.contracts.protocol import Egress
from watchfloor.egress import Proxy
from watchfloor_sdk import AskAPerson, Refused, RetryLater
from watchfloor_sdk.network import Network


@pytest.fixture
async def vendor():
    """``host:port`` of somebody who says everything back in capitals."""

    async def serve(reader, writer):
        while chunk := await reader.read(65536):
            writer.write(chunk.upper())
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


class Kept:
    """A keeper that runs, and what its guest was told."""

    def __init__(self, link, proxy=None):
        self.keeper = EgressKeeper(link, proxy)
        self.told = []
        self.running = asyncio.create_task(self.keeper.run())

    def admit(self, hosts, internal=(), pid=None):
        return self.keeper.admitted("toy-1", pid or os.getpid(), hosts, internal, self.told.append)

    async def close(self):
        self.running.cancel()
        await asyncio.gather(self.running, return_exceptions=True)
        self.keeper.close()


@pytest.fixture
def link(tmp_path):
    """Where a keeper says how to find the folder of its socket."""
    return tmp_path / "egress"


@pytest.fixture
async def kept(link):
    kept = Kept(link)
    yield kept
    await kept.close()


async def said(sock, text=b"hello"):
    """What comes back."""
    loop = asyncio.get_running_loop()
    with sock:
        await loop.sock_sendall(sock, text)
        return await loop.sock_recv(sock, 1000)


async def asked(egress, target):
    """As a hostile worker would, which checks nothing: the answer's head."""
    reader, writer = await asyncio.open_unix_connection(egress.socket)
    writer.write(
        f"CONNECT {target} HTTP/1.1\r\nProxy-Authorization: Bearer {egress.token}\r\n\r\n".encode()
    )
    head = await reader.read(1000)
    writer.close()
    return head.decode()


async def soon(condition):
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.02)


async def test_what_is_allowed_goes_both_ways(kept, vendor):
    site = f"127.0.0.1:{vendor}"
    with kept.admit([site], [site]) as egress:
        network = Network([site], [site], egress)
        assert await said(await network.dial("127.0.0.1", vendor, 5)) == b"HELLO"
    assert kept.told == []


async def test_another_host_is_refused_and_shows_until_it_is_reached(kept, vendor):
    site = f"127.0.0.1:{vendor}"
    with kept.admit([site], [site]) as egress:
        assert "403" in await asked(egress, "other.example.org:443")
        await soon(lambda: kept.told)
        assert kept.told[0].code == "host_not_allowed"
        assert "other.example.org:443" in kept.told[0].detail
        assert kept.told[0].attention


async def test_a_token_is_no_good_in_the_hands_of_another(kept, vendor):
    site = f"127.0.0.1:{vendor}"
    with kept.admit([site], [site], pid=1) as stolen, kept.admit([site], [site]):
        head = await asked(stolen, site)
        assert "error=proxy_authentication_failed" in head
        await soon(lambda: kept.told)
        made_up = Egress(socket=stolen.socket, token="guessed")
        assert head.startswith("HTTP/1.1 407")
        assert (await asked(made_up, site)).startswith("HTTP/1.1 407")


@pytest.mark.parametrize(
    "target", ["localhost:{}", "127.0.0.1:{}", "169.254.169.254:80", "[::ffff:127.0.0.1]:{}"]
)
async def test_names_and_addresses_that_lead_inside_are_refused(kept, vendor, target):
    site = target.format(vendor)
    with kept.admit([site]) as egress:
        assert "error=destination_ip_prohibited" in await asked(egress, site)
        host, _, port = site.rpartition(":")
        with pytest.raises(Refused) as info:
            await Network([site], (), egress).dial(host, int(port), 5)
        assert info.value.code == "internal_address"


async def test_a_link_local_address_is_not_reached_by_a_name_that_the_agency_wrote(kept):
    pytest.importorskip("watchfloor.egress.dial")
    from watchfloor.egress.dial import _may_be
    from watchfloor.egress.policy import Pass

    site = "cad.example.org:80"
    allowed = Pass("t", "toy-1", 1, frozenset({site}), frozenset({site}))
    assert _may_be(allowed, "cad.example.org", 80, "10.1.2.3")
    assert not _may_be(allowed, "cad.example.org", 80, "169.254.169.254")


@pytest.mark.parametrize("host", ["a..example.org", f"{'a' * 64}.example.org"])
async def test_what_is_no_name_of_a_host_is_unknown(kept, host):
    with kept.admit([f"{host}:80"]) as egress:
        assert "error=dns_error" in await asked(egress, f"{host}:80")


async def test_trouble_on_the_way_is_sorted_as_without_an_egress(kept):
    sites = ["nowhere.invalid:80", "127.0.0.1:1"]
    with kept.admit(sites, sites) as egress:
        network = Network(sites, sites, egress)
        with pytest.raises(RetryLater) as info:
            await network.dial("nowhere.invalid", 80, 20)
        assert info.value.code == "dns"
        with pytest.raises(OSError):
            await network.dial("127.0.0.1", 1, 5)


async def test_a_worker_has_so_many_connections_and_no_more(kept, vendor):
    site = f"127.0.0.1:{vendor}"
    with kept.admit([site], [site]) as egress:
        network = Network([site], [site], egress)
        opened = [await network.dial("127.0.0.1", vendor, 5) for _ in range(64)]
        with pytest.raises(RetryLater) as info:
            await network.dial("127.0.0.1", vendor, 5)
        assert info.value.code == "too_many_connections"
        for sock in opened:
            sock.close()
        await asyncio.sleep(0.1)
        assert await said(await network.dial("127.0.0.1", vendor, 5)) == b"HELLO"


async def test_what_is_open_ends_with_the_pass(kept, vendor):
    site = f"127.0.0.1:{vendor}"
    with kept.admit([site], [site]) as egress:
        sock = await Network([site], [site], egress).dial("127.0.0.1", vendor, 5)
    with sock:
        async with asyncio.timeout(5):
            assert await asyncio.get_running_loop().sock_recv(sock, 1) == b""
    assert "407" in await asked(egress, site)


async def test_it_is_started_again_and_knows_who_may_go_where(kept, vendor):
    site = f"127.0.0.1:{vendor}"
    with kept.admit([site], [site]) as egress:
        network = Network([site], [site], egress)
        assert await said(await network.dial("127.0.0.1", vendor, 5)) == b"HELLO"
        before = _programs()
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        await soon(lambda: _programs() - before)
        assert await said(await network.dial("127.0.0.1", vendor, 5)) == b"HELLO"


def _programs():
    """The egresses that this process has started."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == os.getpid() and b"watchfloor.egress" in (folder / "cmdline").read_bytes():
                found.add(int(folder.name))
        except OSError:
            continue
    return found


@pytest.fixture
async def proxy(vendor):
    """The agency's own: knows a name that nobody else does, for whom says the word."""
    heard = []

    async def serve(reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        heard.append(head)
        if base64.b64encode(b"hub:word").decode() not in head:
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
        else:
            inner, outer = await asyncio.open_connection("127.0.0.1", vendor)
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
            outer.write(await reader.read(1000))
            writer.write(await inner.read(1000))
            outer.close()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1], heard
    server.close()


async def test_what_is_outside_goes_by_the_agencys_own_proxy(link, proxy, vendor):
    port, heard = proxy
    authorization = f"Basic {base64.b64encode(b'hub:word').decode()}"
    kept = Kept(link, Proxy("127.0.0.1", port, authorization))
    inside, outside = f"127.0.0.1:{vendor}", "api.vendor.invalid:443"
    with kept.admit([inside, outside], [inside]) as egress:
        network = Network([inside, outside], [inside], egress)
        assert await said(await network.dial("api.vendor.invalid", 443, 20)) == b"HELLO"
        assert heard[0].startswith("CONNECT api.vendor.invalid:443 HTTP/1.1\r\n")
        assert await said(await network.dial("127.0.0.1", vendor, 5)) == b"HELLO"
        assert len(heard) == 1, "what is inside does not"
    await kept.close()


async def test_a_proxy_that_refuses_is_a_matter_for_a_person(link, proxy):
    kept = Kept(link, Proxy("127.0.0.1", proxy[0]))
    site = "api.vendor.invalid:443"
    with kept.admit([site]) as egress:
        with pytest.raises(AskAPerson) as info:
            await Network([site], (), egress).dial("api.vendor.invalid", 443, 20)
        assert info.value.code == "proxy_refused"
    await kept.close()


async def test_the_proxys_password_is_changed_without_a_restart(link, proxy, tmp_path):
    secrets, url = SealedSecrets(tmp_path / "secrets"), f"http://127.0.0.1:{proxy[0]}"
    kept, site = Kept(link, await proxy_of(url, secrets)), "api.vendor.invalid:443"
    with kept.admit([site]) as egress:
        network = Network([site], (), egress)
        with pytest.raises(AskAPerson):
            await network.dial("api.vendor.invalid", 443, 20)
        await secrets.put("hub", "proxy", {"username": "hub", "password": "word"})
        kept.keeper.use(await proxy_of(url, secrets))
        assert await said(await network.dial("api.vendor.invalid", 443, 20)) == b"HELLO"
    assert await proxy_of("", secrets) is None
    await kept.close()


async def test_what_a_killed_hub_left_goes_with_the_next_start(link):
    died = EgressKeeper(link)
    left = link.readlink()
    died._listener.close()  # as the system does
    following = EgressKeeper(link)
    assert not left.exists()
    assert link.readlink().exists()
    following.close()
    assert not link.is_symlink()


async def test_a_copied_data_directory_takes_no_socket_from_the_hub_that_runs(kept, link, tmp_path):
    copy = tmp_path / "copy"
    copy.symlink_to(link.readlink())
    EgressKeeper(copy).close()
    site = "127.0.0.1:1"
    with kept.admit([site], [site]) as egress, pytest.raises(OSError):
        await Network([site], [site], egress).dial("127.0.0.1", 1, 5)
    assert Path(egress.socket).exists()


async def test_nonsense_and_silence_end_and_disturb_nobody(kept, vendor):
    site = f"127.0.0.1:{vendor}"
    with kept.admit([site], [site]) as egress:
        silent = [await asyncio.open_unix_connection(egress.socket) for _ in range(20)]
        for text in (b"GET / HTTP/1.1\r\n\r\n", b"\0" * 1000 + b"\r\n\r\n", b"x" * 600_000):
            reader, writer = await asyncio.open_unix_connection(egress.socket)
            writer.write(text)
            assert b"200" not in await _all(reader)
            writer.close()
        assert await said(await Network([site], [site], egress).dial("127.0.0.1", vendor, 5))
        for _, writer in silent:
            writer.close()


async def _all(reader):
    try:
        return await reader.read()
    except ConnectionError:
        return b""


if sys.platform != "linux":
    pytestmark = pytest.mark.skip("asks the system who is at the other end, as Linux tells it")
