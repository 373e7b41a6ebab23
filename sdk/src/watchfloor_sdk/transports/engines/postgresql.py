"""PostgreSQL 10 and later (pg8000)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pg8000 import native

from watchfloor.contracts import Refused, WatchfloorError
from watchfloor_sdk.transports.reach import tls

from .engine import (
    Answer,
    Engine,
    Session,
    Where,
    bad_statement,
    broken,
    cut_short,
    no_entry,
    unavailable,
)
from .server import Closing, is_far, shut_unless_opened


class Postgresql(Engine):
    """A server whose sessions can be read only."""

    port = 5432

    def open(self, where: Where) -> Session:
        """With a session that is read only and cancels what takes too long."""
        assert where.dialled
        limits = f"-c default_transaction_read_only=on -c statement_timeout={_ms(where.deadline_s)}"
        with shut_unless_opened(where.dialled):
            connection = native.Connection(
                where.fields.get("username", ""),
                host=where.host,
                database=where.path.strip("/"),
                password=where.fields.get("password"),
                ssl_context=tls() if is_far(where.host) else None,
                application_name="watchfloor",
                startup_params={"options": limits},
                sock=where.dialled,
            )
        used = connection._usock  # TLS put another one in the place of ours
        used.settimeout(where.deadline_s + 5)  # the server's own deadline comes first
        return _Session(connection, used)

    def judged(self, error: Exception) -> WatchfloorError | None:
        """By SQLSTATE (PostgreSQL documentation, appendix A)."""
        if isinstance(error, native.InterfaceError):
            return broken()
        if not isinstance(error, native.DatabaseError):
            return None
        said = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
        state = str(said.get("C", ""))
        if state == "57014":
            return cut_short()
        if state == "25006":
            return Refused("The statement does more than read.", code="not_a_select")
        if state.startswith("28") or state in ("42501", "3D000"):
            return no_entry()
        if state.startswith(("42", "22")):
            return bad_statement()
        return unavailable()


class _Session(Closing):
    def run(self, statement: str, values: Mapping[str, Any]) -> Answer:
        rows = self._connection.run(statement, **values)
        return [column["name"] for column in self._connection.columns], rows


def _ms(seconds: float) -> int:
    return max(1, int(seconds * 1000))
