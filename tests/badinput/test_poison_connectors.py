"""Poison connectors, each beside a good source that keeps its rate and loses nothing.

The whole list, and where each is shown; "here" is with the good source measured before and
meanwhile:

- its import crashes: here, ``connector_broken``
- endless loop, catastrophic regex in its code: here (slow), ``no_heartbeat``
- fork bomb: here, ``connector_failed`` (PermissionError), and no child;
  ``tests/core/adapters/test_confinement.py``
- 10 GB at once: here, ``connector_failed`` (MemoryError); little by little: here, ``memory``
- writes to standard output: here, harmless with the SDK; ``garbage`` where it gets at the line;
  floods and half lines: ``test_workers.py``
- asks for another's credential: here, ``credential_not_declared``
- calls an undeclared host: here, ``host_not_allowed``; past the SDK: here (PermissionError), at the
  egress itself: ``test_workers.py``
- emits an undeclared kind: here, dead letters ``undeclared_type``
- reads the hub's environment, kills the hub: here, PermissionError; leaves: here, ``exited``
- a symlink or path trick in its archive, an archive that is a bomb: here, ``bad_archive``; in an
  air-gapped bundle: ``tests/core/registry/test_bundle.py``
- tampered hash: here, ``index_tampered``; once installed: ``tests/core/registry/test_life.py``
- revoked version: here, ``revoked``; while it runs: ``tests/core/registry/test_life.py``
- a schema with a remote ``$ref``, one that unfolds, nests or refers to itself: here,
  ``manifest_broken``; ``tests/core/hosting/test_vendor_schema.py``
- a catastrophic regex in its schemas: here, ``manifest_broken`` where it cannot be matched in
  linear time, else matched so: settings (``bad_settings``), filters of a look-up, parameters of
  an action; in templates of hosts and webhooks: here
- a manifest that is too large, too deep or no text: here, ``manifest_broken``
"""

from __future__ import annotations

import asyncio
import json
import stat
import sys
import time
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pytest
import pytest_asyncio
from hub import PERSON, api_of, session_of, until
from made_up import connect, ids
from toy_index import ToyIndex, flip, tinylib, toy
from vendors import traffic

from watchfloor.adapters import environments
from watchfloor.adapters.processes import Processes
from watchfloor.bootstrap import Options, running_hub
from watchfloor.contracts import AskAPerson, LookupRequest, Purpose, Refused, WebhookRecipe
from watchfloor.hosting import allowed_hosts
from watchfloor.hosting.catalogue import read_manifest
from watchfloor.lookups.offers import admit
from watchfloor.webhooks import Door
from watchfloor_lpr_rest_simulator import LprRestSimulator

POISON = Path(__file__).with_name("poison")
A_SECOND = 200
WINDOW_S = 2.0
WINDOWS = 5
LEAST = 0.7
"""Of its rate before, what the good source must keep meanwhile."""

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Workers:
    """Starts workers as the hub does; those of the poison find its packages."""

    def __init__(self, **options):
        self._poison = Processes([sys.executable, "-I", str(POISON / "worker.py")], **options)
        self._others = Processes(**options)

    async def start(self, connector, *args, **more):
        which = self._poison if connector.startswith("poison") else self._others
        return await which.start(connector, *args, **more)


