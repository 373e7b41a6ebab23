"""Modern TLS only, and a certificate that is renewed without a restart."""

from __future__ import annotations

import asyncio
import socket
import ssl

import pytest
from aiohttp import ClientSession
from certificates import certificate_in, trusting

from watchfloor.adapters.gate import GateKeeper
from watchfloor.contracts import AskAPerson
from watchfloor.gate import Reply
from watchfloor.tls import CertificateFiles, ServerTls


@pytest.fixture
async def tls(tmp_path):
    return ServerTls(certificate_in(tmp_path))


@pytest.fixture
async def port(tls):
    """Of a server that says good-bye."""

    async def serve(_reader, writer):
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls.context)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def shaken(port, context):
    """(protocol, cipher, the server's certificate as it came)."""
    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
    connection = writer.get_extra_info("ssl_object")
    got = connection.version(), connection.cipher()[0], connection.getpeercert(binary_form=True)
    writer.close()
    return got


def client(files, version=None, ciphers=None):
    context = trusting(files)
    if version:
        context.minimum_version = context.maximum_version = version
    if ciphers:
        context.set_ciphers(ciphers)
    return context


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_both_modern_versions_are_spoken(tls, port, tmp_path, version):
    files = CertificateFiles(tmp_path / "hub.pem", tmp_path / "hub.key")
    said, cipher, _ = await shaken(port, client(files, version))
    assert said in ("TLSv1.2", "TLSv1.3")
    assert "GCM" in cipher


@pytest.mark.parametrize(
    "ciphers", ["ECDHE+AES:!AESGCM:@SECLEVEL=0", "ECDHE+CHACHA20", "AES256-SHA"]
)
async def test_old_and_other_ciphers_are_not_spoken(tls, port, tmp_path, ciphers):
    files = CertificateFiles(tmp_path / "hub.pem", tmp_path / "hub.key")
    with pytest.raises(OSError):
        await shaken(port, client(files, ssl.TLSVersion.TLSv1_2, ciphers))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_old_versions_are_not_spoken(tls, port, tmp_path):
    files = CertificateFiles(tmp_path / "hub.pem", tmp_path / "hub.key")
    with pytest.raises(OSError):
        await shaken(port, client(files, ssl.TLSVersion.TLSv1_1, "ALL:@SECLEVEL=0"))


async def test_a_renewed_certificate_is_taken_without_a_restart(tls, port, tmp_path):
    before = CertificateFiles(tmp_path / "hub.pem", tmp_path / "hub.key")
    _, _, first = await shaken(port, client(before))
    assert not tls.refresh(), "nothing has changed"
    files = certificate_in(tmp_path, "SIM hub, renewed")
    assert tls.refresh()
    _, _, second = await shaken(port, client(files))
    assert first != second


@pytest.mark.parametrize("broken", ["half", "another key", "gone"])
async def test_one_that_cannot_be_used_leaves_the_old_one_in_force(tls, port, tmp_path, broken):
    context = client(CertificateFiles(tmp_path / "hub.pem", tmp_path / "hub.key"))
    _, _, first = await shaken(port, context)
    if broken == "half":
        (tmp_path / "hub.pem").write_bytes((tmp_path / "hub.pem").read_bytes()[:100])
    elif broken == "another key":
        other = certificate_in(tmp_path / "other")
        (tmp_path / "hub.key").write_bytes(other.key.read_bytes())
    else:
        (tmp_path / "hub.key").unlink()
    assert not tls.refresh()
    _, _, second = await shaken(port, context)
    assert first == second


@pytest.mark.parametrize("broken", ["no such file", "no PEM", "with a passphrase"])
def test_one_that_cannot_be_used_is_named_at_the_start(tmp_path, broken):
    files = certificate_in(tmp_path)
    if broken == "no such file":
        files.key.unlink()
    elif broken == "no PEM":
        files.certificate.write_text("certificate")
    else:
        from cryptography.hazmat.primitives import serialization as s

        key = s.load_pem_private_key(files.key.read_bytes(), None)
        sealed = s.BestAvailableEncryption(b"synthetic")
        files.key.write_bytes(key.private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, sealed))
    with pytest.raises(AskAPerson) as refused:
        ServerTls(files)
    assert refused.value.code == "bad_certificate"


async def test_the_gate_speaks_tls_by_itself(tmp_path):
    """Its own process reads the files; what comes is handed to the hub as ever."""
    files = certificate_in(tmp_path)
    got = []

    async def answer(knocks):
        got.extend(knocks)
        return [Reply(knock.number, 202) for knock in knocks]

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        running = asyncio.create_task(GateKeeper(listener, answer, files).run())
        url = f"https://127.0.0.1:{listener.getsockname()[1]}/hooks/plates"
        try:
            async with (
                asyncio.timeout(20),
                ClientSession() as vendor,
                vendor.post(url, data=b"{}", ssl=trusting(files)) as said,
            ):
                assert said.status == 202
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
    assert [(knock.source, knock.body) for knock in got] == [("plates", b"{}")]
