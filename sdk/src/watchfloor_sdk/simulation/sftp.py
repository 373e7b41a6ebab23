"""An SFTP server on loopback for tests. Needs the extra ``[sftp]``."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType

import asyncssh

USERNAME = "export"
PASSWORD = "not-a-secret"  # noqa: S105 - of a server that lives as long as a test


class SftpServer:
    """Serves ``folder`` as ``/`` to one user, by password.

    ``host_key`` is its public key, ``fingerprint`` that key's; ``drop_connections`` is a server
    that goes down.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = asyncssh.generate_private_key("ssh-ed25519")
        self._stack = AsyncExitStack()
        self._open: set[asyncssh.SSHServerConnection] = set()
        self.port = 0
        self.logins = 0

    @property
    def host_key(self) -> str:
        """As it stands in a ``known_hosts`` file."""
        return self._key.export_public_key().decode()

    @property
    def fingerprint(self) -> str:
        """``SHA256:...``."""
        return str(self._key.get_fingerprint())

    @property
    def credential(self) -> dict[str, str]:
        """What lets its user in."""
        return {"username": USERNAME, "password": PASSWORD}

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> int:
        """Listen; answers the port."""
        acceptor = await asyncssh.listen(
            host,
            port,
            server_host_keys=[self._key],
            server_factory=lambda: _Server(self),
            sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=bytes(self._folder)),
            allow_scp=False,
        )
        self._stack.push_async_callback(acceptor.wait_closed)
        self._stack.callback(acceptor.close)
        self.port = acceptor.get_port()
        return self.port

    async def stop(self) -> None:
        """Close all."""
        self.drop_connections()
        await self._stack.aclose()

    def drop_connections(self) -> None:
        """Hang up on everybody, without a word."""
        for connection in list(self._open):
            connection.abort()

    async def __aenter__(self) -> SftpServer:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()


class _Server(asyncssh.SSHServer):
    """One connection."""

    def __init__(self, server: SftpServer) -> None:
        self._server = server

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._conn = conn
        self._server._open.add(conn)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._server._open.discard(self._conn)

    def begin_auth(self, username: str) -> bool:
        del username
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        self._server.logins += 1
        return (username, password) == (USERNAME, PASSWORD)
