"""What is sent as it is: a key in a header, or user and password (RFC 7617)."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any

from .base import Leased, Outgoing, part

if TYPE_CHECKING:
    from watchfloor_sdk.context import Context


class ApiKey(Leased):
    """The field ``api_key`` (or ``token``, or ``key``) in a header.

    ``prefix`` stands before it: ``"Bearer "``, ``"ApiToken "``.
    """

    def __init__(
        self, ctx: Context[Any], credential: str, *, header: str = "x-api-key", prefix: str = ""
    ) -> None:
        super().__init__(ctx, credential)
        self._header = header.lower()
        self._prefix = prefix

    async def apply(self, call: Outgoing) -> None:
        """Set the header."""
        call.headers[self._header] = self._prefix + part(
            await self.lease(call), "api_key", "token", "key"
        )


class Basic(Leased):
    """``username`` and ``password``. Where the vendor wants an application's id behind the user
    (``user;id``), the credential has it as ``application_id``; where a token stands for the user,
    the credential has ``token`` and no ``username``, and the password may be absent.
    """

    async def apply(self, call: Outgoing) -> None:
        """Set ``Authorization``."""
        lease = await self.lease(call)
        user = part(lease, "username", "token")
        if lease.get("application_id"):
            user += f";{lease['application_id']}"
        password = lease.get("password", "") if "username" not in lease else part(lease, "password")
        call.headers["authorization"] = basic(user, password)


def basic(user: str, password: str) -> str:
    """The header's value (RFC 7617, section 2), in UTF-8."""
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()
