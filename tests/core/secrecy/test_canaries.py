"""Canary secrets of each kind, and a vendor that echoes them in every place that an answer has.

None is found in a log, an error, an answer of the API, the support bundle, a file of the data
folder but the sealed keyring, a core file, or the surroundings of a process.
"""

from __future__ import annotations

import asyncio
import base64
import io
import json
import os
import re
import shutil
import signal
import sqlite3
import zipfile
import zlib
from collections import Counter
from pathlib import Path
from urllib.parse import quote

import hub as hubs
import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer
from hub import hub_process, until
from scaffolded import environment

from watchfloor.contracts import CREDENTIAL_KINDS

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]

HERE = Path(__file__).parent
MARK = "cAnArY7Qx"
"""In every secret, and nowhere else."""
KINDS = [kind for kind in CREDENTIAL_KINDS if kind != "jwk_set"]
"""A vendor's public keys are no secret."""
HOWS = ("talks", "raises", "dies")


def secret(kind: str, part: str) -> str:
    """A canary: a key of several lines, or a word with what has to be escaped in JSON and URLs."""
    if part == "private_key":
        body = [f"{MARK}{line}" + "k/+" * 17 for line in range(6)]
        frame = "RSA PRIVATE KEY-----"
        return "\n".join([f"-----BEGIN {frame}", *body, f"-----END {frame}"])
    return f'{MARK}-{kind}-{part}-/+"\\z'


def value(kind: str) -> dict[str, str]:
    """A credential of a kind: every part filled, a canary in each that is a secret."""
    return {
        part.name: secret(kind, part.name) if part.secret else f"sim-{part.name}"
        for part in CREDENTIAL_KINDS[kind].parts
    }


