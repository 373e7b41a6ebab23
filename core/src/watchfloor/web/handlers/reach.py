"""What a search is about, for policy and record, and how far it reaches (S7): counted before it is
answered, so that what reaches far is asked by two people."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase, translate
from typing import Any, get_args

from msgspec import Struct

from watchfloor.access import About, Weighed
from watchfloor.contracts import GiveUp, Topic
from watchfloor.identity import Permission
from watchfloor.policy import MOVEMENTS, ONE_SUBJECT, Decision, Limits
from watchfloor.ports.store import KeyPattern, Micros, RecordedEvent, Scope, Seq
from watchfloor.search import Begun, Query, Reach, fields_of, is_narrow, within
from watchfloor.web.handed import Shown
from watchfloor.web.routes import Call, Param, one_of

DAY = 86_400_000_000
"""Microseconds."""

LINE = Param(
    "q", "The line as typed.", {"type": "string", "minLength": 1, "maxLength": 2000}, required=True
)
ABOUT = Param(
    "about",
    "What it is about, where it is about one of these; separated by commas.",
    one_of(get_args(Topic)),
)

CURSOR = Param(
    "cursor",
    "Where the last answer ended.",
    {"type": "string", "pattern": r"^-?[0-9]{1,18}\.[0-9]{1,18}$"},
)

PREVIEWED = 10_000
"""Records that a preview counts; beyond, it says that there are more."""
_NO_PLATE = re.compile(r"[^0-9A-Z?*]+")
FEW = 5
"""Plates that a pattern may match to be a question about each of them."""
_COUNTED = ("records", "plates", "people", "cameras", "agencies", "sightings")
_LIMITED = _COUNTED[:-1]


class ReachLimits(Struct, kw_only=True):
    """How much of each one person looks through alone."""

    records: int
    plates: int
    people: int
    cameras: int
    agencies: int
    sightings: int
    """Of one subject: with more, they are a movement history."""


class ReachView(Struct, kw_only=True):
    """How far a search would reach. ``more``: beyond the records counted there are more.
    ``people`` are telephone numbers; ``agencies`` are others than this hub's whose data they are,
    as its policy's settings say of its sources. ``sightings`` are of
    the one subject, counted to one beyond the limit; ``history``: it amounts to a movement history.
    ``before`` are those of the records that searches showed the asker within an hour: they count
    with it."""

    records: int
    plates: int
    people: int
    cameras: int
    agencies: int
    sightings: int
    before: int
    more: bool
    history: bool
    needs_supervisor: bool
    limits: ReachLimits


async def preview(call: Call) -> ReachView:
    """How far the line would reach, and what it takes. Nobody is asked, nothing is shown."""
    grant, limits = call.grant, _limits(call)
    counted = {name: grant.facts.get(name, 0) for name in _COUNTED}
    return ReachView(
        **counted,
        before=0 if grant.fetched is None else counted["records"] - grant.fetched,
        more=_is_more(counted, limits),
        history=grant.decision.permission is Permission.DATA_HISTORY,
        needs_supervisor=grant.decision.needs_supervisor,
        limits=ReachLimits(
            **{name: getattr(limits, f"broad_{name}") for name in _LIMITED},
            sightings=limits.history_sightings,
        ),
    )


def _is_more(counted: Mapping[str, int], limits: Limits) -> bool:
    """Whether they are a part of the records: because there are too many, or because of one plate's
    movements it is told only that they are that."""
    beyond = limits.history_sightings + 1
    return counted["records"] > PREVIEWED or counted["records"] == counted["sightings"] == beyond


def asked(call: Call) -> About:
    """What the line is about, for policy and record: what it names, and the time that it spans."""
    query = call.hub.search.understand(call.params["q"])

    async def weigh(scope: Scope) -> Weighed:
        return await _weighed(call, query, scope, _limits(call))

    return replace(_about(call, query), weigh=weigh, alone="ask" if call.params["ask"] else "tell")


async def begin(call: Call, query: Query, scope: Scope, counted: int = 0) -> Begun:
    """The page that the call asks for, fetched, and a count of so many."""
    before = page_end(call.params["cursor"])
    return await call.hub.search.begin(query, call.params["limit"], before, scope, counted)


def page_end(cursor: str | None) -> tuple[int, int] | None:
    """A list's cursor: (time, position) of the last row."""
    if cursor is None:
        return None
    time, _, seq = cursor.partition(".")
    return int(time), int(seq)


