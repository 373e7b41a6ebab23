"""The weekly review: what is found waits for somebody who had no part in it, and is signed off."""

from __future__ import annotations

import asyncio
import json
import shutil
from dataclasses import replace

import pytest
from msgspec import structs
from overseen import person
from typer.testing import CliRunner

from watchfloor.audit import ATTEMPT, Where, decode, encode, frames
from watchfloor.cli.app import app
from watchfloor.contracts import NotFound, Refused, WatchfloorError
from watchfloor.identity import Role
from watchfloor.oversight import DAY, agrees, drawn, how_many

UNTIED = {"case_number": None, "call_number": None, "provisional": True}


@pytest.fixture
async def finding(floor, ana):
    """One plate for the third time without a case."""
    for _ in range(3):
        assert await floor.asks(ana, "ZZT1234", **UNTIED) is None
    [item] = await floor.oversight.sweep()
    return item


async def recorded(floor, event):
    return [each.entry for each in (await floor.log.read(Where(event=event))).items]


async def test_what_came_through_the_door_is_found_and_recorded(floor, finding):
    assert (finding.why, finding.handle) == ("repeated_target", "ana")
    assert finding.words == "Looked up the same plate 3 times without an open case or call."
    [entry] = await recorded(floor, "finding.raised")
    assert entry.object.id == finding.id
    assert entry.more["records"] == " ".join(map(str, finding.records))
    assert "ZZT1234" not in repr(finding)
    assert "ana" not in repr(entry.more)


async def test_a_look_that_came_to_nothing_is_one_look(floor, ana):
    for _ in range(2):
        await floor.asks(ana, "ZZT1234", **UNTIED)
    newest = (await recorded(floor, "search.asked"))[0]
    ended = structs.replace(newest, id="end", outcome="denied", more={ATTEMPT: newest.id})
    await floor.log.record(ended)
    assert await floor.found() == {}


async def test_a_finding_is_raised_once_and_grows_until_it_is_signed(floor, ana, auditor, finding):
    await floor.asks(ana, "ZZT1234", **UNTIED)
    assert await floor.oversight.sweep() == []
    [grown] = await floor.oversight.reviews(auditor, "waiting")
    assert len(grown.records) == 4
    await floor.oversight.sign(auditor, finding.id, "misuse", "Told the chief.")
    await floor.asks(ana, "ZZT1234", **UNTIED)
    await floor.oversight.sweep()
    [kept] = await floor.oversight.reviews(auditor, "signed")
    assert len(kept.records) == 4


async def test_what_comes_after_a_sign_off_waits_for_another(floor, ana, auditor, finding):
    """Whoever was signed for on Monday is seen until Sunday; what was signed is not asked again."""
    await floor.oversight.sign(auditor, finding.id, "in_order", "Read the file.")
    assert await floor.oversight.sweep() == []
    for _ in range(2):
        await floor.asks(ana, "ZZT1234", **UNTIED)
    [again] = await floor.oversight.sweep()
    assert (again.why, len(again.records)) == ("repeated_target", 2)
    assert not set(again.records) & set(finding.records)
    assert again.words == (
        "Looked up the same plate 5 times without an open case or call."
        f" 2 of these since {finding.id} was signed."
    )
    await floor.asks(ana, "ZZT1234", **UNTIED)
    assert await floor.oversight.sweep() == []
    [grown] = await floor.oversight.reviews(auditor, "waiting")
    assert (grown.id, len(grown.records)) == (again.id, 3)
    await floor.oversight.sign(auditor, again.id, "misuse", "Told the chief.")
    assert await floor.oversight.sweep() == []
    await floor.asks(ana, "ZZT1234", **UNTIED)
    [third] = await floor.oversight.sweep()
    assert len(third.records) == 1
    assert len({finding.id, again.id, third.id}) == 3


