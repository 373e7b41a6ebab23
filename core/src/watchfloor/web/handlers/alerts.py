"""Alerts, and what raises and carries them: rules, hot lists, channels."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from io import BytesIO, TextIOWrapper
from itertools import islice
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from msgspec import Meta, Struct

from watchfloor.access import About
from watchfloor.alerts import (
    AlertContext,
    AlertView,
    ImportReport,
    RuleInvalid,
    RuleStatus,
    was_stopped,
)
from watchfloor.audit import AuditEvent
from watchfloor.contracts import BY_NAME, GiveUp, Refused, rfc3339
from watchfloor.identity import Permission
from watchfloor.policy import PLATE_TYPES
from watchfloor.ports.store import Channel, HotList, HotListEntry, Outgoing
from watchfloor.web.admission import object_of
from watchfloor.web.routes import (
    LIMIT,
    POSITIVE,
    REQUEST,
    Access,
    Answer,
    Call,
    Param,
    Route,
    ToAgree,
    one_of,
    path_param,
)

MAX_HOT_LIST = 256 * 1024 * 1024

RECORDED = 1000
"""So many new plates of a file are recorded one by one."""

SHOWN_LINES, SHOWN_OF_LINE = 20, 200
"""So many lines of a file, and so many characters of each, a second person is shown."""

ID = path_param("id", "Its id.", POSITIVE)
NAME = path_param("id", "Its id.", {"type": "string", "pattern": "^[a-z][a-z0-9-]{1,63}$"})
BEFORE = Param("before", "Older than this id.", POSITIVE)
STATES = ("new", "acknowledged", "closed")
VERBS = ("acknowledge", "verify", "mark-wrong", "close", "reopen", "note")

Severity = Literal["danger", "high", "medium", "low"]
Text = Annotated[str, Meta(max_length=1000)]


class Act(Struct, forbid_unknown_fields=True):
    """What goes with a verb. ``confirmed``: of plate, region, picture and status, what was
    looked at."""

    note: Text = ""
    confirmed: list[Literal["plate", "region", "picture", "status"]] = []


class AlertList(Struct):
    """A page of alerts."""

    items: list[AlertView]
    next: int | None


class NewRule(Struct, forbid_unknown_fields=True):
    """A rule's YAML document."""

    document: Annotated[str, Meta(min_length=1, max_length=65536)]
    enabled: bool = True


class NewHotList(Struct, forbid_unknown_fields=True):
    """A hot list's owner and terms."""

    name: Text
    owner: Text
    reason: Text
    severity: Severity = "high"
    share_unverified: bool = False


class NewChannel(Struct, forbid_unknown_fields=True):
    """Where alerts go outside: an address, or a source whose connector delivers alerts."""

    url: Annotated[str, Meta(max_length=2000)] = ""
    source: Annotated[str, Meta(min_length=1, max_length=64)] | None = None
    include_details: bool = False
    min_severity: Severity = "low"
    enabled: bool = True


class ChannelSecret(Struct):
    """A new channel's signing secret, shown this once; nothing for one that was there before."""

    secret: str | None


async def list_alerts(call: Call) -> AlertList:
    """Newest first."""
    states = call.params["state"].split(",") if call.params["state"] else []
    limit = call.params["limit"]
    items = await call.hub.alerts.list(states, call.params["before"], limit, call.grant.sight)
    return AlertList(list(items), items[-1].id if len(items) == limit else None)


async def get_alert(call: Call) -> AlertView:
    """One alert; one that may not be seen is as absent. Raises ``NotFound``."""
    alert = await call.hub.alerts.get(call.params["id"], call.grant.sight)
    call.hub.handed_out.note(call.person.id, alert.events)
    return alert


async def act_on_alert(call: Call) -> AlertView:
    """Do something about an alert, in the signed-in person's name."""
    await get_alert(call)
    verb = call.params["verb"]
    return await call.hub.alerts.act(
        call.params["id"], verb, call.actor, call.body.note, call.body.confirmed,
        call.grant.sight.redacts,
    )  # fmt: skip


async def get_context(call: Call) -> AlertContext:
    """What was near it, and the line that searches the plate reads. Who opened it is recorded."""
    await get_alert(call)
    return await call.hub.alerts.context(call.params["id"], call.actor, call.grant.sight)


async def list_rules(call: Call) -> dict[str, Any]:
    """Every rule and whether the engine runs it."""
    return {"items": [_rule(status) for status in call.hub.alerts.rules.all()], "next": None}


async def put_rule(call: Call) -> dict[str, Any]:
    """Add or change a rule; in force when this answers."""
    status = await call.hub.alerts.rules.put(
        call.params["id"], call.body.document, call.actor, enabled=call.body.enabled
    )
    return _rule(status)