def previewed(call: Call) -> About:
    """The same, counted further than a decision needs."""
    query = call.hub.search.understand(call.params["q"])

    async def weigh(scope: Scope) -> Weighed:
        begun = await call.hub.search.begin(query, scope=scope, counted=PREVIEWED + 1)
        reach = await call.hub.search.reach(begun, PREVIEWED)
        owners = await _owners(call, begun)
        matched, limits = _matched(query, reach), _limits(call)
        told, now = await _told_of(call, begun, matched), call.hub.clock.now()
        in_all = _with_before(call, query, reach, limits)  # from here to the permit nothing waits
        beyond = _beyond(query, in_all, limits)
        facts, counted = _facts(query, in_all, len(owners)), reach.records + reach.more
        if beyond:
            facts["sightings"] = limits.history_sightings + 1
        if beyond and len(_fitting(query, in_all.plates)) <= FEW:
            # Minute after minute, and street after street, counts say where it was as well.
            counted = facts["sightings"]
            facts = {**facts, "records": counted, "cameras": 0, "agencies": 0}

        def decided(decision: Decision) -> None:
            _note_asked(call, _named_in(query, reach), beyond, decision)
            pieces = [each for each in told if ("plate", each) not in beyond]
            for plate in pieces if decision.permitted else ():
                call.hub.handed_out.follow(call.person.id, ("plate", plate), told[plate], now)

        return Weighed(facts, fetched=counted, besides=matched, decided=decided)

    about = _about(call, query)
    # Whoever counts one plate's sightings here and there looks at it; a line that names nothing
    # is no look until it is answered.
    subject = about.subject if query.keys else ("line", call.params["q"])
    return replace(about, subject=subject, weigh=weigh, alone="weigh")


async def _told_of(
    call: Call, begun: Begun, matched: Sequence[tuple[str, str]]
) -> Mapping[str, set[Seq]]:
    """Of each of the few plates that a line asks about, the sightings that it counts."""
    query = begun.query
    whole = [key.pattern for key in query.named if key.kind == "plate" and key.is_whole]
    plates = dict.fromkeys(whole) | dict.fromkeys(plate for _, plate in matched)
    told: dict[str, set[Seq]] = {plate: set() for plate in plates}
    if told:
        limits = _limits(call)
        enough = max(limits.broad_records, limits.history_sightings + 1)
        for event in await call.hub.search.sightings(begun, enough) or ():
            if (plate := dict(event.keys)["plate"]) in told:
                told[plate].add(event.seq)
    return told


def _about(call: Call, query: Query) -> About:
    now = call.hub.clock.now()
    topics = call.params["about"].split(",") if call.params["about"] else []
    subject, *besides = _whom(query, call.params["q"])
    return About(
        facts={
            "subject": _subject(query),
            "lookback_days": 0 if query.since is None else max(0, now - query.since) / DAY,
            "about": topics,
            "owner": owner_of(call, query.sources),
            "fields": fields_of(query),
        },
        subject=subject,
        besides=besides,
        shown=" ".join(call.params["q"].split()),
        exactly=call.params["q"],
        more={**_area(query), **declared(topics)},
        lookback=(query.since, query.until),
    )


def _limits(call: Call) -> Limits:
    return call.hub.engine.policy.settings.limits