async def test_of_two_sweeps_at_once_one_finds_it_and_draws(floor, ana):
    """The hourly one and somebody's, who does not wait for it."""
    for _ in range(3):
        await floor.asks(ana, "ZZT1234", **UNTIED)
    await floor.week_passes()
    first, second = await asyncio.gather(floor.oversight.sweep(), floor.oversight.sweep())
    assert {each.why for each in first} == {"repeated_target", "sample"}
    assert second == []
    for event in ("finding.raised", "review.opened"):
        assert len(await recorded(floor, event)) == 1


async def test_a_week_is_drawn_from_once(floor, ana):
    await floor.asks(ana, "ZZT1234", **UNTIED)
    await floor.week_passes()
    await floor.oversight.sweep()
    [week] = [each.object.id for each in await recorded(floor, "review.opened")]
    drawn = await floor.book.draw(week)
    with pytest.raises(WatchfloorError):
        await floor.book.drawn(replace(drawn, root="00"), [])
    assert await floor.book.draw(week) == drawn


async def test_the_records_stand_with_the_review(floor, finding):
    records = await floor.oversight.records(finding)
    assert {each.entry.subject.key for each in records} != set()
    assert [each.index for each in records] == list(finding.records)


@pytest.mark.parametrize(
    ("who", "code"),
    [
        (person("ana", Role.SUPERVISOR), "own_review"),
        (person("ana", Role.AUDITOR), "own_review"),
        (person("sam", Role.SUPERVISOR), "same_chain"),
        (person("new", Role.SUPERVISOR), "same_chain"),
        (person("dee", Role.SUPERVISOR), None),
        (person("kim", Role.SUPERVISOR, agency="next-pd"), None),
        (person("aud", Role.AUDITOR), None),
    ],
)
async def test_nobody_reviews_themselves_or_their_own_chain(floor, finding, who, code):
    """A supervisor who is in no team is in one with everybody of their agency."""
    seen = await floor.oversight.reviews(who, "waiting")
    if code is None:
        signed = await floor.oversight.sign(who, finding.id, "in_order", "Read the file.")
        assert (signed.reviewer, signed.verdict) == (who.handle, "in_order")
    else:
        assert seen == []
        with pytest.raises(Refused) as refused:
            await floor.oversight.sign(who, finding.id, "in_order", "All fine.")
        assert refused.value.code == code
    [entry] = await recorded(floor, "review.signed")
    assert (entry.outcome, entry.operator.handle) == ("denied" if code else "done", who.handle)


@pytest.mark.parametrize("who", [person("dee", Role.SUPERVISOR), person("kim", agency="next-pd")])
async def test_of_whom_nobody_knows_the_auditor_alone_reviews(floor, auditor, finding, who):
    """Whoever searched at the vendor under that name may be the one who would sign."""
    past = replace(finding, id="V-past", why="past_the_hub", person="", handle="u-7", agency="")
    await floor.oversight.queue([past])
    assert "V-past" not in {each.id for each in await floor.oversight.reviews(who, "waiting")}
    with pytest.raises(Refused) as refused:
        await floor.oversight.sign(who, "V-past", "in_order", "All fine.")
    assert refused.value.code == "person_unknown"
    signed = await floor.oversight.sign(auditor, "V-past", "misuse", "Asked the vendor who it is.")
    assert signed.reviewer == auditor.handle


async def test_a_sign_off_stands(floor, auditor, finding):
    await floor.oversight.sign(auditor, finding.id, "unclear", "Asked for the file.")
    with pytest.raises(Refused, match="signed this review already"):
        await floor.oversight.sign(auditor, finding.id, "in_order", "Never mind.")


async def test_overdue_is_shown(floor, auditor, finding):
    """Due at the end of the week after."""
    floor.clock.advance((finding.due - floor.clock.now()) / 1e6)
    assert (await floor.oversight.standing()).overdue == 0
    floor.clock.advance(1)
    standing = await floor.oversight.standing()
    assert (standing.waiting, standing.overdue, standing.oldest_due) == (1, 1, finding.due)
    [late] = await floor.oversight.reviews(auditor, "overdue")
    assert late.id == finding.id