def _follows(call: Call) -> str | ToAgree:
    """A rule follows plates where no hot list of ours says which, or a condition picks some. What
    is switched off follows nothing."""
    document = call.body.document
    try:
        rule = call.hub.alerts.rules.check(document)
    except RuleInvalid:  # which the handler tells
        return ""
    on_plates = PLATE_TYPES & {BY_NAME[name].type for name in rule.kinds}
    bound = rule.hot_list is not None and rule.when is None
    if bound or not on_plates or not call.body.enabled:
        return ""
    return ToAgree("Put a rule that follows plates in force", document, "following")


def _rule_said(call: Call) -> About:
    """Its text may name a plate: on record it is sealed."""
    return About(object=object_of(call), subject=("rule", call.body.document))


async def remove_rule(call: Call) -> None:
    """Remove a rule; the alerts that it raised stay."""
    await call.hub.alerts.rules.remove(call.params["id"])


async def list_hot_lists(call: Call) -> dict[str, Any]:
    """Every hot list, without its entries."""
    lists = call.hub.alerts.hot_lists
    return {"items": [_hot_list(each, lists.in_force) for each in await lists.all()],
            "next": None}  # fmt: skip


async def put_hot_list(call: Call) -> dict[str, Any]:
    """Add a list or change its terms."""
    body: NewHotList = call.body
    wanted = HotList(
        id=call.params["id"],
        name=body.name,
        owner=body.owner,
        reason=body.reason,
        changed=call.hub.clock.now(),
        severity=body.severity,
        share_unverified=body.share_unverified,
    )
    lists = call.hub.alerts.hot_lists
    return _hot_list(await lists.put(wanted), lists.in_force)


async def put_entries(call: Call) -> ImportReport:
    """Replace a list's entries by a CSV file's (plate, region, reason, expires). Each plate that is
    new on it is recorded; in a request, where it is kept by hand, as a look at that plate."""
    try:
        text = call.body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise GiveUp("The file is not UTF-8 text.", code="bad_file") from None
    by_hand = call.grant.purpose is not None
    return await call.hub.alerts.hot_lists.import_csv(
        call.params["id"], text, call.actor,
        partial(_list if by_hand else _list_of_file, call), by_hand=by_hand,
    )  # fmt: skip


async def _list(call: Call, new: Sequence[HotListEntry]) -> None:
    """Record each plate. Raises ``Refused`` (code ``many_entries``)."""
    most = call.hub.engine.policy.settings.limits.broad_plates
    handed_out, now = call.hub.handed_out, call.hub.clock.now()
    if not handed_out.lists(call.person.id, (each.plate for each in new), most, now):
        raise Refused(
            f"One person puts {most} plates at most on lists in a day; {len(new)} are new here.",
            code="many_entries",
            remedy="Import fewer, or the whole file while no request is open, by two people.",
        )
    await _record_each(call, new)


async def _list_of_file(call: Call, new: Sequence[HotListEntry]) -> None:
    """Record each plate of what changed since the file before: a whole new file has too many."""
    if len(new) <= RECORDED:
        await _record_each(call, new)


async def _record_each(call: Call, new: Sequence[HotListEntry]) -> None:
    record = partial(call.hub.door.about_each, call.grant, AuditEvent.PLATE_LISTED)
    await asyncio.gather(*(record(("plate", each.plate), each.reason or "") for each in new))


def _whole_file(call: Call) -> str | ToAgree:
    """What nobody has a request for is another system's list, and is agreed to as it is: whoever is
    asked sees whether it is that system's, and as long."""
    if call.params[REQUEST.name] or call.signed_in.request:
        return ""
    lines = _lines(call)
    what = f"Replace a hot list by a file of {lines:,} lines"
    return ToAgree(what, partial(_list_and_file, call, lines), "following")


def _lines(call: Call) -> int:
    """However they end; counted without taking a large file apart."""
    file: bytes = call.body
    ends = file.count(b"\n") + file.count(b"\r") - file.count(b"\r\n")
    return ends + (not file.endswith((b"\n", b"\r")))


async def _list_and_file(call: Call, lines: int) -> str:
    known = await call.hub.alerts.hot_lists.get(call.params["id"])
    now = f"{known.name}, of {known.owner}: {known.entries:,} entries now"
    return f"{now}\n\n{_first_of(call.body, lines)}"


def _first_of(file: bytes, lines: int) -> str:
    """The first lines as they stand there, each as far as somebody reads it."""
    text = TextIOWrapper(BytesIO(file), "utf-8-sig", "replace")
    first = [line.rstrip("\n") for line in islice(text, SHOWN_LINES)]
    shown = [each[:SHOWN_OF_LINE] + "…" * (len(each) > SHOWN_OF_LINE) for each in first]
    if (rest := lines - len(shown)) > 0:
        shown.append(f"and {rest:,} lines more")
    return "\n".join(shown)


