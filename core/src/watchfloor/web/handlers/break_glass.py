"""Break-glass accounts: made by one person, enabled by another, used under everybody's eyes."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from watchfloor.audit import AuditEvent
from watchfloor.contracts import rfc3339
from watchfloor.identity import Permission, Role, local_id
from watchfloor.ports.store import LocalAccount
from watchfloor.web.routes import Access, Answer, Call, Route, path_param

Name = Annotated[str, Meta(pattern="^[a-z][a-z0-9-]{2,31}$")]


class NewAccount(Struct, kw_only=True, forbid_unknown_fields=True):
    """An account for the night on which the identity provider is down."""

    id: Name
    name: Annotated[str, Meta(min_length=3, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]
    role: Literal["analyst", "supervisor", "agency_it"]
    password: Annotated[str, Meta(min_length=1, max_length=256)]


class AccountView(Struct, kw_only=True):
    """An account, without anything of its password."""

    id: str
    name: str
    role: str
    made: str
    made_by: str
    """As histories call them: somebody else enables it."""
    enabled: str | None
    until: str | None
    """When it closes: 72 hours after its first use, unused after 90 days."""
    used: str | None
    """When first: it is never enabled anew."""
    failures: int
    """Since the last success; five lock it."""


class AccountList(Struct):
    """Every account, newest first."""

    items: list[AccountView]
    next: None = None


async def list_accounts(call: Call) -> AccountList:
    """Every account that was not removed."""
    return AccountList([_view(each) for each in call.hub.break_glass.all()])


async def add_account(call: Call) -> AccountView:
    """One that waits for a second person."""
    body: NewAccount = call.body
    return _view(
        await call.hub.break_glass.add(
            body.id, body.name, Role(body.role), body.password, call.person
        )
    )


async def enable_account(call: Call) -> AccountView:
    """The second person's part."""
    return _view(await call.hub.break_glass.enable(call.params["id"], call.person))


async def release_account(call: Call) -> AccountView:
    """Forgive the failures that locked it."""
    return _view(await call.hub.break_glass.release(call.params["id"]))


async def remove_account(call: Call) -> None:
    """Gone, with the sessions that were begun with it."""
    await call.hub.break_glass.remove(call.params["id"])
    gone = local_id(call.params["id"])
    call.hub.sessions.end_where(lambda session: session.person.id == gone)


def _view(account: LocalAccount) -> AccountView:
    return AccountView(
        id=account.id,
        name=account.name,
        role=account.role,
        made=rfc3339(account.made),
        made_by=account.maker,
        enabled=rfc3339(account.enabled) if account.enabled else None,
        until=rfc3339(account.until) if account.until else None,
        used=rfc3339(account.used) if account.used else None,
        failures=account.failures,
    )


ID = path_param("id", "The name to sign in with.")
_ONE = {200: Answer("The account.", AccountView)}
_CHANGED = AuditEvent.ACCOUNT_CHANGED

ROUTES = (
    Route("GET", "/break-glass", "people", "Break-glass accounts", list_accounts,
          access=Access(Permission.SETTINGS_APPROVE, AuditEvent.SETTING_VIEWED),
          answers={200: Answer("Accounts, newest first.", AccountList)}),
    Route("POST", "/break-glass", "people", "Make a break-glass account", add_account,
          access=Access(Permission.PEOPLE_MANAGE, _CHANGED, attended=True), body=NewAccount,
          answers=_ONE),
    Route("POST", "/break-glass/{id}/enable", "people", "Enable one that another made",
          enable_account,
          access=Access(Permission.SETTINGS_APPROVE, _CHANGED, fresh=True), params=(ID,),
          answers=_ONE),
    Route("POST", "/break-glass/{id}/release", "people", "Unlock one", release_account,
          access=Access(Permission.PEOPLE_MANAGE, _CHANGED, attended=True), params=(ID,),
          answers=_ONE),
    Route("DELETE", "/break-glass/{id}", "people", "Remove one", remove_account,
          access=Access(Permission.PEOPLE_MANAGE, _CHANGED), params=(ID,)),
)  # fmt: skip
