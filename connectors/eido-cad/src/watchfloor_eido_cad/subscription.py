"""Incidents that are pushed (NENA-STA-024.1a) to pages: what is news of each."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import replace

from watchfloor_sdk import Context, Page, Rejected
from watchfloor_sdk.auth import Auth
from watchfloor_sdk.eido import conveyance
from watchfloor_sdk.eido.conveyance import Gone, Notification

from .known import Register
from .settings import Settings


async def listen(ctx: Context[Settings], register: Register) -> AsyncGenerator[Page, None]:
    """Pages of one connection. Ends, and raises, as ``conveyance.listen`` does."""
    url, auth = ctx.settings.base_url, _proof(ctx)
    async with aclosing(conveyance.listen(ctx, url, auth, register.active)) as heard:
        async for one in heard:
            if isinstance(one, Rejected):
                yield register.page(rejected=[one])
            elif isinstance(one, Gone):
                register.forget(one.incident)
                yield register.page()
            else:
                for page in _answered(ctx, one, list(_pages(register, one))):
                    yield page


async def incidents_now(ctx: Context[Settings]) -> list[bytes]:
    """All active incidents."""
    return await conveyance.incidents_now(ctx, ctx.settings.base_url, _proof(ctx))


def _proof(ctx: Context[Settings]) -> Auth:
    return conveyance.proof(ctx, certificate=ctx.settings.client_certificate)


def _pages(register: Register, said: Notification) -> Iterator[Page]:
    if said.incident:
        yield _last(register, said.incident, said)
        return
    for raw in said.eidos:
        if name := conveyance.name_of(raw):
            yield register.changed(name, bytes(raw))
        else:
            bad = Rejected(bytes(raw), "bad_eido", "Not an EIDO: it has no id.")
            yield register.page(rejected=[bad])
    if not said.eidos:
        yield register.page()


def _last(register: Register, incident: str, said: Notification) -> Page:
    """The last state of one that was no longer among the active ones."""
    if incident not in register.known or not said.eidos:
        return register.page()
    return register.vanished(incident, bytes(said.eidos[-1]), sure=True)


def _answered(ctx: Context[Settings], said: Notification, pages: list[Page]) -> list[Page]:
    """The event is answered once its last page is durable, and with it all."""
    assured = None if said.incident else ctx.now()
    return [*pages[:-1], replace(pages[-1], assured_until=assured, on_durable=said.answer)]
