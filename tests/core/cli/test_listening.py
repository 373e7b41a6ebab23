"""A hub as agency IT sets it up beyond loopback: TLS for people, TLS for vendors, and its command
line finds it all the same."""

from __future__ import annotations

import asyncio
import contextlib
import json

from aiohttp import ClientSession
from certificates import certificate_in, trusting
from hub import WATCHFLOOR

from watchfloor.cli.client import Client
from watchfloor.web import COOKIE
from watchfloor.web.csrf import HEADER


@contextlib.asynccontextmanager
async def served(data_dir, *options):
    """``watchfloor serve``; what it prints, and its ``run.json``."""
    process = await asyncio.create_subprocess_exec(
        *WATCHFLOOR, "serve", "--data-dir", str(data_dir), "--port", "0", "--hooks-port", "0",
        *options, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        said = [(await process.stdout.readline()).decode() for _ in range(3)]
        yield said, json.loads((data_dir / "run.json").read_text())
    finally:
        process.terminate()
        await process.wait()


def _address(line):
    return next(word for word in line.split() if word.startswith("http")).partition("/#")[0]


async def test_people_and_vendors_come_by_tls_and_the_command_line_by_loopback(tmp_path):
    data_dir = tmp_path / "hub"
    data_dir.mkdir(mode=0o700)
    files, hooks = certificate_in(tmp_path / "console"), certificate_in(tmp_path / "hooks")
    (data_dir / "hub.toml").write_text(
        f'[listening]\ntls_certificate = "{files.certificate}"\ntls_key = "{files.key}"\n'
        f'hooks_tls_certificate = "{hooks.certificate}"\nhooks_tls_key = "{hooks.key}"\n'
    )
    async with served(data_dir) as (said, own), ClientSession() as client:
        url, hooks_url = _address(said[0]), _address(said[2]).removesuffix("<source>")
        assert url.startswith("https://127.0.0.1:")
        assert hooks_url.startswith("https://127.0.0.1:")
        assert own["url"].startswith("http://127.0.0.1:")
        async with client.get(f"{url}/api/v1/health", ssl=trusting(files)) as answer:
            assert answer.status == 200
            assert "Strict-Transport-Security" in answer.headers
        async with client.post(f"{hooks_url}nobody", data=b"{}", ssl=trusting(hooks)) as answer:
            assert answer.status == 404
        mine = {"Cookie": f"{COOKIE}={own['session']}"}
        async with client.get(f"{own['url']}/api/v1/session", headers=mine) as answer:
            assert answer.status == 200


async def test_over_tls_no_neighbour_plants_a_cookie(tmp_path, monkeypatch):
    """Of a name that begins with ``__Host-`` a browser sees to that (ASVS 5.0.0, 3.3.1)."""
    data_dir = tmp_path / "hub"
    data_dir.mkdir(mode=0o700)
    files = certificate_in(tmp_path)
    (data_dir / "hub.toml").write_text(
        f'[listening]\ntls_certificate = "{files.certificate}"\ntls_key = "{files.key}"\n'
    )
    async with served(data_dir) as (said, own), ClientSession() as client:
        url = _address(said[0])
        for name, status in ((f"__Host-{COOKIE}", 200), (COOKIE, 401)):
            headers = {"Cookie": f"{name}={own['session']}"}
            async with client.get(
                f"{url}/api/v1/session", headers=headers, ssl=trusting(files)
            ) as answer:
                assert answer.status == status
        monkeypatch.setenv("SSL_CERT_FILE", str(files.certificate))
        person = await asyncio.to_thread(Client(url, own["session"], data_dir).get, "/session")
        assert person["state"] == "open", "a command line shows it by that name, too"
        headers = {"Cookie": f"__Host-{COOKIE}={own['session']}", HEADER: "1"}
        async with client.delete(
            f"{url}/api/v1/session", headers=headers, ssl=trusting(files)
        ) as answer:
            [gone] = answer.headers.getall("Set-Cookie")
            assert gone.startswith(f"__Host-{COOKIE}=")
            for said_with_it in ("Max-Age=0", "Secure", "Path=/", "HttpOnly"):
                assert said_with_it in gone
            assert "Domain" not in gone


async def test_behind_a_proxy_people_are_told_apart_and_others_refused(tmp_path):
    data_dir = tmp_path / "hub"
    data_dir.mkdir(mode=0o700)
    (data_dir / "hub.toml").write_text(
        '[listening]\npublic_url = "https://hub.example.org"\ntrusted_proxies = ["127.0.0.1"]\n'
    )
    async with served(data_dir) as (said, own), ClientSession() as client:
        assert _address(said[0]) == "https://hub.example.org"
        passed_on = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
        for host, status in (("hub.example.org", 200), ("evil.example.org", 421)):
            headers = passed_on | {"Host": host}
            async with client.get(f"{own['url']}/api/v1/health", headers=headers) as answer:
                assert answer.status == status


async def refused(data_dir, *options):
    """(exit code, what it said) of a hub that does not start."""
    process = await asyncio.create_subprocess_exec(
        *WATCHFLOOR, "serve", "--data-dir", str(data_dir), "--port", "0", "--hooks-port", "0",
        *options, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, said = await process.communicate()
    return process.returncode, said.decode()


async def test_unguarded_it_does_not_start_for_others(tmp_path):
    code, said = await refused(tmp_path / "hub", "--host", "0.0.0.0")
    assert code == 4
    assert "not_loopback" in said
    assert "single sign-on" in said


async def test_half_a_certificate_is_named(data_dir):
    data_dir.mkdir()
    (data_dir / "hub.toml").write_text('[listening]\ntls_certificate = "hub.pem"\n')
    code, said = await refused(data_dir)
    assert (code, "bad_settings" in said) == (4, True)