def _file_said(call: Call) -> About:
    return About(object=object_of(call), more={"lines": _lines(call)})


async def list_channels(call: Call) -> dict[str, Any]:
    """Where alerts go outside."""
    return {"items": await call.hub.alerts.channels.all(), "next": None}


async def put_channel(call: Call) -> ChannelSecret:
    """Add or change a channel; a new one's signing secret is answered once."""
    body: NewChannel = call.body
    wanted = Channel(
        id=call.params["id"],
        url=body.url,
        include_details=body.include_details,
        min_severity=body.min_severity,
        enabled=body.enabled,
        source=body.source,
    )
    return ChannelSecret(await call.hub.alerts.channels.put(wanted))


def _goes_further(call: Call) -> str | ToAgree:
    """A second person agrees to where alerts go that none went to, and to where their own words go
    that went there without: for these the whole address counts, as others share its host."""
    body: NewChannel = call.body
    known = call.hub.alerts.desk.channels
    if not _place(body):  # which the handler tells
        return ""
    if body.include_details:
        spoken_to = {(each.url, each.source) for each in known if each.include_details}
        if (body.url, body.source) in spoken_to:
            return ""
    elif _place(body) in map(_place, known):
        return ""
    says = "Kind, severity, time, place and link; no plate, no name"
    if body.include_details:
        says = (
            "Kind, severity, time, place and link\nAnd its own words: title and reason, with plates"
        )
    to = "".join(body.url.split()) or _delivered_by(call, body.source)
    return ToAgree("Send alerts outside", f"To {to}\n{says}")


def _delivered_by(call: Call, source: str | None) -> str:
    """Whoever agrees to it sees to whom: that stands in the source's settings."""
    settings = {each.id: each.config for each in call.hub.sources.all()}.get(source or "", {})
    said = [f"  {name}: {json.dumps(each, ensure_ascii=False)}" for name, each in settings.items()]
    return "\n".join([f"the source {source}, whose connector delivers them:", *said])


def _place(channel: NewChannel | Channel) -> str:
    """Host and port of an address, or the source: an address itself can be a secret."""
    with suppress(ValueError):  # it is none
        return channel.source or urlsplit(channel.url).netloc.rpartition("@")[2]
    return ""


def _channel_said(call: Call) -> About:
    more = {"to": _place(call.body), "details": call.body.include_details}
    return About(object=object_of(call), more=more)


async def remove_channel(call: Call) -> None:
    """Take a channel and its secret away."""
    await call.hub.alerts.channels.remove(call.params["id"])


async def list_deliveries(call: Call) -> dict[str, Any]:
    """How deliveries of alerts that may be seen fare, newest first."""
    of, limit = call.params["alert"], call.params["limit"]
    rows = await call.hub.alerts.channels.deliveries(of, limit, call.grant.scope)
    return {"items": [_delivery(row) for row in rows], "next": None}


async def deliver_again(call: Call) -> dict[str, Any]:
    """Try a delivery that was given up once more. Raises ``NotFound``, also for one of an alert
    that may not be seen."""
    channels, scope = call.hub.alerts.channels, call.grant.scope
    return _delivery(await channels.deliver_again(call.params["id"], call.actor, scope))


def _rule(status: RuleStatus) -> dict[str, Any]:
    return {
        "id": status.rule.id,
        "document": status.rule.document,
        "enabled": status.rule.enabled,
        "changed": rfc3339(status.rule.changed),
        "changed_by": status.rule.changed_by,
        "state": status.state,
        "reason": status.reason,
        "title": status.document.title if status.document else status.rule.id,
        "severity": status.document.severity if status.document else None,
        "description": status.document.description if status.document else None,
    }


def _hot_list(hot_list: HotList, in_force: bool) -> dict[str, Any]:
    return {
        "id": hot_list.id,
        "name": hot_list.name,
        "owner": hot_list.owner,
        "reason": hot_list.reason,
        "changed": rfc3339(hot_list.changed),
        "severity": hot_list.severity,
        "share_unverified": hot_list.share_unverified,
        "entries": hot_list.entries,
        "state": "in_force" if in_force else "loading",
    }


def _delivery(row: Outgoing) -> dict[str, Any]:
    return {
        "id": row.id,
        "channel": row.channel,
        "alert": row.alert,
        "created": rfc3339(row.created),
        "attempts": row.attempts,
        "next_try": rfc3339(row.next_try) if row.state == "waiting" else None,
        "state": row.state,
        "stopped": was_stopped(row),
        "error": row.error,
        "receipt": row.receipt,
    }


