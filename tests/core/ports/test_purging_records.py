"""What a store deletes besides events when time is up: the hub's own records."""

from dataclasses import replace

import pytest
from purges import DAY, due, hold, page, purge
from store_contract import NOON

from watchfloor.contracts import NotFound
from watchfloor.ports.store import (
    PROBLEM,
    Alert,
    Approval,
    Deed,
    EventFilter,
    HotList,
    HotListEntry,
    KeptLog,
    KeptLook,
    NewDeadLetter,
    NewDelivery,
    NewOutgoing,
    Request,
    RequestEntry,
    Stream,
)
from watchfloor.retention import proof_document, proves


async def test_letters_and_webhooks_go_by_when_they_came(store, make, clock):
    letter = NewDeadLetter("lpr", "record", b"ZZT1234", "invalid", "no", "lpr/1", "1")
    await store.log.commit([make.batch(dead=[letter])])
    await store.inbox.accept([NewDelivery("lpr", "{}", b"ZZT1234")])
    clock.advance(60)
    await store.log.commit([make.batch(dead=[letter])])
    await store.inbox.accept([NewDelivery("lpr", "{}", b"ZZT1234")])
    for kind in ("dead-letter", "inbox"):
        stream = Stream("lpr", kind)
        assert stream in await store.purging.streams()
        assert await store.purging.due(due(stream), 10) == 1
        assert await purge(store, due(stream)) == (1, 0)
    assert len(await store.dead_letters.list(None, "waiting", None, 10)) == 1
    assert len(await store.inbox.waiting("lpr", 0, 10)) == 1
    receipts = await store.purging.finish()
    assert {receipt.stream.kind for receipt in receipts} == {"dead-letter", "inbox"}
    proof = proof_document(await store.receipts.deletion("lpr", "1", "dead-letter"))
    assert proves(proof, "lpr", "1", "dead-letter")
    assert not proves(proof, "lpr", "1")


async def raised(store, events=()):
    alert = Alert(
        0, "r", "hit", "high", "ZZT1234", "wanted", NOON, NOON, None, list(events), "cji", ["lpr"]
    )
    [made] = await store.alerts.raise_alerts("w", 1, [alert], [[NewOutgoing("desk", b"ZZT1234")]])
    return made


async def test_an_alert_goes_with_its_deliveries(store):
    made = await raised(store)
    assert await purge(store, due(Stream("", "alert"))) == (1, 0)
    with pytest.raises(NotFound):
        await store.alerts.alert(made.id)
    assert await store.alerts.deliveries(None, 10) == []


async def test_an_alert_stays_with_an_event_that_is_held(store, make):
    [committed] = await store.log.commit([make.batch([make.read("r1")])])
    await raised(store, [committed.recorded[0].seq])
    await store.holds.put(hold(keys=[["plate", "ZZT1234"]]))
    assert await purge(store, due(Stream("", "alert"))) == (0, 1)


async def test_what_an_alert_says_of_its_events_goes_with_the_last_of_them(store, make):
    """That it was raised, by what, and who did what then, stays for as long as alerts do."""
    reads = [make.read("r1"), make.read("r2", at=NOON + DAY)]
    [committed] = await store.log.commit([make.batch(reads)])
    made = await raised(store, [event.seq for event in committed.recorded])
    acted = replace(
        made, point=(-90.0, 30.0), dedupe="r#ZZT1234", state="closed",
        history=[{"at": NOON, "by": "ana", "did": "closed", "note": "ZZT1234 is found", "seq": 7}],
    )  # fmt: skip
    await store.alerts.change_alert(acted)
    assert await purge(store, due()) == (1, 0)
    await store.purging.finish()
    assert await store.alerts.alert(made.id) == acted, "one of them is there"

    assert await purge(store, due(before=NOON + 2 * DAY)) == (1, 0)
    await store.purging.finish()
    left = await store.alerts.alert(made.id)
    assert "ZZT1234" not in str(left)
    assert (left.title, left.point) == ("", None)
    assert (left.kind, left.state, left.raised, left.hot_list, left.events) == (
        acted.kind, acted.state, acted.raised, acted.hot_list, acted.events,
    )  # fmt: skip
    assert left.history == [{"at": NOON, "by": "ana", "did": "closed", "note": "", "seq": 7}]


async def test_what_an_alert_says_of_a_rule_stays(store):
    alert = Alert(0, "r", "hit", "high", "Rule", "failed", NOON, NOON, None, [1], "cji", ["lpr"],
                  dedupe=f"{PROBLEM}r#")  # fmt: skip
    [made] = await store.alerts.raise_alerts("w", 1, [alert], [[]])
    await store.purging.finish()
    assert await store.alerts.alert(made.id) == made


