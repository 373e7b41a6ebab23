"""A session with the agency's mail server (RFC 5321, RFC 6409): encrypted, proved, bounded."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from watchfloor_sdk import AskAPerson, Refused, RetryLater, WatchfloorError
from watchfloor_sdk.auth import part
from watchfloor_sdk.transports.reach import CONNECT_S, Site, refused, site, sorted_errors

from .mapping import domain_of
from .settings import Settings

if TYPE_CHECKING:
    from watchfloor_sdk import Context

DEADLINE_S = 25.0
"""For a whole session: connection, proof, letter."""


@asynccontextmanager
async def session(ctx: Context[Settings]) -> AsyncIterator[SMTP]:
    """Logged in, over TLS with a verified certificate. Raises our errors for whatever happens."""
    where = site(ctx.settings.server, ("smtp", 587), ("smtps", 465))
    client = _client(where, ctx.settings, await ctx.credential("mailbox"))
    async with _sorted(where.host), asyncio.timeout(DEADLINE_S):
        dialled = await ctx.network.dial(where.host, where.port, CONNECT_S)
        try:
            await client.connect(sock=dialled)
            yield client
            await client.quit()
        finally:
            _hang_up(client)


def _hang_up(client: SMTP) -> None:
    """At once: the socket is the transport's by now, and all was said."""
    if isinstance(client.transport, asyncio.WriteTransport):
        client.transport.abort()
    client.close()


def _client(where: Site, settings: Settings, credential: Mapping[str, str]) -> SMTP:
    return SMTP(
        hostname=where.host,
        local_hostname=domain_of(settings.sender),
        timeout=CONNECT_S,
        use_tls=where.secure,
        start_tls=not where.secure,
        tls_context=_tls(settings.authority_file),
        username=part(credential, "username"),
        password=part(credential, "password"),
    )


def _tls(authority_file: str | None) -> ssl.SSLContext:
    """Verifies name and certificate. Raises ``AskAPerson`` for a file that is no authority's."""
    try:
        return ssl.create_default_context(cafile=authority_file)
    except (OSError, ssl.SSLError):
        raise AskAPerson(
            "The authority's certificate cannot be read.",
            code="mail_authority",
            remedy="Correct authority_file in the settings: a PEM file on this machine.",
        ) from None


@asynccontextmanager
async def _sorted(host: str) -> AsyncIterator[None]:
    """What the server said, sorted by what to do next; its words may hold addresses, and stay
    out."""
    async with sorted_errors(host, DEADLINE_S):
        try:
            yield
        except SMTPAuthenticationError as error:
            raise (refused(host) if error.code >= 500 else said(error.code)) from None
        except SMTPResponseException as error:
            raise said(error.code) from None
        except SMTPRecipientsRefused as error:
            raise said(min(one.code for one in error.recipients)) from None
        except (SMTPException, ssl.SSLError) as error:
            raise _of_connection(error) from None


def said(code: int) -> WatchfloorError:
    """A reply code (RFC 5321, section 4.2.1): 4xx passes by, 5xx does not."""
    detail = f"The mail server answered {code}."
    if code < 500:
        return RetryLater(detail, code="mail_deferred")
    return Refused(
        detail,
        code="mail_refused",
        remedy="Check sender and recipients in the settings; the mail server's log says why.",
    )


def _of_connection(error: BaseException) -> BaseException:
    """The system's own error behind the library's, which is all that tells a certificate from a
    line that broke."""
    if isinstance(error, SMTPException) and not isinstance(error, OSError):
        return _not_offered()
    cause = error.__cause__
    return cause if isinstance(cause, OSError) else error


def _not_offered() -> AskAPerson:
    return AskAPerson(
        "The mail server does not offer what is needed: STARTTLS, and a log-in with a password.",
        code="mail_not_supported",
        remedy="Have it switched on there; or use smtps:// where it encrypts from the start.",
    )
