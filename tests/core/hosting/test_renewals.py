"""A refresh token that serves once: whatever is killed, the hub has the one that serves next."""

import asyncio
import os
import signal
from dataclasses import replace
from types import SimpleNamespace

import pytest
from aiohttp import web

from watchfloor.adapters.keyring_file import SealedSecrets
from watchfloor.contracts import Refused
from watchfloor.contracts.protocol import CredentialRenewed
from watchfloor.hosting import Catalogue, Leases
from watchfloor_sdk.simulation import HttpSimulator, Setup

SOURCE, NAME = "toy-1", "sign_in"


class Vendor(HttpSimulator):
    """Gives each refresh token a successor when it is used; one that was used serves no more."""

    connector = "toy-refresh"

    def __init__(self):
        super().__init__()
        self.granted = 0
        self.live = ""
        self.answering = self.nothing

    async def nothing(self):
        """Between the rotation and the answer."""

    def feed(self, happening):
        """Nothing happens here."""

    def setup(self, base_url):
        self.base_url = base_url
        return Setup(self.connector, {"base_url": base_url})

    def routes(self):
        return [web.post("/token", self.token), web.get("/reads", self.reads)]

    @property
    def serves(self):
        return f"sim-refresh-{self.granted}"

    async def token(self, request):
        if (await request.post())["refresh_token"] != self.serves:
            return web.json_response({"error": "invalid_grant"}, status=400)
        self.granted += 1
        self.live = f"sim-access-{self.granted}"
        said = {"access_token": self.live, "refresh_token": self.serves, "expires_in": 0.1}
        await self.answering()
        return web.json_response(said)

    async def reads(self, request):
        if request.headers.get("Authorization") != f"Bearer {self.live}":
            raise web.HTTPUnauthorized
        return web.json_response({"reads": []})


class Keyring(SealedSecrets):
    """The real one, with somebody at the door of each renewal."""

    def __init__(self, folder):
        super().__init__(folder)
        self.before = self.after = self.nothing

    async def nothing(self): ...

    async def swap(self, *change):
        await self.before()
        swapped = await super().swap(*change)
        await self.after()
        return swapped


@pytest.fixture
def keyring(hub, tmp_path):
    secrets = Keyring(tmp_path / "secrets")
    hub.services = replace(hub.services, leases=Leases(secrets, hub, b"key"))
    return secrets


@pytest.fixture
async def vendor():
    one = Vendor()
    await one.start()
    yield one
    await one.stop()


@pytest.fixture
async def source(vendor, keyring, supervise, until, tmp_path, monkeypatch):
    """It polls, a refresh each time: ``state()``, and ``kept()`` as another keyring reads it."""
    # Not confined: it reaches the vendor without an egress.
    monkeypatch.setattr("watchfloor.adapters.processes.grants", lambda *_: "")
    await keyring.put(SOURCE, NAME, {"refresh_token": vendor.serves})
    config = {"base_url": vendor.base_url, "every_s": 0.02}
    supervisor = await supervise(config, connector="toy-refresh")
    await until(lambda: vendor.granted)

    async def kept():
        return (await SealedSecrets(tmp_path / "secrets").get(SOURCE, NAME))["refresh_token"]

    return SimpleNamespace(
        supervisor=supervisor, kept=kept, state=lambda: supervisor.state(SOURCE)
    )  # fmt: skip


def killing(source, times, killed):
    """Kills the worker as often as ``times`` says, whenever it is called."""

    async def kill():
        pid = source.state().pid
        if len(killed) < times and pid and pid not in killed:
            killed.append(pid)
            os.kill(pid, signal.SIGKILL)
            await asyncio.sleep(0.2)  # for the hub to see it

    return kill


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_worker_killed_while_the_hub_seals_costs_nothing(
    source, vendor, keyring, until, moment
):
    killed = []
    setattr(keyring, moment, killing(source, 3, killed))
    await until(lambda: len(killed) == 3, 30.0)
    then = vendor.granted
    await until(lambda: vendor.granted > then + 2, 20.0)
    assert source.state().state == "running"
    await source.supervisor.stop()
    assert await source.kept() == vendor.serves


