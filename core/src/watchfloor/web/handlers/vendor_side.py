"""The vendors' side: their own logs compared with ours, how they share, signing in at one."""

from __future__ import annotations

import html
from typing import Annotated
from urllib.parse import quote, urlencode

from aiohttp import web
from msgspec import Meta, Struct

from watchfloor.access import About
from watchfloor.audit import AuditEvent
from watchfloor.contracts import GiveUp, WatchfloorError, micros, rfc3339
from watchfloor.identity import Permission
from watchfloor.ports.store import KeptLook, Micros
from watchfloor.reconciliation import LogView, SharingView
from watchfloor.web.csrf import own_origin
from watchfloor.web.handlers.sources import ID
from watchfloor.web.routes import TEXT, TIME, Access, Answer, Call, Param, Route, path_param

_DAY: Micros = 86_400 * 1_000_000


class VendorLogList(Struct):
    """How the vendors' logs stand."""

    items: list[LogView]
    next: None = None


class VendorRow(Struct, kw_only=True):
    """A search, as the vendor's log has it. Whom it was about is kept sealed; ``key`` is its keyed
    hash, the same as in the hub's own log. ``record`` is the hub's record of it, where the vendor
    kept that; ``says`` are the fields that the row has."""

    id: str
    at: str
    pulled: str
    user: str | None
    organisation: str | None
    case_number: str | None
    record: str | None
    key: str | None
    says: list[str]


class VendorRowList(Struct):
    """Rows, oldest first."""

    items: list[VendorRow]
    next: None = None


class Compared(Struct):
    """How many findings are new."""

    new: int


class SharingList(Struct):
    """Every setting at every vendor."""

    items: list[SharingView]
    next: None = None


class ApprovedSetting(Struct, kw_only=True, forbid_unknown_fields=True):
    """How it shall be set."""

    value: Annotated[str, Meta(min_length=1, max_length=1024)]


class AwayTo(Struct):
    """Where the browser goes."""

    url: str


class OwnSignIn(Struct):
    """How the signed-in person stands with a vendor. ``needed``: it answers nobody who is not
    signed in there as themselves. ``until``: they are, until then at the latest."""

    needed: bool
    until: str | None


async def list_logs(call: Call) -> VendorLogList:
    """How each vendor's log stands."""
    return VendorLogList(await call.hub.reconciliation.logs())


async def list_rows(call: Call) -> VendorRowList:
    """Rows that were kept, of a day unless said otherwise."""
    until = _moment(call.params["until"]) or call.hub.clock.now()
    since = _moment(call.params["since"]) or until - _DAY
    rows = await call.hub.reconciliation.looks(call.params["source"], since, until)
    return VendorRowList([_row(look) for look in rows])


async def compare_now(call: Call) -> Compared:
    """Pull and compare now, and not when it is due."""
    return Compared(len(await call.hub.reconciliation.sweep(now=True)))


async def list_sharing(call: Call) -> SharingList:
    """As found, and as approved."""
    return SharingList(await call.hub.reconciliation.sharing())


async def approve_sharing(call: Call) -> SharingView:
    """Say how it shall be set."""
    source, name = call.params["source"], call.params["name"]
    return await call.hub.reconciliation.approve(source, name, call.body.value, call.actor)


async def begin_sign_in(call: Call) -> AwayTo:
    """Where one signs in at the vendor as oneself."""
    source = call.params["source"]
    here = own_origin(call.request)
    back = f"{here}/api/v1/vendor-sign-in/{quote(source, safe='')}/returned"
    url = await call.hub.lookups.begin_sign_in(source, call.person, back)
    return AwayTo(url)


async def returned(call: Call) -> web.Response:
    """Back from the vendor's site: a browser that comes from there does not show its session (the
    cookie is ``SameSite=Strict``), so it goes on by itself from a page of the hub's own."""
    source = quote(call.params["source"], safe="")
    to = f"/api/v1/vendor-sign-in/{source}/finish?{urlencode(list(call.request.query.items()))}"
    page = f'<meta http-equiv="refresh" content="0; url={html.escape(to, quote=True)}">'
    return web.Response(text=f"<!doctype html><title>Back</title>{page}", content_type="text/html")


async def finish_sign_in(call: Call) -> web.Response:
    """Hand what the vendor sent along to the worker, for whoever is signed in here. How that ended
    is told on a page of the console."""
    answer = {name: value[:4096] for name, value in call.request.query.items()}
    ended = "done"
    try:
        await call.hub.lookups.end_sign_in(call.params["source"], call.person, answer)
    except WatchfloorError as error:
        ended = error.code
    return web.Response(status=303, headers={"Location": f"/#/vendor-sign-in/{quote(ended)}"})