class Good:
    """A source of plate reads that come at a steady rate."""

    def __init__(self, api, vendor):
        self.api, self.vendor = api, vendor

    async def best_rate(self):
        """Reads a second in the best of a few windows: other tests hold the machine up now and
        then; what a poison does to its neighbours, it does all the time."""
        best, left = 0.0, WINDOWS
        while left and best <= A_SECOND * LEAST:
            best, left = max(best, await self.rate()), left - 1
        return best

    async def rate(self):
        """Reads a second that became durable within a window."""
        before, began = await self._total(), time.monotonic()
        await asyncio.sleep(WINDOW_S)
        rate = (await self._total() - before) / (time.monotonic() - began)
        return min(rate, float(A_SECOND))  # more is what had been held up before

    async def lost_nothing(self):
        """All that the vendor has handed out so far is on file, each once."""
        wanted = set(self.vendor.ledger)
        await until(lambda: self._at_least(len(wanted)), deadline_s=10)
        assert (await self.api.source("good"))["state"] == "running"
        return wanted

    async def _total(self):
        return (await self.api.source("good"))["events_total"]

    async def _at_least(self, count):
        return await self._total() >= count


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    return ToyIndex(tmp_path_factory.mktemp("poison-index"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def api(index, tmp_path_factory):
    """A hub that knows the poison by name, and an index of it."""
    data_dir = tmp_path_factory.mktemp("poison") / "hub"
    data_dir.mkdir()
    (data_dir / "hub.toml").write_text(index.settings())
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(POISON))
        patch.setattr("watchfloor.bootstrap.connectors.Processes", Workers)
        options = Options(data_dir, port=0, hooks_port=0, development=True, person=PERSON)
        async with running_hub(options) as hub, api_of(hub.url, session_of(hub)) as api:
            yield api


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def good(api):
    """The good source at work; in the end nothing of it is lost or doubled."""
    vendor = LprRestSimulator()
    setup = await vendor.start()
    try:
        await connect(api, "good", setup, every_s=0.1)
        good = Good(api, vendor)
        async with traffic(vendor.feed, A_SECOND):
            await until(good._total, deadline_s=20)
            yield good
        wanted = await good.lost_nothing()
        assert ids(await api.events(source="good")) == sorted(wanted)
    finally:
        await vendor.stop()


async def kept_its_rate(good, before):
    assert before > A_SECOND * LEAST, "the good source was slow before anything happened"
    assert await good.best_rate() > before * LEAST
    await good.lost_nothing()


RUNNING = [
    ("crashes", "connector_broken", "RuntimeError"),
    ("forks", "connector_failed", "PermissionError"),
    ("grabs", "connector_failed", "MemoryError"),
    ("hogs", "memory", "128 are allowed"),
    ("talks_over", "garbage", "not the protocol"),
    ("borrows", "credential_not_declared", "poison"),
    ("strays", "host_not_allowed", "collector.example.org:443"),
    ("dials", "connector_failed", "PermissionError"),
    ("pries", "connector_failed", "PermissionError"),
    ("kills", "connector_failed", "PermissionError"),
    ("leaves", "exited", "status 0"),
    pytest.param("loops", "no_heartbeat", "15 s", marks=pytest.mark.slow),
    pytest.param("backtracks", "no_heartbeat", "15 s", marks=pytest.mark.slow),
]


@pytest.mark.parametrize(("how", "code", "words"), RUNNING)
async def test_a_worker_that_does_harm_is_contained_with_its_reason(api, good, how, code, words):
    before = await good.best_rate()
    source = f"p-{how.replace('_', '-')}"
    connector = "poison-import" if how == "crashes" else "poison"
    config = {} if how == "crashes" else {"how": how}
    wanted = {"connector": connector, "name": how, "config": config}
    await api.send("PUT", f"/sources/{source}", wanted)
    try:
        view = await until(lambda: said(api, source, code), deadline_s=40)
        if words == "PermissionError" and "network" not in view["confinement"]:
            pytest.skip("this kernel cannot confine a worker wholly")
        assert words in view["reason"]
        assert view["state"] != "running"
        assert not children(view["pid"])
        await kept_its_rate(good, before)
    finally:
        await api.send("DELETE", f"/sources/{source}")


def children(pid):
    """Processes that a worker has started."""
    try:
        return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:  # it has ended itself
        return []


async def said(api, source, code):
    view = await api.source(source)
    return view if view["code"] == code else None


async def test_what_it_prints_is_no_harm(api, good):
    await api.send("PUT", "/sources/p-prints", {"connector": "poison", "name": "p",
                                                "config": {"how": "prints"}})  # fmt: skip
    try:
        await until(lambda: some(api, "p-prints", 4), deadline_s=20)
        assert (await api.source("p-prints"))["state"] == "running"
    finally:
        await api.send("DELETE", "/sources/p-prints")


async def test_an_undeclared_kind_is_a_dead_letter_and_its_other_events_are_kept(api, good):
    before = await good.best_rate()
    await api.send("PUT", "/sources/p-kind", {"connector": "poison", "name": "p",
                                              "config": {"how": "mislabels"}})  # fmt: skip
    try:
        await until(lambda: some(api, "p-kind", 3), deadline_s=20)
        assert {each["code"] for each in await api.dead("p-kind")} == {"undeclared_type"}
        kept = ids(await api.events(source="p-kind"))
        assert all(each.startswith("read-") for each in kept)
        await kept_its_rate(good, before)
    finally:
        await api.send("DELETE", "/sources/p-kind")


async def some(api, source, count):
    return len(await api.events(source=source)) >= count


def repacked(path, entry, content=b"", *, times=1):
    """The wheel with one entry more, which its publisher signed unseen."""
    with ZipFile(path, "a", ZIP_DEFLATED) as archive:
        for number in range(times):
            name = entry if isinstance(entry, ZipInfo) else f"{entry}{number}"
            archive.writestr(name, content)
    return path


def link(name):
    entry = ZipInfo(name)
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry


def deep(depth):
    schema = {}
    for _ in range(depth):
        schema = {"properties": {"a": schema}}
    return schema


BOMB = {
    "$defs": {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 10} for n in range(9)}
    | {"d9": {}},
    "$ref": "#/$defs/d0",
}
SCHEMAS = {
    "remote-ref": ({"$ref": "https://collector.example.org/s"}, "collector.example.org"),
    "unfolds": (BOMB, "unfolds"),
    "nests": (deep(100), "nested"),
    "itself": ({"$ref": "#"}, "refers to itself"),
    "regex": ({"properties": {"a": {"pattern": r"^(a*)*\1$"}}}, "linear time"),
}