async def _weighed(call: Call, query: Query, scope: Scope, limits: Limits) -> Weighed:
    """What is counted before an answer: of what names one thing its sightings, of a call or an
    address nothing, of all else the reach; none of it further than the limits ask. And whose data
    it touches."""
    search = call.hub.search
    if not is_narrow(query):
        enough = max(limits.broad_records, limits.history_sightings + 1)
        begun = await begin(call, query, scope, counted=enough + 1)
        reach = await search.reach(begun, enough)
        owners = await _owners(call, begun)
        in_all = _with_before(call, query, reach, limits)
        beyond = _beyond(query, in_all, limits)

        def decided(decision: Decision) -> None:
            named = _named_in(query, reach)
            _note_asked(call, named, named | beyond, decision)
            if decision.permitted:
                _first_page(call, begun, decision)

        return Weighed(
            _facts(query, in_all, len(owners)) | _told(owners),
            _in_words(in_all, len(owners), before=in_all.records > reach.records),
            begun,
            decided=decided,
            besides=_matched(query, reach),
        )
    begun = await begin(call, query, scope)
    told = _told(await _owners(call, begun))
    if _subject(query) not in ONE_SUBJECT:
        return Weighed(told, fetched=begun)
    return await _followed(call, begun, limits.history_sightings + 1, told)


async def _followed(call: Call, begun: Begun, enough: int, told: Mapping[str, Any]) -> Weighed:
    """How often the one subject was seen, counted to ``enough``, with what other lines showed the
    asker of it. What this one shows counts from its permit on: nothing waits between the count and
    that, so pieces that are asked for at once are counted one after the other."""
    sightings = await call.hub.search.sightings(begun, enough)
    person, handed_out, now = call.person.id, call.hub.handed_out, call.hub.clock.now()
    [key] = set(begun.query.named)
    subject = (key.kind, key.pattern)
    shown = frozenset(event.seq for event in sightings or ())
    before = handed_out.followed(person, subject, now)
    counted = enough if sightings is None else len(shown | before)
    if not shown and len(before) >= enough - 1 and _finds_movements(begun.query):
        counted = enough

    def decided(decision: Decision) -> None:
        _note_asked(call, {subject}, {subject}, decision)
        if decision.permitted and decision.permission is not Permission.DATA_HISTORY:
            handed_out.follow(person, subject, shown, now)

    facts = {"sightings": counted, **told}
    return Weighed(facts, "A search of one subject's movements", begun, decided=decided)


_Page = Sequence[RecordedEvent]


def showing(call: Call, query: Query, decision: Decision) -> Callable[[_Page], None]:
    """Notes of each page what counts with what is asked next. What a second person or an order
    opened does not, and what names one thing whole was followed when it was granted."""

    def note(page: _Page) -> None:
        now = call.hub.clock.now()
        seen = {each.seq: _shown(each, now) for each in page if each.type in MOVEMENTS}
        call.hub.handed_out.searched(call.person.id, seen, now)

    agreed = decision.approval or decision.permission is Permission.DATA_HISTORY
    return (lambda _: None) if agreed or is_narrow(query) else note


def _first_page(call: Call, begun: Begun, decision: Decision) -> None:
    """It counts from the permit on: slices that are asked for at once count with one another."""
    page = within(begun.query.shape, begun.page.events)
    showing(call, begun.query, decision)(page[: begun.limit])


def _shown(event: RecordedEvent, now: Micros) -> Shown:
    keys = dict(event.keys)
    return Shown(now, keys["plate"], keys.get("asset", ""))


def _with_before(call: Call, query: Query, reach: Reach, limits: Limits) -> Reach:
    """With the sightings of its plates that the asker was shown before; and with all that searches
    of many showed them, where that is too much for an hour."""
    plates = _seen_in_all(call, query, reach, limits.history_sightings)
    if not reach.plates:
        return replace(reach, plates=plates)
    shown = call.hub.handed_out.within_an_hour(call.person.id, call.hub.clock.now())
    before = [shown[seq] for seq in shown.keys() - reach.seqs]
    in_all = replace(
        reach,
        records=reach.records + len(before),
        plates={**dict.fromkeys((each.plate for each in before), 0), **plates},
        cameras=reach.cameras | {each.reader for each in before},
    )
    return in_all if _is_much(in_all, limits) else replace(reach, plates=plates)