async def own_sign_in(call: Call) -> OwnSignIn:
    """Until when one is signed in at the vendor."""
    state = await call.hub.lookups.sign_in_state(call.params["source"], call.person)
    until = None if state.until is None else rfc3339(micros(state.until.isoformat()))
    return OwnSignIn(state.needed, until)


async def sign_out_there(call: Call) -> None:
    """Forget one's sign-in at the vendor."""
    await call.hub.lookups.sign_out(call.params["source"], call.person)


def _row(look: KeptLook) -> VendorRow:
    return VendorRow(
        id=look.id, at=rfc3339(look.at), pulled=rfc3339(look.pulled), user=look.user,
        organisation=look.organisation, case_number=look.case_number, record=look.record,
        key=look.key, says=list(look.says),
    )  # fmt: skip


def _moment(text: str | None) -> Micros | None:
    try:
        return micros(text) if text is not None else None
    except (ValueError, OverflowError):
        raise GiveUp("That is no time with its offset.", code="bad_parameter") from None


def _of_source(call: Call) -> About:
    return About(object=("source", call.params["source"]))


def _setting(call: Call) -> About:
    return About(
        object=("source", call.params["source"]),
        more={"setting": call.params["name"], "value": call.body.value},
    )


def _to_agree(call: Call) -> str:
    """The second person sees to what."""
    return f"Approve “{call.body.value}” for how a vendor shares"


_SOURCE = path_param("source", "The source's id.", ID.schema)
_READ = Access(Permission.AUDIT_READ, AuditEvent.AUDIT_READ)

ROUTES = (
    Route("GET", "/vendor-logs", "vendor side", "How vendors' own logs stand", list_logs,
          access=_READ, answers={200: Answer("By source.", VendorLogList)}),
    Route("POST", "/vendor-logs/compare", "vendor side", "Pull and compare now", compare_now,
          access=Access(Permission.OVERRIDE_REVIEW, AuditEvent.AUDIT_READ),
          answers={200: Answer("How many findings are new.", Compared)}),
    Route("GET", "/vendor-logs/{source}", "vendor side", "What a vendor's log has", list_rows,
          access=Access(Permission.AUDIT_READ, AuditEvent.AUDIT_READ, about=_of_source),
          params=(_SOURCE, Param("since", "From when on; a day before the end.", TIME),
                  Param("until", "Up to when; now.", TIME)),
          answers={200: Answer("Searches.", VendorRowList)}),
    Route("GET", "/sharing", "vendor side", "How vendors share, and what was approved",
          list_sharing, access=Access(Permission.SOURCES_READ, AuditEvent.SETTING_VIEWED),
          answers={200: Answer("Settings.", SharingList)}),
    Route("PUT", "/sharing/{source}/{name}", "vendor side", "Approve how a vendor shares",
          approve_sharing,
          access=Access(Permission.POLICY_CHANGE, AuditEvent.SHARING_CHANGED, about=_setting,
                        two_people=_to_agree),
          params=(_SOURCE, path_param("name", "The setting's name.", TEXT)),
          body=ApprovedSetting, answers={200: Answer("The setting.", SharingView)}),
    Route("POST", "/vendor-sign-in/{source}", "vendor side", "Sign in at a vendor as oneself",
          begin_sign_in,
          access=Access(Permission.REQUESTS_WORK, AuditEvent.SESSION_BEGUN, about=_of_source),
          params=(_SOURCE,), answers={200: Answer("Where the browser goes.", AwayTo)}),
    Route("GET", "/vendor-sign-in/{source}", "vendor side", "Whether one is signed in at a vendor",
          own_sign_in,
          access=Access(Permission.REQUESTS_WORK, AuditEvent.SETTING_VIEWED, about=_of_source),
          params=(_SOURCE,), answers={200: Answer("One's own sign-in there.", OwnSignIn)}),
    Route("DELETE", "/vendor-sign-in/{source}", "vendor side", "Sign out at a vendor",
          sign_out_there,
          access=Access(Permission.REQUESTS_WORK, AuditEvent.SESSION_ENDED, about=_of_source),
          params=(_SOURCE,)),
    Route("GET", "/vendor-sign-in/{source}/returned", "vendor side", "Back from the vendor",
          returned, params=(_SOURCE,), session=False, any_query=True,
          answers={200: Answer("A page that goes on by itself.", None, "text/html")}),
    Route("GET", "/vendor-sign-in/{source}/finish", "vendor side", "Signed in at the vendor",
          finish_sign_in,
          access=Access(Permission.REQUESTS_WORK, AuditEvent.SESSION_CONFIRMED, about=_of_source),
          params=(_SOURCE,), any_query=True,
          answers={303: Answer("To the console.")}),
)  # fmt: skip