@pytest.mark.parametrize("how", SCHEMAS)
async def test_a_schema_that_is_poison_is_not_installed(index, api, good, how):
    schema, words = SCHEMAS[how]
    await asyncio.to_thread(index.add, f"schema-{how}", "1.0.0", config_schema=schema)
    await refused(api, good, f"schema-{how}", "manifest_broken", words)


async def test_the_schemas_of_lookups_and_actions_are_looked_at_as_well(tmp_path):
    document = json.loads((POISON / "watchfloor_poison/connector.json").read_text())
    path = tmp_path / "connector.json"
    for part, name in (("lookups", "filters"), ("actions", "parameters")):
        for schema, words in SCHEMAS.values():
            changed = json.loads(json.dumps(document))
            changed[part][0][name] = schema
            path.write_text(json.dumps(changed))
            with pytest.raises(ValueError, match=f"{part}.*{name}.*{words}"):
                read_manifest(path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[" * 100_000, "nested"),
        (b" " * 2_000_000, "larger"),
        (b'{"id": "\xff"}', "not JSON"),
    ],
    ids=["deep", "large", "bytes"],
)
async def test_a_manifest_that_is_a_bomb_breaks_itself_alone(tmp_path, content, words):
    path = tmp_path / "connector.json"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=words):
        read_manifest(path)


TRICKS = {
    "link": (link("lib/evil"), b"/etc/passwd", 1),
    "path": ("../../outside", b"", 1),
    "bomb": ("zeros", b"\0" * 8_000_000, 4),
}