def _seen_in_all(call: Call, query: Query, reach: Reach, alone: int) -> Mapping[str, int]:
    """How often each plate was seen, with what the asker was shown of it before. Of one of which
    they were shown as much as one person follows ``alone``, a piece with nothing is answered as one
    with something: that there was nothing says where it was not."""
    if _subject(query) not in ONE_SUBJECT:
        return reach.plates
    person, handed_out, now = call.person.id, call.hub.handed_out, call.hub.clock.now()
    plates = {
        plate: seen + len(handed_out.followed(person, ("plate", plate), now) - reach.seqs)
        for plate, seen in reach.plates.items()
    }
    if not _finds_movements(query):
        return plates
    far = [plate for kind, plate in handed_out.asked_far(person, alone, now) if kind == "plate"]
    closed = _fitting(query, far)
    return plates | {plate: alone + 1 for plate in closed if not reach.plates.get(plate)}


def _finds_movements(query: Query) -> bool:
    return not query.types or not MOVEMENTS.isdisjoint(query.types)


def _fitting(query: Query, plates: Iterable[str]) -> set[str]:
    """Those of the plates that the line names, whole or by a part."""
    patterns = [key.pattern for key in query.named if key.kind == "plate"]
    return {plate for plate in plates if any(fnmatchcase(plate, one) for one in patterns)}


_Subject = tuple[str, str]


def _named_in(query: Query, reach: Reach) -> set[_Subject]:
    """The plates that the line is about: whole, or by a part that few fit."""
    whole = {key.pattern for key in query.named if key.kind == "plate" and key.is_whole}
    fitting = _fitting(query, reach.plates)
    return {("plate", plate) for plate in whole | (fitting if len(fitting) <= FEW else set())}


def _beyond(query: Query, reach: Reach, limits: Limits) -> set[_Subject]:
    """The plates that the line names of which it is told no more than that they were seen too often
    for one person."""
    often = (plate for plate, seen in reach.plates.items() if seen > limits.history_sightings)
    return {("plate", plate) for plate in _fitting(query, often)}


def _note_asked(
    call: Call, named: Iterable[_Subject], told: Iterable[_Subject], decision: Decision
) -> None:
    """Whoever is told by a refusal that there is too much of these for one person has been told of
    one sighting: of pieces of any length, that alone would say where it was."""
    person, handed_out, now = call.person.id, call.hub.handed_out, call.hub.clock.now()
    for subject in named:
        handed_out.asks_about(person, subject)
    if decision.permitted and not decision.needs_supervisor:
        return
    for subject in told:
        if len(handed_out.followed(person, subject, now)) < _limits(call).history_sightings:
            handed_out.follow(person, subject, [("told", call.params["q"])], now)


def _is_much(reach: Reach, limits: Limits) -> bool:
    """Whether it is more than one person looks through alone within an hour."""
    times = limits.broad_hour
    return (
        reach.records > times * limits.broad_records
        or len(reach.plates) > times * limits.broad_plates
        or len(reach.cameras) > times * limits.broad_cameras
    )


def _matched(query: Query, reach: Reach) -> Sequence[tuple[str, str]]:
    """The few plates that a pattern stands for, where they are few: it asks about each. Who looks
    for a plate among words asks about it, too."""
    patterns = {key.pattern for key in query.named if key.kind == "plate" and not key.is_whole}
    words = {_NO_PLATE.sub("", word.upper()) for word in query.words}
    patterns |= {word for word in words if word.strip("?*") and not word.isalnum()}
    fits = re.compile("|".join(map(translate, patterns)))  # once: a line may have hundreds
    plates = [each for each in reach.plates if each in words or (patterns and fits.match(each))]
    return [("plate", each) for each in sorted(plates)] if len(plates) <= FEW else ()


