"""What every database is asked for, and the errors that they share."""

from __future__ import annotations

import socket
import ssl
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from watchfloor.contracts import AskAPerson, RetryLater, WatchfloorError
from watchfloor_sdk.context import Context
from watchfloor_sdk.transports.reach import CONNECT_S, sorted_errors

Answer = tuple[Sequence[str], Sequence[Sequence[Any]]]


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
            raise _too_slow(deadline_s) from None
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


def _too_slow(deadline_s: float) -> RetryLater:
    return RetryLater(
        f"The database did not answer within {deadline_s:g} s.",
        code="statement_timeout",
        remedy="If it stays so: have an index made on the key columns.",
    )


def cut_short() -> RetryLater:
    """The database itself ended a statement at its deadline."""
    return RetryLater("The statement took too long.", code="statement_timeout")


def broken() -> RetryLater:
    """The session ended."""
    return RetryLater("The database broke off.", code="half_answer")


def unavailable() -> RetryLater:
    """It has a trouble of its own."""
    return RetryLater("The database is not available now.", code="vendor_unavailable")


def bad_statement() -> AskAPerson:
    """It does not understand the statement."""
    return AskAPerson(
        "The database has no such table or column, or does not understand the statement.",
        code="bad_statement",
        remedy="Compare table and columns in the settings with the database, in upper and lower "
        "case.",
    )


def no_entry() -> AskAPerson:
    """It does not let this user do that."""
    return AskAPerson(
        "The database does not let this user in, or not at that table.",
        code="vendor_refused",
        remedy="Check this source's credential and what the database lets it read.",
    )
