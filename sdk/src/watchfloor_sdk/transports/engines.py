"""The databases behind ``sql``: how each opens read only, bounds, binds and says what is wrong."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import sqlite3
import ssl
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, Protocol
from urllib.parse import quote

from watchfloor.contracts import AskAPerson, Refused, RetryLater, WatchfloorError
from watchfloor_sdk.context import Context

from .reach import CONNECT_S, sorted_errors, tls

Answer = tuple[Sequence[str], Sequence[Sequence[Any]]]

_PLACES = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|\[[^\]]*\]|::|:(\w+)|%")
"""What a ``:name`` is not: quoted text, a cast; and the sign that the other form doubles."""


@dataclass(frozen=True, slots=True)
class Where:
    """What a session is opened with. ``dialled`` is connected, or ``None`` for a file."""

    host: str
    path: str
    fields: Mapping[str, str]
    dialled: socket.socket | None
    deadline_s: float


class Session(Protocol):
    """An open session, used by one thread at a time."""

    def run(self, statement: str, values: Mapping[str, Any]) -> Answer:
        """One statement, within the deadline."""

    def stop(self) -> None:
        """Break off what runs; from any thread."""

    def close(self) -> None:
        """End it."""


class Engine(ABC):
    """One kind of database. ``port`` is 0 for a file."""

    port = 0

    @abstractmethod
    def open(self, where: Where) -> Session:
        """In a thread."""

    @abstractmethod
    def judged(self, error: Exception) -> WatchfloorError | None:
        """Ours for an error of the database's, or ``None`` where it is none."""

    async def dial(self, ctx: Context[Any], host: str, port: int) -> socket.socket:
        """A connected, blocking socket."""
        async with sorted_errors(host, CONNECT_S):
            dialled: socket.socket = await ctx.network.dial(host, port, CONNECT_S)
            dialled.settimeout(CONNECT_S)
            return dialled
        raise AssertionError("unreachable")

    def quoted(self, name: str) -> str:
        """A name that was checked."""
        return f'"{name}"'

    def first(self, limit: int, rest: str) -> str:
        """``SELECT`` for the first rows of what ``rest`` says."""
        return f"SELECT {rest} LIMIT {limit}"

    def bounded(self, statement: str, limit: int) -> str:
        """The first rows of somebody's SELECT."""
        return f"SELECT * FROM ({statement}) AS bounded LIMIT {limit}"  # noqa: S608 - checked

    @contextmanager
    def sorted_errors(self, deadline_s: float) -> Iterator[None]:
        """Ours for what was raised; its text is dropped, for it quotes rows and statements."""
        try:
            yield
        except TimeoutError:
            raise too_slow(deadline_s) from None
        except ssl.SSLCertVerificationError:
            raise AskAPerson("The database's certificate is not trusted.", code="certificate",
                             remedy="Check the address and the certificates that this machine "
                             "trusts.") from None  # fmt: skip
        except OSError:
            raise broken() from None
        except Exception as error:
            ours = self.judged(error)
            if ours is None:
                raise
            raise ours from None


def engine(scheme: str) -> Engine:
    """The database of an address. Raises ``Refused`` (``bad_url``)."""
    if scheme not in _ENGINES:
        known = ", ".join(f"{name}://" for name in _ENGINES)
        raise Refused(f"A database's address begins with one of: {known}.", code="bad_url")
    return _ENGINES[scheme]()


def too_slow(deadline_s: float) -> RetryLater:
    """The statement ran into its deadline."""
    return RetryLater(
        f"The database did not answer within {deadline_s:g} s.",
        code="statement_timeout",
        remedy="If it stays so: have an index made on the key columns.",
    )


def broken() -> RetryLater:
    """The session ended."""
    return RetryLater("The database broke off.", code="half_answer")


def _bad_statement() -> AskAPerson:
    return AskAPerson(
        "The database has no such table or column, or does not understand the statement.",
        code="bad_statement",
        remedy="Compare table and columns in the settings with the database, in upper and lower "
        "case.",
    )


def _refused() -> AskAPerson:
    return AskAPerson(
        "The database does not let this user in, or not at that table.",
        code="vendor_refused",
        remedy="Check this source's credential and what the database lets it read.",
    )


def _named(statement: str) -> str:
    """``:name`` as ``%(name)s`` (PEP 249, pyformat)."""

    def other(found: re.Match[str]) -> str:
        if found[0] == "%":
            return "%%"
        return f"%({found[1]})s" if found[1] else found[0].replace("%", "%%")

    return _PLACES.sub(other, statement)


# --- SQLite -----------------------------------------------------------------------------------

_READING = frozenset(
    {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
)


class Sqlite(Engine):
    """A file; other programs may be writing it."""

    def open(self, where: Where) -> Session:
        """Read only, in three ways: the file, the session, each action of a statement."""
        connection = sqlite3.connect(
            f"file:{quote(where.path)}?mode=ro", uri=True, timeout=5.0, check_same_thread=False
        )
        connection.execute("PRAGMA query_only = ON")
        connection.set_authorizer(
            lambda action, *_: sqlite3.SQLITE_OK if action in _READING else sqlite3.SQLITE_DENY
        )
        return _SqliteSession(connection, where.deadline_s)

    def judged(self, error: Exception) -> WatchfloorError | None:
        """By the result code (sqlite.org/rescode.html)."""
        if not isinstance(error, sqlite3.Error):
            return None
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code == sqlite3.SQLITE_INTERRUPT:
            return RetryLater("The statement took too long.", code="statement_timeout")
        if code == sqlite3.SQLITE_CANTOPEN:
            return RetryLater("The database file is not there.", code="no_replica",
                              remedy="If it stays so: check the path in the settings.")  # fmt: skip
        if code == sqlite3.SQLITE_AUTH:
            return Refused("The statement does more than read.", code="not_a_select")
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return RetryLater("The database is being written.", code="vendor_unavailable")
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR):
            return RetryLater("The database file is half there.", code="half_answer")
        return _bad_statement()


