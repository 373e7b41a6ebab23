"""Credentials over time, and what questions cost: use, ends, rotation, budgets, charges."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from watchfloor.access import About
from watchfloor.audit import AuditEvent
from watchfloor.credentials import Due, LeaseView, RotationView
from watchfloor.identity import Permission
from watchfloor.lookups import BudgetView, ChargeView
from watchfloor.web.moments import Instant, micros_of
from watchfloor.web.routes import LIMIT, Access, Answer, Call, Param, Route, path_param

from .sources import ID, Credential

NAME = path_param("name", "The credential's declared name.")
OWNER = path_param(
    "source", "The source's id.", {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,63}$"}
)
_Cents = Annotated[int, Meta(ge=0, le=100_000_000_000)]
_Number = Annotated[int, Meta(ge=0, le=1_000_000_000)]


class Expiry(Struct, forbid_unknown_fields=True):
    """The day that somebody knows from the vendor's page or contract; ``null`` takes it back."""

    expires: Instant | None


class Replacement(Credential, kw_only=True, forbid_unknown_fields=True):
    """The new value, and for how many seconds the one before is taken as well."""

    overlap_s: Annotated[float, Meta(ge=0)] = 86_400.0


class NewBudget(Struct, kw_only=True, forbid_unknown_fields=True):
    """What a source may cost in a calendar month: ``cents`` of ``currency`` (ISO 4217), so many
    questions (``lookups``), or both. ``each_cents`` is a question's price by the agency's
    contract, where the connector's declaration has none."""

    cents: _Cents | None = None
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$")]
    lookups: _Number | None = None
    each_cents: Annotated[int, Meta(ge=0, le=10_000_000)] = 0


class Ended(Struct):
    """How many leases were taken back."""

    ended: int


class LeaseList(Struct):
    """Who has, and had, which credential in hand; the newest first."""

    items: list[LeaseView]
    next: None = None


class DueList(Struct):
    """What runs out, the next first."""

    items: list[Due]
    next: None = None


class BudgetList(Struct):
    """Every budget as this month stands."""

    items: list[BudgetView]
    next: None = None


class ChargeList(Struct):
    """This month's paid questions, the newest first."""

    items: list[ChargeView]
    next: None = None


async def list_leases(call: Call) -> LeaseList:
    """By fingerprint, never by value."""
    params = call.params
    found = await call.hub.use.leases(
        params["limit"], source=params["source"], still_open=params["open"]
    )
    return LeaseList(found)


async def list_ends(call: Call) -> DueList:
    """The sources' credentials and the hub's own."""
    return DueList(await call.hub.calendar.due(call.params["within_days"]))


async def say_expiry(call: Call) -> None:
    """It counts until the credential is set anew."""
    body: Expiry = call.body
    expires = None if body.expires is None else micros_of(body.expires)
    await call.hub.calendar.say(call.params["id"], call.params["name"], expires, call.actor)


async def rotate_credential(call: Call) -> RotationView:
    """Seal a new value while the source works."""
    body: Replacement = call.body
    return await call.hub.rotation.rotate(
        call.params["id"], call.params["name"], body.value, body.overlap_s, call.actor
    )


async def get_rotation(call: Call) -> RotationView:
    """Whether the value before is still in use."""
    return await call.hub.rotation.view(call.params["id"], call.params["name"])


async def end_leases(call: Call) -> Ended:
    """Switch the source off and take back what its workers have in hand."""
    return Ended(await call.hub.use.end_all(call.params["id"], call.actor))


async def list_budgets(call: Call) -> BudgetList:
    """What may be spent, and what is."""
    return BudgetList(await call.hub.spending.budgets())


async def put_budget(call: Call) -> BudgetView:
    """Limit what a source may cost, or limit it otherwise."""
    body: NewBudget = call.body
    source = call.hub.sources.get(call.params["source"]).id
    return await call.hub.spending.set_budget(
        source, body.cents, body.currency, body.lookups, body.each_cents, call.actor
    )


async def remove_budget(call: Call) -> None:
    """Then nothing is refused for its cost. Of a source that is gone, too."""
    await call.hub.spending.remove_budget(call.params["source"])


