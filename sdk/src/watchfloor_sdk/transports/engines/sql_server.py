"""SQL Server 2012 and later (python-tds)."""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
from collections.abc import Mapping
from typing import Any

import pytds

from watchfloor.contracts import WatchfloorError
from watchfloor_sdk.transports.reach import CONNECT_S

from .engine import Answer, Engine, Session, Where, bad_statement, broken, no_entry, unavailable
from .server import Closing, is_far, shut_unless_opened

_PLACES = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|\[[^\]]*\]|::|:(\w+)|%")
"""What a ``:name`` is not: quoted text, a cast; and the sign that the other form doubles."""


class SqlServer(Engine):
    """A server that knows no read-only session: the user must be."""

    port = 1433

    def open(self, where: Where) -> Session:
        """With the intent to read, which leads to a replica where there is one."""
        assert where.dialled
        dialled = _Tunnel(fileno=where.dialled.detach())
        with shut_unless_opened(dialled):
            connection = pytds.connect(
                where.host,
                database=where.path.strip("/"),
                user=where.fields.get("username", ""),
                password=where.fields.get("password", ""),
                timeout=where.deadline_s,
                login_timeout=CONNECT_S,
                appname="watchfloor",
                port=self.port,
                readonly=True,
                autocommit=True,
                cafile=ssl.get_default_verify_paths().cafile if is_far(where.host) else None,
                sock=dialled,
                disable_connect_retry=True,
            )
        return _Session(connection, dialled)

    def quoted(self, name: str) -> str:
        """In brackets."""
        return f"[{name}]"

    def first(self, limit: int, rest: str) -> str:
        """With TOP."""
        return f"SELECT TOP ({limit}) {rest}"

    def bounded(self, statement: str, limit: int) -> str:
        """ROWCOUNT: an ORDER BY may not stand in a sub-select there."""
        return f"SET ROWCOUNT {limit}; {statement}"

    def judged(self, error: Exception) -> WatchfloorError | None:
        """By the error's number (Database engine events and errors)."""
        if isinstance(error, pytds.LoginError):
            return no_entry()
        if isinstance(error, pytds.tds_base.ClosedConnectionError):
            return broken()
        if not isinstance(error, pytds.Error):
            return None
        number = getattr(error, "msg_no", 0)
        if number in (229, 230, 916, 4060):
            return no_entry()
        if number in (102, 156, 207, 208, 241, 245):
            return bad_statement()
        return unavailable()


class _Tunnel(socket.socket):
    """What ``dial`` gave may be no TCP socket, and the driver sets TCP's options without asking."""

    def setsockopt(self, *option: Any) -> None:
        with contextlib.suppress(OSError):
            super().setsockopt(*option)


class _Session(Closing):
    def run(self, statement: str, values: Mapping[str, Any]) -> Answer:
        with self._connection.cursor() as cursor:
            cursor.execute(_named(statement) if values else statement, dict(values) or None)
            return [one[0] for one in cursor.description], cursor.fetchall()


def _named(statement: str) -> str:
    """``:name`` as ``%(name)s`` (PEP 249, pyformat)."""

    def other(found: re.Match[str]) -> str:
        if found[0] == "%":
            return "%%"
        return f"%({found[1]})s" if found[1] else found[0].replace("%", "%%")

    return _PLACES.sub(other, statement)