class _SqliteSession:
    def __init__(self, connection: sqlite3.Connection, deadline_s: float) -> None:
        self._connection = connection
        self._deadline_s = deadline_s

    def run(self, statement: str, values: Mapping[str, Any]) -> Answer:
        until = time.monotonic() + self._deadline_s
        self._connection.set_progress_handler(lambda: time.monotonic() > until, 10_000)
        cursor = self._connection.execute(statement, dict(values))
        return [one[0] for one in cursor.description], cursor.fetchall()

    def stop(self) -> None:
        self._connection.interrupt()

    def close(self) -> None:
        self._connection.close()


# --- Servers ------------------------------------------------------------------------------------


class _Closed:
    """What both servers' sessions share: a socket that can be shut from any thread."""

    def __init__(self, connection: Any, dialled: socket.socket) -> None:
        self._connection = connection
        self._dialled = dialled

    def stop(self) -> None:
        with contextlib.suppress(OSError):
            self._dialled.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        # The connection's own close says goodbye on a socket that is shut.
        with contextlib.suppress(Exception):
            self._connection.close()
        _shut(self._dialled)


def _shut(dialled: socket.socket) -> None:
    """Close it, even where the driver forgot a file object on it."""
    if (handle := dialled.detach()) >= 0:
        os.close(handle)


class Postgresql(Engine):
    """PostgreSQL 10 and later (pg8000)."""

    port = 5432

    def open(self, where: Where) -> Session:
        """With a session that is read only and cancels what takes too long."""
        from pg8000 import native  # imported where used

        assert where.dialled
        limits = f"-c default_transaction_read_only=on -c statement_timeout={_ms(where.deadline_s)}"
        try:
            connection = native.Connection(
                where.fields.get("username", ""),
                host=where.host,
                database=where.path.strip("/"),
                password=where.fields.get("password"),
                ssl_context=tls() if _is_far(where.host) else None,
                application_name="watchfloor",
                startup_params={"options": limits},
                sock=where.dialled,
            )
        except BaseException:
            _shut(where.dialled)
            raise
        used = connection._usock  # TLS put another one in the place of ours
        used.settimeout(where.deadline_s + 5)  # the server's own deadline comes first
        return _PostgresqlSession(connection, used)

    def judged(self, error: Exception) -> WatchfloorError | None:
        """By SQLSTATE (PostgreSQL documentation, appendix A)."""
        from pg8000 import native

        if isinstance(error, native.InterfaceError):
            return broken()
        if not isinstance(error, native.DatabaseError):
            return None
        said = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
        state = str(said.get("C", ""))
        if state == "57014":
            return RetryLater("The statement took too long.", code="statement_timeout")
        if state == "25006":
            return Refused("The statement does more than read.", code="not_a_select")
        if state.startswith("28") or state in ("42501", "3D000"):
            return _refused()
        if state.startswith(("42", "22")):
            return _bad_statement()
        return RetryLater("The database is not available now.", code="vendor_unavailable")


class _PostgresqlSession(_Closed):
    def run(self, statement: str, values: Mapping[str, Any]) -> Answer:
        rows = self._connection.run(statement, **values)
        return [column["name"] for column in self._connection.columns], rows


class SqlServer(Engine):
    """SQL Server 2012 and later (python-tds). It knows no read-only session: the user must be."""

    port = 1433

    def open(self, where: Where) -> Session:
        """With the intent to read, which leads to a replica where there is one."""
        import pytds

        assert where.dialled
        dialled = _Tunnel(fileno=where.dialled.detach())
        try:
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
                cafile=ssl.get_default_verify_paths().cafile if _is_far(where.host) else None,
                sock=dialled,
                disable_connect_retry=True,
            )
        except BaseException:
            _shut(dialled)
            raise
        return _SqlServerSession(connection, dialled)

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
        import pytds

        if isinstance(error, pytds.LoginError):
            return _refused()
        if isinstance(error, pytds.tds_base.ClosedConnectionError):
            return broken()
        if not isinstance(error, pytds.Error):
            return None
        number = getattr(error, "msg_no", 0)
        if number in (229, 230, 916, 4060):
            return _refused()
        if number in (102, 156, 207, 208, 241, 245):
            return _bad_statement()
        return RetryLater("The database is not available now.", code="vendor_unavailable")


class _Tunnel(socket.socket):
    """What ``dial`` gave may be no TCP socket, and the driver sets TCP's options without asking."""

    def setsockopt(self, *option: Any) -> None:
        with contextlib.suppress(OSError):
            super().setsockopt(*option)


class _SqlServerSession(_Closed):
    def run(self, statement: str, values: Mapping[str, Any]) -> Answer:
        with self._connection.cursor() as cursor:
            cursor.execute(_named(statement) if values else statement, dict(values) or None)
            return [one[0] for one in cursor.description], cursor.fetchall()


def _ms(seconds: float) -> int:
    return max(1, int(seconds * 1000))


def _is_far(host: str) -> bool:
    """Whether others could listen on the way: then TLS, verified, without exception."""
    try:
        return not ip_address(host).is_loopback
    except ValueError:
        return host != "localhost"


_ENGINES: Mapping[str, type[Engine]] = {
    "sqlite": Sqlite,
    "postgresql": Postgresql,
    "mssql": SqlServer,
}