@pytest.mark.parametrize("how", TRICKS)
async def test_an_archive_with_tricks_is_not_installed(index, api, good, how, monkeypatch):
    """The bomb against a limit that fits a test: the hub's is 2 GiB."""
    monkeypatch.setattr(environments, "MOST_UNPACKED", 30_000_000)
    entry, content, times = TRICKS[how]
    wheel = repacked(toy(index.work, f"trick-{how}", "1.0.0"), entry, content, times=times)
    await asyncio.to_thread(index.publish, wheel, tinylib(index.work, "1.0.0"))
    await refused(api, good, f"trick-{how}", "bad_archive", "refused")
    assert not list(index.folder.parent.rglob("outside*"))


async def test_a_tampered_wheel_is_not_installed(index, api, good):
    await asyncio.to_thread(index.add, "tampered", "1.0.0")
    flip(index.target("watchfloor_toy_tampered-1.0.0-py3-none-any.whl"), 200)
    await refused(api, good, "tampered", "index_tampered", "")


async def test_a_revoked_version_is_not_installed(index, api, good):
    """Nor is it offered: it is asked for by its version."""
    await asyncio.to_thread(index.add, "revoked", "1.0.0")
    await asyncio.to_thread(index.revoke, "revoked")
    await refused(api, good, "revoked", "revoked", "It read too much.", version="1.0.0")


async def refused(api, good, connector, code, words, **body):
    """Its installation ends with that code, nothing of it is left, and the good goes on."""
    before = await good.best_rate()
    job = await api.send("POST", f"/connectors/{connector}/install", body)
    measured = asyncio.create_task(good.rate())
    while job["state"] == "running":
        await asyncio.sleep(0.05)
        job = await api.get(f"/jobs/{job['id']}")
    assert job["error"]["code"] == code, job["error"]
    assert words in job["error"]["detail"]
    assert connector not in {one["id"] for one in (await api.get("/connectors"))["items"]}
    assert await measured > before * LEAST
    await good.lost_nothing()


CATASTROPHE = "a" * 5_000 + "!"
"""A backtracking engine would not end within anybody's life."""


async def test_catastrophic_patterns_in_schemas_cost_nothing(api, good):
    """In settings through the API; in filters and parameters by what checks them there."""
    before, began = await good.best_rate(), time.monotonic()
    config = {"how": "prints", "catastrophe": CATASTROPHE}
    wanted = {"connector": "poison", "name": "p", "config": config}
    answer = await api.call("PUT", "/sources/p-regex", wanted)
    assert (answer.status, answer.code) == (409, "bad_settings")
    assert "catastrophe" in answer.json["error"]["detail"]

    manifest = read_manifest(POISON / "watchfloor_poison/connector.json")
    purpose = Purpose(code="investigation", requester="analyst-1")
    question = LookupRequest(
        id="q-1", offer="ask", subject_kind="plate", subject="ZZT1234", purpose=purpose,
        filters={"state": CATASTROPHE}, deadline_s=5.0,
    )  # fmt: skip
    with pytest.raises(Refused, match="state does not fit"):
        admit(manifest.lookups[0], question)

    await api.send("PUT", "/sources/p-acts", {**wanted, "config": {"how": "prints"}})
    try:
        done = await api.call("POST", "/deeds", {
            "source": "p-acts", "action": "do", "parameters": {"text": CATASTROPHE},
        })  # fmt: skip
        assert done.code == "bad_parameters"
    finally:
        await api.send("DELETE", "/sources/p-acts")
    assert time.monotonic() - began < WINDOW_S + 5
    await kept_its_rate(good, before)


async def test_templates_that_never_close_cost_nothing():
    """Hosts and webhooks name settings in braces."""
    began = time.monotonic()
    allowed_hosts(["{" * 100_000 + "a"], {"a": "x"})
    assert not allowed_hosts(["https://{" + "a" * 100_000 + "}"], {}).allowed
    recipe = WebhookRecipe(algorithm="hmac-sha256", credential="secret", header="{" * 50_000 + "a}")
    with pytest.raises(AskAPerson):
        Door(recipe, {"secret": "x"}, {})
    assert time.monotonic() - began < 2
