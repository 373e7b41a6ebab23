"""Files on a vendor's or an agency's server over SFTP (draft-ietf-secsh-filexfer-02).

    async with sftp.connected(ctx, host, host_key=ctx.settings.host_key) as server:
        drop = Drop(server.folder("/exports", "*.csv"), checkpoint)

The server is known by its key, which agency IT got from whoever runs it; a key that nobody named
is never trusted. The credential has ``username`` and ``password``, or ``private_key`` (OpenSSH or
PEM) with its ``passphrase`` if there is one. Needs the extra ``[sftp]``.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

import asyncssh

from watchfloor.contracts import AskAPerson, NotFound, RetryLater
from watchfloor_sdk.context import Context
from watchfloor_sdk.sockets import handed_on

from .drop import Entry, wanted
from .reach import CONNECT_S, refused, sorted_errors

__all__ = ["RemoteFolder", "Server", "connected"]

DEADLINE_S = 120.0
"""For listing a folder, and for fetching one file."""


class Server:
    """A server that is logged in to."""

    def __init__(self, client: asyncssh.SFTPClient, host: str) -> None:
        self._client = client
        self._host = host

    def folder(self, path: str, pattern: str = "*") -> RemoteFolder:
        """A folder of it; ``pattern`` is a shell pattern for names."""
        return RemoteFolder(self._client, self._host, path, pattern)


class RemoteFolder:
    """A folder on the server, as ``drop.Folder``."""

    def __init__(
        self, client: asyncssh.SFTPClient, host: str, path: str, pattern: str = "*"
    ) -> None:
        self._client = client
        self._host = host
        self._path = path
        self._pattern = pattern

    async def entries(self) -> Sequence[Entry]:
        """The files. Raises ``RetryLater`` (``no_folder``), ``AskAPerson``."""
        async with self._sorted_errors():
            found = [one async for one in self._client.scandir(self._path)]
        return wanted((_entry(one) for one in found if _is_file(one)), self._pattern)

    async def read(self, name: str, limit: int) -> bytes:
        """Its first bytes."""
        path = f"{self._path}/{name}"
        try:
            async with self._sorted_errors(), self._client.open(path, "rb") as file:
                return cast(bytes, await file.read(limit))
        except RetryLater as error:
            if error.code == "no_folder":
                raise NotFound("The file is gone.", code="no_file") from None
            raise
        raise AssertionError("unreachable")

    @asynccontextmanager
    async def _sorted_errors(self) -> AsyncIterator[None]:
        async with sorted_errors(self._host, DEADLINE_S, asyncssh.Error):
            try:
                async with asyncio.timeout(DEADLINE_S):
                    yield
            except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
                raise _no_folder(self._host) from None
            except asyncssh.SFTPPermissionDenied:
                raise _forbidden(self._host) from None


@asynccontextmanager
async def connected(
    ctx: Context[Any],
    host: str,
    port: int = 22,
    *,
    host_key: str,
    credential: str = "sftp",
) -> AsyncIterator[Server]:
    """A session on the server, for the length of the block.

    ``host_key`` is its public key (``ssh-ed25519 AAAA...``) or the key's fingerprint
    (``SHA256:...``, as ``ssh-keygen -l`` prints it). Raises ``AskAPerson``: ``host_key`` when the
    server has another key, ``bad_host_key``, ``bad_private_key``, ``vendor_refused``; and
    ``RetryLater``.
    """
    pinned, options = _fingerprint(host_key), _login(await ctx.credential(credential))
    connection: asyncssh.SSHClientConnection | None = None
    try:
        async with sorted_errors(host, CONNECT_S, asyncssh.Error):
            try:
                async with asyncio.timeout(CONNECT_S):
                    connection = await _connect(ctx, host, port, pinned, options)
                    client = await connection.start_sftp_client()
            except asyncssh.PermissionDenied:
                raise refused(host) from None
            except asyncssh.HostKeyNotVerifiable:
                raise _other_key(host) from None
        yield Server(client, host)
    finally:
        if connection is not None:
            connection.abort()
            await connection.wait_closed()


async def _connect(
    ctx: Context[Any], host: str, port: int, pinned: str, options: dict[str, Any]
) -> asyncssh.SSHClientConnection:
    with handed_on(await ctx.network.dial(host, port, CONNECT_S)) as dialled:
        return await asyncssh.connect(
            host,
            port,
            sock=dialled,
            client_factory=lambda: _Client(pinned),
            known_hosts=([], [], []),  # nobody is known: ``_Client`` is asked
            config=None,
            agent_path=None,
            login_timeout=CONNECT_S,
            keepalive_interval=20,
            **options,
        )


class _Client(asyncssh.SSHClient):
    """Trusts the one key."""

    def __init__(self, pinned: str) -> None:
        self._pinned = pinned

    def validate_host_public_key(
        self, host: str, addr: str, port: int, key: asyncssh.SSHKey
    ) -> bool:
        """Whether it is that key."""
        del host, addr, port
        return key.get_fingerprint() == self._pinned


def _fingerprint(host_key: str) -> str:
    text = host_key.strip()
    if text.startswith("SHA256:"):
        return text.rstrip("=")
    try:
        return asyncssh.import_public_key(text).get_fingerprint()
    except asyncssh.KeyImportError:
        raise AskAPerson(
            "The server's key in the settings is neither a public key nor a SHA256 fingerprint.",
            code="bad_host_key",
            remedy="Ask whoever runs the server for what `ssh-keygen -l` prints there.",
        ) from None


def _login(fields: Mapping[str, str]) -> dict[str, Any]:
    """The one way in that the credential has: no key of this machine's is ever tried."""
    options: dict[str, Any] = {"username": fields.get("username", "")}
    if "private_key" not in fields:
        return {**options, "password": fields.get("password", ""), "client_keys": None}
    try:
        key = asyncssh.import_private_key(fields["private_key"], fields.get("passphrase"))
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError):
        raise AskAPerson(
            "The credential's private key cannot be read.",
            code="bad_private_key",
            remedy="Set it again, in OpenSSH or PEM form, with its passphrase.",
        ) from None
    return {**options, "client_keys": [key], "preferred_auth": "publickey"}


def _is_file(found: asyncssh.SFTPName) -> bool:
    """Not a folder, and not a link, which could lead anywhere."""
    kinds = (asyncssh.FILEXFER_TYPE_REGULAR, asyncssh.FILEXFER_TYPE_UNKNOWN)
    return found.attrs.type in kinds and "/" not in str(found.filename)


def _entry(found: asyncssh.SFTPName) -> Entry:
    attrs = found.attrs
    mtime_ns = int(attrs.mtime or 0) * 1_000_000_000 + int(attrs.mtime_ns or 0)
    return Entry(str(found.filename), int(attrs.size or 0), mtime_ns)


def _no_folder(host: str) -> RetryLater:
    return RetryLater(
        f"The folder in the settings is not on {host}.",
        code="no_folder",
        remedy="If it stays so: check the path in the settings.",
    )


def _forbidden(host: str) -> AskAPerson:
    return AskAPerson(
        f"{host} does not let this user read there.",
        code="folder_forbidden",
        remedy="Have whoever runs the server give this user the right to read the folder.",
    )


def _other_key(host: str) -> AskAPerson:
    return AskAPerson(
        f"{host} has another key than the one in the settings.",
        code="host_key",
        remedy="Ask whoever runs it whether its key was changed; until then nothing is sent to it.",
    )
