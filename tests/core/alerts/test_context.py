"""An alert's context: what was near, computed when opened, recorded, with its gaps said."""

import msgspec
import pytest
from alert_hub import HERE, NOON, call, event, gunshot, place, read

from watchfloor.contracts import AskAPerson, WatchfloorError
from watchfloor.ports.store import Instance

ANN = "Ann Analyst"
MINUTE = 60_000_000


def north(metres):
    return (HERE[0], HERE[1] + metres / 111_195)


def unit(name, metres, at, **more):
    data = {"vehicle": f"car-{name}", "unit": name, "place": place(north(metres)), **more}
    return event("vehicle.position.v1", data, at=at)


def camera(id, metres, **more):
    geometry = {"type": "Point", "coordinates": list(north(metres))}
    return {"id": id, "source": "reg", "kind": "camera", "name": id, "geometry": geometry, **more}


@pytest.fixture
async def shot(sqlite_hub):
    """A gunshot at noon with things around it; it is two hours later now."""
    hub = sqlite_hub
    await hub.store.instances.put(Instance("src", "city", "City", {}, synthetic=True))
    await hub.open()
    cameras = [
        camera("toward", -100, field_of_view={"heading_deg": 0, "angle_deg": 60}),
        camera("away", -200, field_of_view={"heading_deg": 180}),
        camera("short", -150, field_of_view={"heading_deg": 0, "range_m": 50}),
        camera("blind", 50),
        camera("far", 400),
        {"id": "nowhere", "source": "reg", "kind": "camera", "name": "nowhere"},
    ]
    await hub.store.assets.put("reg", cameras, True, None)
    await hub.route(
        gunshot(),
        read("ZZT0001", point=north(100), at=-300),
        unit("U-1", 250, -60),
        unit("U-1", 20, 30),
        unit("U-2", 200, 500),
        unit("U-3", 500, 0),
        event("vehicle.position.v1", {"vehicle": "bus", "place": place()}, at=1),
        event("cad.unit-status.v1", {"unit": "U-4", "status": "Enroute", "place": place()}, at=9),
        call(),
    )
    hub.clock.advance(7200)
    return hub


async def test_units_and_cameras_within_reach_and_time(shot):
    context = await shot.alerts.context(1, ANN)
    assert context.status == "ok"
    assert context.units[0].event.synthetic
    assert [round(n.distance_m) for n in context.units] == [0, 20, 200]
    assert round(context.units[1].bearing_deg) in (0, 360)
    assert [(n.event.headline[:3], n.offset_s) for n in context.units] == [
        ("U-4", 9.0), ("U-1", 30.0), ("U-2", 500.0),
    ]  # fmt: skip
    assert [(c.id, c.faces) for c in context.cameras] == [
        ("blind", None), ("toward", True), ("short", False), ("away", False),
    ]  # fmt: skip


async def test_other_peoples_plates_are_searched_for_as_ever(shot):
    """For a purpose, and by two where they are many: here is only the line."""
    context = await shot.alerts.context(1, ANN)
    assert b"ZZT" not in msgspec.json.encode(context)
    assert context.search == (
        f"kind:read near:{HERE[0]:.6f},{HERE[1]:.6f} 300m"
        " since:2026-05-02T11:50:00.000Z until:2026-05-02T12:10:00.000Z"
    )


async def test_who_opened_it_is_recorded_without_plates(shot):
    await shot.alerts.context(1, ANN)
    await shot.alerts.context(1, "Ben Supervisor")
    notes = await shot.store.ledger.notes("context_opened", 10)
    assert [note["who"] for note in notes] == ["Ben Supervisor", ANN]
    assert notes[0]["what"] == {
        "alert": 1,
        "counts": {"units": 3, "cameras": 4},
        "seqs": {"units": [8, 4, 5]},
    }
    assert b"ZZT" not in msgspec.json.encode(notes)


async def test_nothing_of_it_is_copied_into_the_alert(shot):
    before = await shot.alerts.get(1)
    await shot.alerts.context(1, ANN)
    assert await shot.alerts.get(1) == before
    assert b"ZZT" not in msgspec.json.encode(before)


async def test_what_cannot_be_recorded_is_not_answered(shot, monkeypatch):
    async def broken(*_):
        raise AskAPerson("Nothing can be written.", code="disk_full")

    monkeypatch.setattr(shot.store.ledger, "note", broken)
    with pytest.raises(AskAPerson, match="written"):
        await shot.alerts.context(1, ANN)


async def test_a_gap_in_the_window_is_said(shot):
    await shot.store.gaps.open("lpr", NOON - 20 * MINUTE, "The vendor did not answer.")
    await shot.store.gaps.close("lpr", NOON - 5 * MINUTE, filled=False)
    await shot.store.gaps.open("cad", NOON + 11 * MINUTE, "Later.")
    context = await shot.alerts.context(1, ANN)
    assert context.status == "gap"
    assert [(g.source, g.start, g.end, g.reason) for g in context.gaps] == [
        ("lpr", "2026-05-02T11:40:00.000Z", "2026-05-02T11:55:00.000Z",
         "The vendor did not answer."),
    ]  # fmt: skip


async def test_while_the_window_is_not_over_that_is_said(shot):
    shot.clock.advance(-7200 + 300)
    assert (await shot.alerts.context(1, ANN)).status == "running"


async def test_around_a_hit_no_reads_are_searched_for_by_default(shot):
    from watchfloor.ports.store import HotListEntry

    await shot.hot_list("stolen", HotListEntry("ZZT1234", None, None, None))
    *_, alert = await shot.route(read(point=north(1)))
    context = await shot.alerts.context(alert.id, ANN)
    assert context.search is None
    assert len(context.units) == 3
    listed = shot.alerts.rules.get("hot-list-hit").rule.document
    await shot.rule(listed.replace("[units, cameras]", "[reads]"))
    context = await shot.alerts.context(alert.id, ANN)
    assert context.search.startswith("kind:read near:")
    assert (context.units, context.cameras) == (None, None)


async def test_more_than_can_be_shown_is_said_to_be_cut(shot, monkeypatch):
    from watchfloor.alerts import context as module

    monkeypatch.setattr(module, "AT_MOST", 1)
    context = await shot.alerts.context(1, ANN)
    assert context.cut == ["units"]


async def test_no_context_without_a_rule_for_it_a_place_or_an_alert(shot):
    await shot.rule("{id: plain, title: P, severity: low, kinds: [call]}")
    await shot.route(gunshot("G-7", place={"address": "somewhere"}), call("C-9"))
    ids = {alert.title.partition(":")[0]: alert.id for alert in (await shot.all())[1:]}
    refused = {ids["Gunshot detected"]: "no_place", ids["P"]: "no_correlation", 99: "not_found"}
    for number, error in refused.items():
        with pytest.raises(WatchfloorError) as raised:
            await shot.alerts.context(number, ANN)
        assert raised.value.code == error
    assert await shot.store.ledger.notes("context_opened", 10) == []