@pytest.mark.parametrize(
    "about",
    [
        {"keys": [["plate", "ZZT1234"]], "kinds": ["alert"]},
        {"keys": [["plate", "ZZT1234"]], "kinds": ["lpr"]},
        {"sources": ["lpr"], "since": NOON, "until": NOON + 1, "kinds": ["alert"]},
    ],
)
async def test_a_hold_may_name_the_alerts_kind_or_its_events(store, make, about):
    [committed] = await store.log.commit([make.batch([make.read("r1")])])
    await raised(store, [committed.recorded[0].seq])
    await store.holds.put(hold(**about))
    assert await purge(store, due(Stream("", "alert"))) == (0, 1)


async def test_a_hold_on_alerts_keeps_what_they_are_about_and_no_more(store, make):
    reads = [make.read("r1"), make.read("r2", at=NOON + 1)]
    [committed] = await store.log.commit([make.batch(reads, raw=page(1))])
    await raised(store, [committed.recorded[0].seq])
    await store.holds.put(hold(keys=[["plate", "ZZT1234"]], kinds=["alert"]))
    assert await purge(store, due()) == (1, 1)
    [left] = await store.index.find(EventFilter(), 10)
    assert left.id == "r1"
    assert (await store.log.lineage(left.seq)).raw.body == page(1).body
    assert await purge(store, due(Stream("", "alert"))) == (0, 1)


@pytest.mark.parametrize(
    "about",
    [
        {"keys": [["plate", "ZZOTHER"]], "kinds": ["alert"]},
        {"keys": [["plate", "ZZT1234"]], "kinds": ["request"]},
        {"sources": ["other"], "since": NOON, "until": NOON + 1, "kinds": ["alert"]},
    ],
)
async def test_a_hold_on_other_alerts_does_not_keep_it(store, make, about):
    [committed] = await store.log.commit([make.batch([make.read("r1")])])
    await raised(store, [committed.recorded[0].seq])
    await store.holds.put(hold(**about))
    assert await purge(store, due(Stream("", "alert"))) == (1, 0)


async def test_of_a_delivery_the_body_goes_and_what_became_of_it_stays(store):
    await raised(store)
    assert await purge(store, due(Stream("", "delivery"))) == (1, 0)
    [delivery] = await store.alerts.deliveries(None, 10)
    assert (delivery.body, delivery.state) == (b"", "given_up")
    assert await purge(store, due(Stream("", "delivery"))) == (0, 0)


async def test_who_opened_a_context_goes_when_its_time_is_up(store, clock):
    await store.ledger.note("context_opened", "ana", {"seqs": [1]})
    await store.ledger.note("other", "ana", {})
    assert await purge(store, due(Stream("", "context-note"))) == (1, 0)
    assert await store.ledger.notes("context_opened", 10) == []
    assert len(await store.ledger.notes("other", 10)) == 1


async def listed(store, *entries):
    await store.alerts.put_hot_list(HotList("stolen", "Stolen", "Records", "26-000123", NOON))
    await store.alerts.replace_entries("stolen", [HotListEntry(*each) for each in entries])


async def plates_listed(store):
    return [entry.plate async for _, some in store.alerts.entries() for entry in some]


async def test_entries_of_hot_lists_go_by_when_they_expired(store):
    await listed(
        store,
        ("ZZOLD1", "LA", "theft", NOON),
        ("ZZALWAYS", None, None, None),
        ("ZZOLD2", None, "theft", NOON + 1),
        ("ZZNEW", None, None, NOON + 500),
    )
    stream = Stream("", "hot-list-entry")
    assert stream in await store.purging.streams()
    assert await store.purging.due(due(stream), 10) == 2
    assert await purge(store, due(stream), limit=1) == (2, 0)
    assert await plates_listed(store) == ["ZZALWAYS", "ZZNEW"]
    [stolen] = await store.alerts.hot_lists()
    assert stolen.entries == 2
    [receipt] = await store.purging.finish()
    assert (receipt.count, receipt.oldest, receipt.newest) == (2, NOON, NOON + 1)
    proof = proof_document(await store.receipts.deletion("", "stolen/ZZOLD1", stream.kind))
    assert proves(proof, "", "stolen/ZZOLD1", stream.kind)
    assert await store.receipts.deletion("", "stolen/ZZNEW", stream.kind) is None


async def test_an_entry_for_a_plate_that_is_held_stays(store):
    await listed(store, ("ZZHELD", None, None, NOON), ("ZZGONE", None, None, NOON))
    await store.holds.put(hold(keys=[["plate", "ZZHELD"]]))
    assert await purge(store, due(Stream("", "hot-list-entry"))) == (1, 1)
    assert await plates_listed(store) == ["ZZHELD"]