async def test_killed_before_the_hub_hears_of_it_a_person_signs_in_again(
    source, vendor, keyring, until
):
    """The one moment that nobody can close. It is said, and mended by a new sign-in."""
    killed = []
    vendor.answering = killing(source, 1, killed)
    await until(lambda: source.state().code == "sign_in_again")
    assert source.state().state == "needs_attention"
    await keyring.put(SOURCE, NAME, {"refresh_token": vendor.serves})
    await source.supervisor.restart(SOURCE)
    await until(lambda: source.state().state == "running")


async def test_a_worker_that_is_asked_to_stop_finishes_its_renewal(source, vendor, until):
    reached = asyncio.Event()

    async def slowly():
        reached.set()
        await asyncio.sleep(0.4)

    vendor.answering = slowly
    await reached.wait()
    await source.supervisor.stop()
    assert await source.kept() == vendor.serves


async def test_each_renewal_is_on_the_ledger_without_its_value(source, vendor, hub, until):
    await until(lambda: vendor.granted > 2)
    await source.supervisor.stop()
    renewals = [(who, what) for kind, who, what in hub.leased if kind == "credential_renewal"]
    assert len(renewals) == vendor.granted
    assert {(who, what["name"], what["connector"]) for who, what in renewals} == {
        (SOURCE, NAME, "toy-refresh")
    }
    assert len({what["fingerprint"] for _, what in renewals}) == vendor.granted
    assert "sim-refresh" not in str(hub.leased)


async def test_what_a_person_set_meanwhile_stands(hub, keyring, toys):
    """A worker may replace what it was handed, and nothing newer."""
    leases, manifest = hub.services.leases, Catalogue().manifest("toy-refresh")
    await keyring.put(SOURCE, NAME, {"refresh_token": "old"})
    leased = await leases.lease(SOURCE, manifest, NAME)
    await keyring.put(SOURCE, NAME, {"refresh_token": "set by a person"})
    with pytest.raises(Refused) as info:
        await leases.renew(SOURCE, manifest, renewed(), leased)
    assert info.value.code == "credential_changed"
    assert (await keyring.get(SOURCE, NAME))["refresh_token"] == "set by a person"


async def test_sent_twice_it_is_kept_once(hub, keyring, toys):
    leases, manifest = hub.services.leases, Catalogue().manifest("toy-refresh")
    await keyring.put(SOURCE, NAME, {"refresh_token": "old", "client_id": "sim"})
    leased = await leases.lease(SOURCE, manifest, NAME)
    for _ in range(2):
        await leases.renew(SOURCE, manifest, renewed(), leased)
    assert await keyring.get(SOURCE, NAME) == {"refresh_token": "new", "client_id": "sim"}


@pytest.mark.parametrize(
    ("connector", "message", "leased", "code"),
    [
        ("toy-refresh", ("other", {"refresh_token": "new"}), {}, "credential_not_declared"),
        ("toy-refresh", (NAME, {"client_id": "new"}), {}, "credential_not_renewable"),
        ("toy-refresh", (NAME, {"refresh_token": ""}), {}, "credential_not_renewable"),
        ("toy-refresh", (NAME, {}), {}, "credential_not_renewable"),
        ("toy", ("secret", {"secret": "new"}), {}, "credential_not_renewable"),
        ("toy-refresh", (NAME, {"refresh_token": "new"}), None, "credential_not_leased"),
    ],
)
async def test_a_worker_renews_nothing_else(hub, keyring, toys, connector, message, leased, code):
    await keyring.put(SOURCE, NAME, {"refresh_token": "old"})
    manifest = Catalogue().manifest(connector)
    with pytest.raises(Refused) as info:
        await hub.services.leases.renew(SOURCE, manifest, renewed(*message), leased)
    assert info.value.code == code
    assert await keyring.get(SOURCE, NAME) == {"refresh_token": "old"}


NEW = {"refresh_token": "new"}


def renewed(name=NAME, fields=NEW):
    return CredentialRenewed(name=name, fields=fields)