async def test_of_a_week_that_is_over_some_are_drawn_and_anybody_draws_the_same(floor, auditor):
    people = [person(name) for name in ("ana", "ben", "cat")]
    for n in range(12):
        await floor.asks(people[n % 3], f"ZZ{n:05}", request=f"R-26-{n:06}")
    await floor.week_passes()
    samples = [item for item in await floor.oversight.sweep() if item.why == "sample"]
    assert len(samples) == 3
    drawings = await recorded(floor, "review.opened")
    [said] = [each.more for each in drawings if each.more["looks"]]
    indices = [each.index for each in (await floor.log.read(Where(event="search.asked"))).items]
    chosen = [int(index) for index in said["records"].split()]
    assert agrees(said["root"], indices, chosen)
    assert not agrees("00" * 32, indices, chosen), "another root draws others"
    assert sorted(n for item in samples for n in item.records) == chosen
    assert said["reviews"].split() == [item.id for item in samples]
    assert [i for i in await floor.oversight.sweep() if i.why == "sample"] == [], "once a week"


async def test_lots_are_drawn_again_from_a_copy_of_the_log_alone(floor, tmp_path):
    for n in range(8):
        await floor.asks(person("ana"), f"ZZ{n:05}", request=f"R-26-{n:06}")
    await floor.week_passes()
    await floor.oversight.sweep()
    copy = shutil.copytree(tmp_path / "audit-copy", tmp_path / "handed-out")
    again = CliRunner().invoke(app, ["oversight", "redraw", "--log", str(copy)])
    assert (again.exit_code, again.output) == (0, "2026-W47  3 of 8 look-ups: drawn rightly\n")
    [records] = (copy / "records").glob("*.log")
    kept = [line for line in records.read_bytes().splitlines(True) if not line.startswith(b"9\t")]
    [made] = [frames.parse(line.rstrip()) for line in kept if b"review.opened" in line]
    chosen = next(n for n in range(8) if f"{n}" not in decode(made.entry).more["records"].split())
    wrong = decode(made.entry)
    wrong.more["records"] = f"{chosen} 6 7"
    lines = [frames.frame(n, encode(wrong))[0] if n == made.index else line
             for n, line in enumerate(kept)]  # fmt: skip
    records.write_bytes(b"".join(lines))
    found = CliRunner().invoke(app, ["oversight", "redraw", "--log", str(copy), "--json"])
    assert found.exit_code == 1
    assert json.loads(found.output)["agrees"] is False


def test_one_per_cent_and_at_least_so_many_are_drawn():
    assert (how_many(2, 5), how_many(100, 5), how_many(901, 5)) == (2, 5, 10)
    assert drawn("ab", range(100), 5) == sorted(set(drawn("ab", reversed(range(100)), 5)))


async def test_staff_register_their_own_and_the_value_is_kept_nowhere(floor, ana, tmp_path):
    mine = await floor.oversight.register(ana, "plate", "zzt-9", "self")
    await floor.asks(ana, "ZZT9", case_number="26-004711", checked="rms")
    await floor.asks(person("ben"), "ZZT9", case_number="26-004711", checked="rms")
    assert set(await floor.found()) == {"self_lookup", "colleague_lookup"}
    with pytest.raises(NotFound):
        await floor.oversight.forget(person("ben"), mine.id)
    await floor.oversight.forget(ana, mine.id)
    assert await floor.oversight.registered(ana) == []
    assert not any(b"ZZT9" in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())


async def test_a_reason_is_opened_for_the_week_that_is_judged_alone(floor, ana):
    await floor.asks(ana, "ZZT1", reason="protest at the church", **UNTIED)
    assert "terms" in await floor.found()
    await floor.week_passes()
    floor.clock.advance(DAY / 1e6)
    await floor.asks(ana, "ZZT2", reason="stolen trailer at the harbor", **UNTIED)
    assert "terms" not in {
        item.why for item in await floor.oversight.sweep() if item.week.endswith("48")
    }