async def request(store, case="26-000123", **more):
    made = Request(
        opened=NOON - DAY, opened_by="p-1", opener="ana", purpose="investigation",
        asked="Where was ZZT1234?", channel="phone", agency="north-so", case_number=case,
        requester="Det. Example", on_behalf_of_person="Sgt. Example", reason="A witness",
        history=(RequestEntry(NOON - DAY, "ana", "opened", "by phone"),), **more,
    )  # fmt: skip
    return await store.requests.add(made, 2026)


def done(at=NOON):
    return {"state": "done", "closed": at, "answer": "At ZZ Example St", "outcome": "found"}


async def test_the_words_of_a_closed_request_go_and_its_figures_stay(store):
    gone, new = await request(store, **done()), await request(store, **done(NOON + 500))
    still_open = await request(store)
    before = {*await store.requests.counted(0, NOON)}
    stream = Stream("", "request")
    assert await purge(store, due(stream), limit=1) == (1, 0)
    left = await store.requests.get(gone.id)
    assert "Example" not in repr(left)
    assert "ZZT1234" not in repr(left)
    assert (left.case_number, left.outcome, left.agency) == ("26-000123", "found", "north-so")
    assert [(each.by, each.did, each.note) for each in left.history] == [("ana", "opened", "")]
    assert {*await store.requests.counted(0, NOON)} == before
    assert await store.requests.get(new.id) == new
    assert await store.requests.get(still_open.id) == still_open
    assert await store.purging.due(due(stream), 10) == 0, "nothing is deleted twice"
    await store.purging.finish()
    proof = proof_document(await store.receipts.deletion("", gone.id, "request"))
    assert proves(proof, "", gone.id, "request")


async def test_what_is_said_of_a_request_whose_texts_are_gone_has_its_own_time(store):
    made = await request(store, **done())
    stream = Stream("", "request")
    await purge(store, due(stream))
    await store.requests.change(made.id, lambda it: replace(it, answer="Found after all"))
    assert await store.purging.due(due(stream), 10) == 1


async def test_a_request_of_a_case_that_is_held_stays(store):
    held = await request(store, **done())
    await request(store, case="26-000999", **done())
    await store.holds.put(hold(keys=[["report", "26-000123"]]))
    assert await purge(store, due(Stream("", "request"))) == (1, 1)
    assert await store.requests.get(held.id) == held


async def test_what_a_deed_handed_over_goes_and_that_it_was_done_stays(store):
    asked = Deed("d-1", "cad", "note", {"plate": "ZZT1234"}, "ana", NOON)
    await store.deeds.begin(asked)
    stream = Stream("cad", "deed")
    assert stream in await store.purging.streams()
    assert await purge(store, due(stream)) == (0, 0), "it is under way"
    await store.deeds.settle(replace(asked, outcome="done", detail="ZZT1234 noted", done=NOON + 1))
    assert await purge(store, due(stream)) == (1, 0)
    left = await store.deeds.get("d-1")
    assert (left.parameters, left.detail) == ({}, None)
    assert (left.action, left.requested_by, left.outcome) == ("note", "ana", "done")
    assert await purge(store, due(stream)) == (0, 0)


async def test_rows_of_a_vendors_log_go_unless_their_case_is_held(store):
    log = KeptLog(id="alpr", until=NOON, compared=NOON, tried=NOON, rows=0, fields=["user"])
    rows = [
        KeptLook(
            id=f"alpr/{case}", source="alpr", at=NOON, pulled=NOON, user="sim-user",
            organisation=None, case_number=case, record=None, key=None, says=["user"], sealed={},
        )
        for case in ("C-1", "C-2")
    ]  # fmt: skip
    await store.vendor_side.keep(rows, log)
    await store.holds.put(hold(keys=[("report", "C-2")]))
    stream = Stream("alpr", "vendor-look")
    assert stream in await store.purging.streams()
    assert await purge(store, due(stream)) == (1, 1)
    [left] = await store.vendor_side.looks("alpr", NOON, NOON + 1)
    assert left.case_number == "C-2"


async def test_what_a_second_person_was_asked_goes_and_the_answer_stays(store):
    asked = Approval(
        id="A-1", subject="data", digest="0" * 64, what="Search for ZZT1234", why="A witness",
        asked=NOON, asked_by="p-1", asker="ana", expires=NOON + 500, answer="granted",
        answered=NOON + 1, answered_by="p-2", answerer="ben", note="Go on",
        shown="when: data.plate == 'ZZT1234'",
    )  # fmt: skip
    await store.approvals.add(asked, NOON)
    assert await purge(store, due(Stream("", "approval"))) == (1, 0)
    left = await store.approvals.get("A-1")
    assert left == replace(asked, what="", why="", note="", shown="")
    assert await purge(store, due(Stream("", "approval"))) == (0, 0)