_ITEM = {"type": "object"}
_ALERT = {200: Answer("The alert.", AlertView)}
_LIST = {200: Answer("All of them.", _ITEM)}

ROUTES = (
    Route("GET", "/alerts", "alerts", "The inbox", list_alerts,
          access=Access(Permission.ALERTS_READ, AuditEvent.ALERT_VIEWED, fails_open=True),
          params=(Param("state", "States, separated by commas.", one_of(STATES)), BEFORE, LIMIT),
          answers={200: Answer("Newest first.", AlertList)}),
    Route("GET", "/alerts/{id}", "alerts", "One alert", get_alert,
          access=Access(Permission.ALERTS_READ, AuditEvent.ALERT_VIEWED, "noted", fails_open=True),
          params=(ID,), answers=_ALERT),
    Route("POST", "/alerts/{id}/{verb}", "alerts", "Do something about an alert", act_on_alert,
          access=Access(Permission.ALERTS_ACT, AuditEvent.ALERT_ACTED, "noted", fails_open=True),
          params=(ID, path_param("verb", "What.", {"enum": list(VERBS)})), body=Act,
          answers=_ALERT),
    Route("GET", "/alerts/{id}/context", "alerts", "What was near", get_context,
          access=Access(Permission.ALERTS_READ, AuditEvent.ALERT_VIEWED, "noted", fails_open=True),
          params=(ID,),
          answers={200: Answer("Units, cameras, and a line to search.", AlertContext)}),
    Route("GET", "/rules", "alerts", "Alert rules", list_rules,
          access=Access(Permission.ALERTS_READ, AuditEvent.SETTING_VIEWED),
          answers=_LIST),
    Route("PUT", "/rules/{id}", "alerts", "Add or change a rule", put_rule,
          access=Access(Permission.ALERTS_CONFIGURE, AuditEvent.RULE_CHANGED, about=_rule_said,
                        two_people=_follows),
          params=(NAME,),
          body=NewRule, answers={200: Answer("How it stands.", _ITEM)}),
    Route("DELETE", "/rules/{id}", "alerts", "Remove a rule", remove_rule,
          access=Access(Permission.ALERTS_CONFIGURE, AuditEvent.RULE_CHANGED),
          params=(NAME,)),
    Route("GET", "/hot-lists", "alerts", "Hot lists", list_hot_lists,
          access=Access(Permission.ALERTS_READ, AuditEvent.LISTED_VIEWED),
          answers=_LIST),
    Route("PUT", "/hot-lists/{id}", "alerts", "Add a list or change its terms", put_hot_list,
          access=Access(Permission.ALERTS_CONFIGURE, AuditEvent.HOT_LIST_CHANGED),
          params=(NAME,), body=NewHotList, answers={200: Answer("The list.", _ITEM)}),
    Route("PUT", "/hot-lists/{id}/entries", "alerts", "Replace a list's entries", put_entries,
          access=Access(Permission.ALERTS_CONFIGURE, AuditEvent.HOT_LIST_CHANGED, "guarded",
                        about=_file_said, two_people=_whole_file),
          params=(NAME,), body=bytes, body_content_type="text/csv", max_body=MAX_HOT_LIST,
          answers={200: Answer("What became of each line.", ImportReport)}),
    Route("GET", "/channels", "alerts", "Where alerts go outside", list_channels,
          access=Access(Permission.ALERTS_READ, AuditEvent.SETTING_VIEWED),
          answers=_LIST),
    Route("PUT", "/channels/{id}", "alerts", "Add or change a channel", put_channel,
          access=Access(Permission.ALERTS_CONFIGURE, AuditEvent.CHANNEL_CHANGED,
                        about=_channel_said, two_people=_goes_further, attended=True),
          params=(NAME,), body=NewChannel,
          answers={200: Answer("A new one's secret.", ChannelSecret)}),
    Route("DELETE", "/channels/{id}", "alerts", "Take a channel away", remove_channel,
          access=Access(Permission.ALERTS_CONFIGURE, AuditEvent.CHANNEL_CHANGED),
          params=(NAME,)),
    Route("GET", "/deliveries", "alerts", "How deliveries fare", list_deliveries,
          access=Access(Permission.ALERTS_READ, AuditEvent.ALERT_VIEWED, fails_open=True),
          params=(Param("alert", "Of one alert.", POSITIVE), LIMIT), answers=_LIST),
    Route("POST", "/deliveries/{id}/again", "alerts", "Try one that was given up once more",
          deliver_again,
          access=Access(Permission.ALERTS_ACT, AuditEvent.ALERT_SENT, fails_open=True),
          params=(path_param("id", "The delivery's number.", POSITIVE),),
          answers={200: Answer("The delivery, waiting.", _ITEM)}),
)  # fmt: skip
