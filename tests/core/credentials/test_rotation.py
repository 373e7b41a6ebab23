"""Credentials are replaced while the source works: no delivery is refused, no event is lost."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import time

import pytest
import pytest_asyncio
from hub import api_of, hub_here, session_of, until
from joserfc import jwt
from joserfc.jwk import RSAKey

from watchfloor.adapters.clock import SettableClock
from watchfloor.adapters.keyring_file import SealedSecrets
from watchfloor.contracts import AskAPerson, NotFound, Refused, WebhookRecipe
from watchfloor.credentials import Rotation
from watchfloor.hosting import Leases
from watchfloor.ports.store import Term
from watchfloor.webhooks import Door
from watchfloor_verkada_simulator.webhooks import envelope, sign

pytestmark = pytest.mark.asyncio(loop_scope="module")

FIRST, SECOND, THIRD = "first-SIM-secret", "second-SIM-secret", "third-SIM-secret"
CONFIG = {"base_url": "http://127.0.0.1:9", "owner": "Example", "lpr_cameras": ["none"]}
HOOK = "webhook_secret"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rotation") / "hub"
    async with hub_here(folder) as running, api_of(running.url, session_of(running)) as api:
        wanted = {"connector": "verkada", "name": "Gate", "config": CONFIG, "enabled": True}
        await api.send("PUT", "/sources/gate", wanted)
        await api.send("PUT", f"/sources/gate/credentials/{HOOK}", {"value": {"secret": FIRST}})
        yield running.hub, api, SealedSecrets(folder / "secrets")


@pytest.fixture
def clock():
    return SettableClock(time.time_ns() // 1000)


@pytest.fixture
def leases(running):
    hub, _, secrets = running
    return Leases(secrets, hub.store.ledger, b"key", hub.store.leases)


@pytest.fixture
def rotation(running, clock, leases):
    hub, _, secrets = running
    store = hub.store
    return Rotation(hub.sources, secrets, store.terms, store.leases, leases.fingerprint, clock)


def body(number):
    moment = 1_790_000_000 + number
    return envelope("lpr", {
        "camera_id": "cam-1", "created": moment, "detected": moment * 1000,
        "license_plate_number": f"ZZR{number:04}",
    })  # fmt: skip


async def knock(api, number, secret):
    content = body(number)
    return (await api.knock("gate", content, sign(secret, content))).status


async def test_under_load_no_delivery_is_refused_while_the_secret_is_rotated(
    running, rotation, clock
):
    """The vendor changes over at some moment within the overlap; deliveries that it signed before
    come late."""
    _, api, _ = running
    numbers, answers, stop = itertools.count(), [], asyncio.Event()
    in_use = [FIRST, FIRST]

    async def send():
        while not stop.is_set():
            for secret in in_use:
                answers.append(await knock(api, next(numbers), secret))

    senders = [asyncio.create_task(send()) for _ in range(4)]
    for old, new in ((FIRST, SECOND), (SECOND, THIRD)):
        await asyncio.sleep(0.3)
        view = await rotation.rotate("gate", HOOK, {"secret": new}, 3600, "alex")
        assert view.overlap_until
        in_use[:] = [old, new]
        await asyncio.sleep(0.3)
        in_use[:] = [new, new]
        await asyncio.sleep(0.1)
        clock.advance(3601)
        await rotation.end_overlaps()
    await asyncio.sleep(0.3)
    stop.set()
    await asyncio.gather(*senders)
    assert len(answers) > 50
    assert set(answers) == {202}
    accepted = len(answers)

    async def all_there():
        return (await api.source("gate"))["events_total"] == accepted

    await until(all_there, 60.0)
    assert [await knock(api, next(numbers), old) for old in (FIRST, SECOND)] == [403, 403]


async def test_an_overlap_ends_by_itself_and_not_before(running, rotation, clock):
    _, api, secrets = running
    await rotation.rotate("gate", HOOK, {"secret": "fourth-SIM-secret"}, 60, "alex")
    clock.advance(59)
    await rotation.end_overlaps()
    assert await knock(api, 90_000, THIRD) == 202
    clock.advance(2)
    await rotation.end_overlaps()
    assert await knock(api, 90_001, THIRD) == 403
    assert await secrets.get("gate", HOOK) == {"secret": "fourth-SIM-secret"}
    assert (await rotation.view("gate", HOOK)).overlap_until is None


@pytest.mark.parametrize(("owner", "name"), [("a-gone", HOOK), ("gate", "a-gone")])
async def test_an_overlap_of_what_is_gone_keeps_no_other_from_ending(
    running, rotation, clock, owner, name
):
    """Owners are ended in the order of the alphabet."""
    hub, _, secrets = running
    over = clock.now() + 1_000_000
    await hub.store.terms.put(Term(owner, name, overlap_until=over))
    await rotation.rotate("gate", HOOK, {"secret": "other-SIM-secret"}, 0, "alex")
    await rotation.rotate("gate", HOOK, {"secret": "fourth-SIM-secret"}, 60, "alex")
    clock.advance(61)
    await rotation.end_overlaps()
    assert await secrets.get("gate", HOOK) == {"secret": "fourth-SIM-secret"}
    assert (await hub.store.terms.get(owner, name)).overlap_until is None


async def test_one_that_cannot_be_ended_now_keeps_no_other_from_ending(running, rotation, clock):
    """Its connector is not installed any more: it is tried again."""
    hub, _, secrets = running
    await secrets.put("a-other", HOOK, {"secret": "new", "previous": "old"})
    over = clock.now() + 1_000_000
    await hub.store.terms.put(Term("a-other", HOOK, overlap_until=over))
    await rotation.rotate("gate", HOOK, {"secret": "eighth-SIM-secret"}, 60, "alex")
    clock.advance(61)
    await rotation.end_overlaps()
    assert await secrets.get("gate", HOOK) == {"secret": "eighth-SIM-secret"}
    assert (await hub.store.terms.get("a-other", HOOK)).overlap_until == over
    await hub.store.terms.remove("a-other")


async def test_of_a_source_that_is_removed_no_term_is_left(running):
    hub, api, _ = running
    wanted = {"connector": "verkada", "name": "Yard", "config": CONFIG, "enabled": False}
    await api.send("PUT", "/sources/yard", wanted)
    await hub.store.terms.put(Term("yard", HOOK, expires=1, overlap_until=1))
    await api.send("DELETE", "/sources/yard")
    assert await hub.store.terms.get("yard", HOOK) == Term("yard", HOOK)


async def test_a_crash_in_a_rotation_leaves_no_overlap_without_an_end(
    running, rotation, clock, monkeypatch
):
    hub, _, secrets = running
    await rotation.rotate("gate", HOOK, {"secret": "ninth-SIM-secret"}, 0, "alex")

    async def crash(term):
        raise asyncio.CancelledError

    for overlap_s, value in ((60, "tenth-SIM-secret"), (0, "eleventh-SIM-secret")):
        with monkeypatch.context() as patch, pytest.raises(asyncio.CancelledError):
            patch.setattr(type(hub.store.terms), "put", lambda _, term: crash(term))
            await rotation.rotate("gate", HOOK, {"secret": value}, overlap_s, "alex")
        clock.advance(61)
        await rotation.end_overlaps()
        assert "previous" not in await secrets.get("gate", HOOK)


async def test_a_value_that_does_not_fit_begins_no_overlap(running, rotation):
    with pytest.raises(AskAPerson):
        await rotation.rotate("gate", HOOK, {"other": "x"}, 60, "alex")
    assert (await rotation.view("gate", HOOK)).overlap_until is None


async def test_without_an_overlap_the_one_before_ends_at_once(running, rotation):
    _, api, _ = running
    await rotation.rotate("gate", HOOK, {"secret": "fifth-SIM-secret"}, 0, "alex")
    assert await knock(api, 90_002, "fourth-SIM-secret") == 403
    assert await knock(api, 90_003, "fifth-SIM-secret") == 202


async def test_a_rotation_within_an_overlap_puts_out_no_value_that_is_in_use(
    running, rotation, clock
):
    """The second was mistyped, and the vendor uses the first."""
    _, api, _ = running
    await rotation.rotate("gate", HOOK, {"secret": FIRST}, 0, "alex")
    await rotation.rotate("gate", HOOK, {"secret": "mistyped-SIM"}, 3600, "alex")
    with pytest.raises(Refused) as refused:
        await rotation.rotate("gate", HOOK, {"secret": SECOND}, 3600, "alex")
    assert refused.value.code == "overlap_under_way"
    assert await knock(api, 90_010, FIRST) == 202
    value = {"secret": SECOND, "previous": FIRST}
    await api.send("PUT", f"/sources/gate/credentials/{HOOK}", {"value": value})
    assert [await knock(api, 90_011, one) for one in (FIRST, SECOND)] == [202, 202]
    assert await knock(api, 90_012, "mistyped-SIM") == 403
    clock.advance(3601)
    await rotation.end_overlaps()
    assert [await knock(api, 90_013, one) for one in (FIRST, SECOND)] == [403, 202]


@pytest.mark.parametrize("overlap_s", [-1, 31 * 24 * 3600, float("nan")])
async def test_an_overlap_is_no_second_secret_for_good(rotation, overlap_s):
    with pytest.raises(Refused) as info:
        await rotation.rotate("gate", HOOK, {"secret": "sixth-SIM-secret"}, overlap_s, "alex")
    assert info.value.code == "overlap_too_long"


async def test_what_is_not_declared_is_not_rotated(rotation):
    with pytest.raises(NotFound):
        await rotation.rotate("gate", "other", {"secret": "x"}, 60, "alex")


async def test_it_is_told_who_still_has_the_one_before(running, rotation, leases):
    hub, _, _ = running
    manifest = hub.sources.catalogue.manifest("verkada")
    await leases.lease("gate", manifest, HOOK, 7)
    await leases.lease("gate", manifest, HOOK, 8)
    await rotation.rotate("gate", HOOK, {"secret": "seventh-SIM-secret"}, 60, "alex")
    view = await rotation.view("gate", HOOK)
    assert (view.in_use, sorted(view.old_processes)) == (False, [7, 8])
    await leases.lease("gate", manifest, HOOK, 7)
    view = await rotation.view("gate", HOOK)
    assert (view.in_use, view.old_processes) == (True, [8])


# --- each way of proving a webhook takes two for a while -----------------------------------------


def basic(password):
    return {"authorization": "Basic " + base64.b64encode(f"sim:{password}".encode()).decode()}


async def test_two_passwords_of_one_user_are_taken():
    recipe = WebhookRecipe(algorithm="basic", header="authorization", credential="login")
    login = {"username": "sim", "password": "new", "previous": "old"}
    door = Door(recipe, login, {})
    for word in ("new", "old"):
        door.check(basic(word), b"{}", 0)
    with pytest.raises(Refused):
        door.check(basic("other"), b"{}", 0)


async def test_tokens_of_the_key_set_before_are_taken():
    recipe = WebhookRecipe(
        algorithm="jwt-rsa", header="authorization", credential="keys", prefix="Bearer "
    )
    old, new, other = (RSAKey.generate_key(2048, {"kid": kid}) for kid in "abc")
    sets = [json.dumps({"keys": [key.as_dict(private=False)]}) for key in (new, old)]
    door = Door(recipe, {"jwks": sets[0], "previous": sets[1]}, {})

    def shown(key):
        token = jwt.encode({"alg": "RS256", "kid": key.kid}, {"iat": 1_790_000_000}, key)
        return {"authorization": f"Bearer {token}"}

    for key in (new, old):
        door.check(shown(key), b"{}", 1_790_000_000_000_000)
    with pytest.raises(Refused):
        door.check(shown(other), b"{}", 1_790_000_000_000_000)