def traces(content: bytes) -> list[bytes]:
    """Where a canary shows, also within base64 (at any alignment) and hexadecimal digits."""
    found = [content[max(0, at.start() - 80) : at.end() + 40]
             for at in re.finditer(MARK.encode(), content)]  # fmt: skip
    for run in re.findall(rb"[A-Za-z0-9+/_-]{12,}", content):
        plain = run.translate(bytes.maketrans(b"-_", b"+/"))
        for shift in range(4):
            cut = plain[shift:]
            if MARK.encode() in base64.b64decode(cut[: len(cut) // 4 * 4]):
                found.append(b"base64: " + run[:80])
                break
    found += [b"hex: " + MARK.encode()] if MARK.encode().hex().encode() in content.lower() else []
    return found


class Vendor:
    """Says all it knows of a credential, in each manner."""

    def __init__(self) -> None:
        self.heard: Counter[str] = Counter()

    def application(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/{manner}", self.answer)
        return app

    async def answer(self, request: web.Request) -> web.StreamResponse:
        manner, name = request.match_info["manner"], request.query.get("name", "token")
        self.heard[manner] += 1
        said = value(name.replace("-", "_"))
        line = " ".join(said.values()).replace("\n", " ")
        sent = [part for part in said.values() if "\n" not in part]  # a private key stays here
        basic = base64.b64encode(":".join(sent).encode()).decode()
        pages = {
            "page": web.json_response({"error": said, "authorization": f"Basic {basic}"}),
            "odd": web.Response(body=b"\xff\xfe" + json.dumps(sent).encode()),
            "html": web.Response(text=f"<h1>Wrong: {line}</h1>", content_type="text/html"),
            "error": web.json_response(said, status=500, headers={"x-wrong": line}),
            "reason": web.Response(status=400, reason=line[:400]),
            "refuse": web.Response(
                status=401, text=line, headers={"www-authenticate": f'Bearer error="{basic}"'}
            ),
            "redirect": _moved(f"{request.url.origin()}/gone?{quote(line)}"),
            "elsewhere": _moved(f"https://other.example.invalid/{MARK}?{quote(line)}"),
            "gone": web.Response(status=404, text=line),
        }
        return pages.get(manner) or await self._broken(request, line)

    async def _broken(self, request: web.Request, line: str) -> web.StreamResponse:
        response = web.StreamResponse(headers={"content-length": "100000"})
        await response.prepare(request)
        await response.write(line.encode())
        assert request.transport is not None
        request.transport.close()
        return response


def _moved(to: str) -> web.Response:
    return web.Response(status=302, headers={"location": to})


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def vendor():
    one = Vendor()
    async with TestServer(one.application()) as server:
        one.url = str(server.make_url("")).rstrip("/")
        yield one


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory, vendor):
    """A hub in a process of its own, with a source for each way to go wrong; all has been said."""
    folder = tmp_path_factory.mktemp("canaries")
    shutil.copytree(HERE / "canary", folder / "canary")
    outside = await asyncio.to_thread(environment, folder, ["canary"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hubs, "WATCHFLOOR", (str(outside.python), "-m", "watchfloor"))
        async with hub_process(folder / "data") as hub, hub.api() as api:
            await _configure(api, vendor)
            await _provoke(api)
            yield hub, api


async def _configure(api, vendor):
    config = {"base_url": vendor.url}
    for how in HOWS:
        wanted = {"connector": "canary", "name": how, "config": {**config, "how": how}}
        await api.send("PUT", f"/sources/{how}", {**wanted, "enabled": False})
        for kind in KINDS:
            name = kind.replace("_", "-")
            await api.send("PUT", f"/sources/{how}/credentials/{name}", {"value": value(kind)})
        await api.send("PUT", f"/sources/{how}", {**wanted, "enabled": True})
    login = {"username": "sim-hub", "password": secret("hub", "proxy")}
    await api.send("PUT", "/hub/credentials/proxy", {"value": login})


async def _provoke(api):
    """Every way by which something of a vendor comes in."""

    async def all_came():
        source = await api.source("talks")
        return source["events_total"] >= 20 and source["dead_total"] >= 20

    await until(all_came, 40.0)
    await until(lambda: _troubled(api, "raises"), 30.0)
    await until(lambda: _troubled(api, "dies"), 30.0)
    token = {"x-token": secret("hmac_secret", "secret")}
    for number in range(2):
        body = json.dumps({"number": number, "said": [value(kind) for kind in KINDS]}).encode()
        assert (await api.knock("talks", body, token)).status == 202
    assert (await api.knock("talks", b"{}", {"x-token": f"{MARK}-wrong"})).status == 403


async def _troubled(api, id):
    return (await api.source(id))["state"] in ("backing_off", "crash_loop", "degraded")


async def answers(api, hub) -> dict[str, bytes]:
    """What the API says to everything that it can be asked."""
    said: dict[str, bytes] = {}

    async def get(path, **query):
        answer = await api.call("GET", path, **query)
        said[path] = answer.body + str(dict(answer.headers)).encode()
        return answer

    paths = json.loads((await get("/openapi.json")).body)["paths"]
    plain = [path for path, verbs in paths.items() if "get" in verbs and "{" not in path]
    for path in plain:
        if not path.endswith(("/stream", "/search")):
            await get(path.removeprefix("/api/v1"))
    for how in HOWS:
        for path in ("", "/logs", "/credentials", "/impact"):
            await get(f"/sources/{how}{path}")
        check = await api.call("POST", f"/sources/{how}/check")
        said[f"check {how}"] = check.body
    for event in await api.events():
        await get(f"/events/{event['seq']}")
        await get(f"/events/{event['seq']}/raw")
    for letter in (await api.dead())[:80]:
        await get(f"/dead-letters/{letter['id']}")
    await get("/search", q="ZZT1234")
    question = {"source": "talks", "offer": "person", "subject": "Example, Sam",
                "subject_kind": "person", "purpose": {"code": "test"}}  # fmt: skip
    said["look-up"] = (await api.call("POST", "/lookups", question)).body
    deed = {"source": "talks", "action": "tell", "parameters": {}, "idempotency_key": "k-1"}
    said["deed"] = (await api.call("POST", "/deeds", deed)).body
    for name, value_ in {"basic": {"password": secret("x", "y")}, "none": {"a": MARK}}.items():
        wrong = await api.call("PUT", f"/sources/talks/credentials/{name}", {"value": value_})
        assert wrong.status >= 400
        said[f"wrong {name}"] = wrong.body
    return said


def unpacked(name: str, content: bytes) -> dict[str, bytes]:
    """A file, and what is in it where it is an archive or a database."""
    found = {name: content}
    if content[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            found |= {f"{name}/{each}": archive.read(each) for each in archive.namelist()}
    return found


def rows(path: Path) -> dict[str, bytes]:
    """Every row of a database as a dump has it; what is packed, unpacked as well."""
    found: dict[str, bytes] = {}
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        tables = connection.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'"
        ).fetchall()
        for (table,) in tables:
            for row in connection.execute(f"SELECT * FROM {table}"):
                packed = [_inflated(each) for each in row if isinstance(each, bytes)]
                plain = [each if isinstance(each, bytes) else str(each).encode() for each in row]
                found[table] = found.get(table, b"") + b"\n".join([*plain, *packed])
    return found


def _inflated(content: bytes) -> bytes:
    for bits in (15, -15, 31):
        try:
            return zlib.decompress(content, bits)
        except zlib.error:
            continue
    return b""


def tree(root: int) -> list[int]:
    """A process and what it started."""
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            stat = (folder / "stat").read_text()
        except OSError:
            continue
        parents[int(folder.name)] = int(stat.rpartition(")")[2].split()[1])
    family = [root]
    for pid in family:
        family += [child for child, parent in parents.items() if parent == pid]
    return family


async def test_the_vendor_has_echoed_and_the_hub_has_heard(running, vendor):
    """Else the tests below could not fail."""
    _, api = running
    assert min(vendor.heard[m] for m in ("page", "odd", "html", "broken", "error", "reason",
                                         "refuse", "redirect", "elsewhere")) >= 3  # fmt: skip
    events = json.dumps(await api.events())
    assert "[credential]" in events
    letters = json.dumps(await api.dead())
    assert "odd_record" in letters
    logs = (await api.call("GET", "/sources/talks/logs")).body
    assert b"Signing in with" in logs


async def test_no_answer_of_the_api_has_one_and_nor_has_the_support_bundle(running):
    hub, api = running
    said = await answers(api, hub)
    assert b"[credential]" in said["/sources/talks/logs"]
    assert any(path.startswith("/dead-letters/") for path in said)
    bundle = unpacked("bundle", said["/support-bundle"])
    assert len(bundle) > 3
    leaks = {name: traces(each) for name, each in {**said, **bundle}.items() if traces(each)}
    assert leaks == {}


async def test_no_file_but_the_sealed_one_has_one_and_no_dump_of_the_database(running):
    hub, api = running
    await answers(api, hub)
    folder = hub.data_dir
    files = [file for file in folder.rglob("*") if file.is_file()]
    kept = {str(file.relative_to(folder)): file.read_bytes() for file in files}
    assert any(name.startswith("secrets/") for name in kept)
    leaks = {name: traces(each) for name, each in kept.items() if traces(each)}
    assert leaks == {}
    dump = rows(folder / "hub.sqlite")
    assert b"[credential]" in b"".join(dump.values())
    assert {name: traces(each) for name, each in dump.items() if traces(each)} == {}


async def test_no_log_of_the_hubs_has_one(running):
    hub, _ = running
    log = (hub.data_dir.parent / "hub.log").read_bytes()
    assert b"[credential]" in log
    assert traces(log) == []


async def test_no_process_has_one_in_its_surroundings(running):
    hub, _ = running
    family = tree(hub.pid)
    seen = 0
    for pid in family:
        for name in ("cmdline", "environ"):
            try:
                content = Path(f"/proc/{pid}/{name}").read_bytes()
            except OSError:  # it has ended meanwhile
                continue
            seen += 1
            assert traces(content) == [], (pid, name)
    assert seen >= 2 * len(HOWS)


async def test_a_worker_that_is_aborted_leaves_no_core(running):
    hub, api = running
    pid = (await api.source("talks"))["pid"]
    limits = Path(f"/proc/{pid}/limits").read_text()
    assert re.search(r"Max core file size +1 +1 ", limits), "1 is refused to piped cores as well"
    places = [hub.data_dir, Path(f"/proc/{pid}/cwd").readlink(), Path.cwd()]
    before = {file for place in places for file in place.rglob("core*")}
    os.kill(pid, signal.SIGABRT)

    async def ended():
        logs = json.loads((await api.call("GET", "/sources/talks/logs")).body)
        return "signal 6" in json.dumps(logs)

    await until(ended, 20.0)
    assert {file for place in places for file in place.rglob("core*")} == before