async def list_charges(call: Call) -> ChargeList:
    """Row by row, to be compared with the vendor's invoice."""
    return ChargeList(await call.hub.spending.charges(call.params["limit"], call.params["source"]))


def _cut_off(call: Call) -> About:
    return About(object=("sources", call.params["id"]), more={"leases": "cut_off"})


def _expiry(call: Call) -> About:
    body: Expiry = call.body
    return About(
        object=("credentials", f"{call.params['id']}/{call.params['name']}"),
        more={"expires": None if body.expires is None else body.expires.isoformat()},
    )


def _budget(call: Call) -> About:
    body: NewBudget = call.body
    return About(
        object=("budgets", call.params["source"]),
        more={name: getattr(body, name) for name in body.__struct_fields__},
    )


_OF_SOURCE = Param("source", "Of this source only.")

ROUTES = (
    Route("GET", "/credentials/ledger", "credentials", "Who has which credential in hand",
          list_leases,
          access=Access(Permission.CREDENTIALS_SET, AuditEvent.SETTING_VIEWED),
          params=(_OF_SOURCE,
                  Param("open", "What is in hand now.", {"type": "boolean"}, default=False),
                  LIMIT),
          answers={200: Answer("Leases, the newest first.", LeaseList)}),
    Route("GET", "/credentials/calendar", "credentials", "What runs out, and when", list_ends,
          access=Access(Permission.SOURCES_READ, AuditEvent.SETTING_VIEWED),
          params=(Param("within_days", "Within so many days; all that has an end, without.",
                        {"type": "integer", "minimum": 0, "maximum": 36_500}),),
          answers={200: Answer("The next first.", DueList)}),
    Route("PUT", "/sources/{id}/credentials/{name}/expiry", "credentials",
          "Say until when it serves", say_expiry,
          access=Access(Permission.CREDENTIALS_SET, AuditEvent.SETTING_CHANGED, about=_expiry),
          params=(ID, NAME), body=Expiry),
    Route("POST", "/sources/{id}/credentials/{name}/rotate", "credentials",
          "Replace it while the source works", rotate_credential,
          access=Access(Permission.CREDENTIALS_SET, AuditEvent.CREDENTIAL_ROTATED, attended=True),
          params=(ID, NAME), body=Replacement,
          answers={200: Answer("How far it is.", RotationView)}),
    Route("GET", "/sources/{id}/credentials/{name}/rotate", "credentials",
          "How far its rotation is", get_rotation,
          access=Access(Permission.CREDENTIALS_SET, AuditEvent.SETTING_VIEWED),
          params=(ID, NAME), answers={200: Answer("How far it is.", RotationView)}),
    Route("POST", "/sources/{id}/leases/end", "credentials",
          "Switch a source off and take its credentials back", end_leases,
          access=Access(Permission.SOURCES_OPERATE, AuditEvent.SOURCE_CHANGED, about=_cut_off,
                        two_people="Switch a source off and take its credentials back"),
          params=(ID,), answers={200: Answer("How many leases ended.", Ended)}),
    Route("GET", "/budgets", "credentials", "What look-ups may cost, and have cost", list_budgets,
          access=Access(Permission.SOURCES_READ, AuditEvent.SETTING_VIEWED),
          answers={200: Answer("Budgets.", BudgetList)}),
    Route("PUT", "/budgets/{source}", "credentials", "Limit what a source may cost", put_budget,
          access=Access(Permission.SOURCES_OPERATE, AuditEvent.SETTING_CHANGED, about=_budget),
          params=(OWNER,), body=NewBudget,
          answers={200: Answer("The budget as this month stands.", BudgetView)}),
    Route("DELETE", "/budgets/{source}", "credentials", "Take a budget away", remove_budget,
          access=Access(Permission.SOURCES_OPERATE, AuditEvent.SETTING_CHANGED),
          params=(OWNER,)),
    Route("GET", "/charges", "credentials", "This month's paid questions", list_charges,
          access=Access(Permission.SOURCES_OPERATE, AuditEvent.SETTING_VIEWED),
          params=(_OF_SOURCE, LIMIT),
          answers={200: Answer("The newest first.", ChargeList)}),
)  # fmt: skip
