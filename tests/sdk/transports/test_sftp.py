"""Files on a server: read once, from the server that is meant, as the user that is meant."""

import asyncssh
import pytest

from watchfloor_sdk import AskAPerson, NotFound, Refused, RetryLater
from watchfloor_sdk.simulation.sftp import SftpServer
from watchfloor_sdk.transports import sftp
from watchfloor_sdk.transports.drop import Drop


@pytest.fixture
async def server(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.csv").write_bytes(b"id\n1\n")
    async with SftpServer(tmp_path) as running:
        running.root = tmp_path
        yield running


@pytest.fixture
def ctx(server, reaching):
    return reaching(server.port, sftp=server.credential)


def connected(ctx, server, **options):
    options = {"host_key": server.host_key, **options}
    return sftp.connected(ctx, "127.0.0.1", server.port, **options)


async def test_new_files_are_read_once_and_links_never(server, ctx):
    (server.root / "out" / "link.csv").symlink_to(server.root / "out" / "a.csv")
    (server.root / "out" / "b.csv.filepart").write_bytes(b"id\n")
    async with connected(ctx, server) as far:
        watched = Drop(far.folder("/out", "*"), None, settle_s=0.01)
        files = [(file.entry.name, file.body) async for file in watched.new_files()]
        assert files == [("a.csv", b"id\n1\n")]
        again = Drop(far.folder("/out", "*"), watched.checkpoint, settle_s=0.01)
        assert [file async for file in again.new_files()] == []


async def test_the_key_may_be_pinned_by_its_fingerprint(server, ctx):
    async with connected(ctx, server, host_key=server.fingerprint) as far:
        assert len(await far.folder("/out").entries()) == 1


async def test_a_server_with_another_key_gets_no_credential(server, ctx):
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
    with pytest.raises(AskAPerson) as caught:
        async with connected(ctx, server, host_key=other):
            pass
    assert caught.value.code == "host_key"
    assert server.logins == 0


@pytest.mark.parametrize(
    ("options", "credential", "code"),
    [
        ({"host_key": "what?"}, None, "bad_host_key"),
        ({}, {"username": "export", "password": "wrong"}, "vendor_refused"),
        ({}, {"username": "export", "private_key": "no key"}, "bad_private_key"),
    ],
)
async def test_what_somebody_must_change_is_said(server, reaching, options, credential, code):
    ctx = reaching(server.port, sftp=credential or server.credential)
    with pytest.raises(AskAPerson) as caught:
        async with connected(ctx, server, **options):
            pass
    assert caught.value.code == code
    assert "wrong" not in caught.value.detail


async def test_a_private_key_is_tried_and_nothing_of_this_machines(server, reaching):
    key = asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode()
    ctx = reaching(server.port, sftp={"username": "export", "private_key": key})
    with pytest.raises(AskAPerson) as caught:
        async with connected(ctx, server):
            pass
    assert caught.value.code == "vendor_refused"
    assert server.logins == 0


async def test_a_host_that_is_not_allowed_is_not_reached(server, reaching):
    with pytest.raises(Refused) as caught:
        async with connected(reaching(1, sftp=server.credential), server):
            pass
    assert caught.value.code == "host_not_allowed"


async def test_a_server_that_is_down_or_goes_down_passes(server, ctx):
    async with connected(ctx, server) as far:
        server.drop_connections()
        with pytest.raises(RetryLater) as caught:
            await far.folder("/out").entries()
        assert caught.value.code in ("half_answer", "vendor_unreachable")
    await server.stop()
    with pytest.raises(RetryLater) as caught:
        async with connected(ctx, server):
            pass
    assert caught.value.code == "vendor_unreachable"


async def test_a_missing_folder_or_file_is_said(server, ctx):
    async with connected(ctx, server) as far:
        with pytest.raises(RetryLater) as caught:
            await far.folder("/no").entries()
        assert caught.value.code == "no_folder"
        with pytest.raises(NotFound):
            await far.folder("/out").read("no.csv", 10)


async def test_no_more_is_fetched_than_asked_for(server, ctx):
    (server.root / "out" / "a.csv").write_bytes(b"x" * 3_000_000)
    async with connected(ctx, server) as far:
        assert len(await far.folder("/out").read("a.csv", 1_000_001)) == 1_000_001