def owner_of(call: Call, sources: Collection[str]) -> str:
    """The one other agency whose data these sources are, if they are one's."""
    owners = {call.hub.engine.owners.get(source, "") for source in sources}
    return owners.pop() if len(owners) == 1 else ""


async def _owners(call: Call, begun: Begun) -> frozenset[str]:
    """The other agencies whose data the question touches."""
    theirs: dict[str, list[str]] = {}
    for source, owner in call.hub.engine.owners.items():
        if not begun.query.sources or source in begun.query.sources:
            theirs.setdefault(owner, []).append(source)
    search = call.hub.search
    return frozenset(
        [owner for owner, sources in theirs.items() if await search.touches(begun, sources)]
    )


def _told(owners: frozenset[str]) -> dict[str, frozenset[str]]:
    return {"owners": owners} if owners else {}


def _facts(query: Query, reach: Reach, agencies: int) -> dict[str, Any]:
    """What is more than could be counted is more than the limit."""
    return {
        "records": reach.records + reach.more,
        "plates": len(reach.plates),
        "people": reach.people,
        "cameras": len(reach.cameras),
        "agencies": agencies,
        "sightings": reach.sightings if _subject(query) in ONE_SUBJECT else 0,
    }


def _in_words(reach: Reach, agencies: int, *, before: bool) -> str:
    more = "more than " if reach.more else ""
    counts = {
        "plates": len(reach.plates), "people": reach.people, "cameras": len(reach.cameras),
        "other agencies": agencies,
    }  # fmt: skip
    besides = [f"{number:,} {name}" for name, number in counts.items() if number]
    with_it = ["with what searches showed in the hour before"] if before else []
    return ", ".join([f"A search that touches {more}{reach.records:,} records", *besides, *with_it])


def declared(topics: Collection[str]) -> dict[str, str]:
    """What a question is declared to be about, for the record."""
    return {"about": ",".join(sorted(topics))} if topics else {}


_PERSONAL = frozenset({"plate", "phone", "address"})
"""Kinds of key that stand for a person."""


def _whom(query: Query, line: str) -> Sequence[tuple[str, str]]:
    """Whom or what the record names, and others that it names besides: who stands for a person
    before words, which may be a name, words before a part of a plate, and these before all else. A
    line of kinds, times and places names nobody. Raises ``GiveUp`` (``several_subjects``): a record
    names one, and nobody is looked up beside another."""
    people = {key for key in query.named if key.kind in _PERSONAL}
    if len(people) > 1:
        raise GiveUp(
            "This line asks about several plates, telephones or addresses at once.",
            code="several_subjects",
            remedy="Ask about one after the other. What is only words in calls goes into quotes.",
        )
    words = [("search", query.text)] if query.text else []
    whole = [_key(each) for each in people if each.is_whole]
    parts = [_key(each) for each in people if not each.is_whole]
    named = [*whole, *words, *parts]
    return named or [_key(query.named[0]) if query.named else ("line", line)]


def _key(key: KeyPattern) -> tuple[str, str]:
    """A pattern stands for many, and is never counted as one of them."""
    return (key.kind if key.is_whole else f"{key.kind}_pattern"), key.pattern


def _area(query: Query) -> dict[str, float]:
    """Where was searched: a crowd's place is a place that many were looked up at."""
    if query.shape is None:
        return {}
    box = query.shape.box()
    return {"west": box.west, "south": box.south, "east": box.east, "north": box.north}


_SUBJECTS = ("plate", "phone", "address", "call")
"""By what is searched, the most telling first: a line that could be a plate counts as one."""


def _subject(query: Query) -> str:
    kinds = {key.kind for key in query.keys}
    for kind in _SUBJECTS:
        if kind in kinds:
            return kind
    if kinds:
        return "device"
    if query.text:
        return "text"
    return "area" if query.shape else "none"
