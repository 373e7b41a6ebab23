"""Who is watched more than others can be seen."""

import json

import pytest
from store_contract import NOON, Make

from watchfloor.adapters.clock import SettableClock
from watchfloor.adapters.sqlite import SqliteStore
from watchfloor.contracts import AskAPerson
from watchfloor.ports.store import Alert
from watchfloor.transparency import (
    Technology,
    about,
    alert_points,
    distribution,
    distribution_csv,
    points_of,
    read_districts,
    read_population,
    supplied,
)


def square(west, *holes):
    ring = [[west, 0], [west + 1, 0], [west + 1, 1], [west, 1], [west, 0]]
    return {"type": "Polygon", "coordinates": [ring, *holes]}


def geojson(**districts):
    features = [
        {"type": "Feature", "properties": {"name": name}, "geometry": geometry}
        for name, geometry in districts.items()
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


POPULATION = read_population("name,population\nNorth,1000\nSouth,3000\n")
DISTRICTS = read_districts(geojson(North=square(0), South=square(1)))


SPAN = ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z")
NORTH, SOUTH, ELSEWHERE = (0.5, 0.5), (1.5, 0.5), (9, 9)


def spread(devices=(), alerts=()):
    return distribution(DISTRICTS, POPULATION, devices, alerts, SPAN)


def test_rate_per_ten_thousand_and_how_it_compares():
    found = spread([NORTH] * 6 + [SOUTH] * 2 + [ELSEWHERE])
    assert [each.district for each in found.items] == ["North", "South"]
    north, south = (each.devices for each in found.items)
    assert (north.count, north.per_10000, north.times) == (6, 60.0, 3.0)
    assert (south.per_10000, south.times) == (6.67, 0.33)
    assert (found.together.devices.count, found.together.devices.per_10000) == (8, 20.0)
    assert (found.outside.devices.count, found.outside.devices.per_10000) == (1, None)


def test_few_alerts_are_not_shown_nor_to_be_worked_out_from_the_rest():
    found = spread(alerts=[NORTH] * 2 + [SOUTH] * 9 + [ELSEWHERE] * 3)
    south, north = sorted((each.alerts for each in found.items), key=lambda each: each.count)[::-1]
    assert (north.count, north.per_10000, north.times) == ("<5", None, None)
    assert (south.count, south.per_10000, south.times) == ("withheld", None, None)
    assert (found.together.alerts.count, found.outside.alerts.count) == (11, "<5")


def test_alerts_of_whom_there_are_enough_have_their_rate():
    found = spread(alerts=[NORTH] * 6 + [SOUTH] * 6)
    times = {each.district: each.alerts.times for each in found.items}
    assert times == {"North": 2.0, "South": 0.67}


def test_a_hole_belongs_to_nobody():
    hole = [[0.4, 0.4], [0.6, 0.4], [0.6, 0.6], [0.4, 0.6], [0.4, 0.4]]
    districts = read_districts(geojson(North=square(0, hole)))
    found = distribution(districts, {"North": 10}, [NORTH], [], SPAN)
    assert (found.items[0].devices.count, found.outside.devices.count) == (0, 1)


def test_a_district_without_a_population_is_refused():
    with pytest.raises(AskAPerson, match="South"):
        distribution(DISTRICTS, {"North": 1}, [], [], SPAN)


def test_what_is_missing_is_named_with_where_it_goes(tmp_path):
    (tmp_path / "districts.geojson").write_bytes(geojson(North=square(0)))
    with pytest.raises(AskAPerson) as asked:
        supplied(tmp_path)
    assert asked.value.code == "no_districts"
    assert "population.csv is missing" in asked.value.remedy
    (tmp_path / "population.csv").write_text("name,population\nNorth,10\n")
    districts, population = supplied(tmp_path)
    assert ([each.name for each in districts], population) == (["North"], {"North": 10})


def test_the_sheet_has_a_line_a_district_and_all_of_them_together():
    rows = distribution_csv(spread([NORTH] * 6 + [SOUTH] * 2)).splitlines()
    assert rows[0].split(",")[:3] == ["district", "residents", "devices"]
    assert [row.split(",")[0] for row in rows[1:]] == [
        "North", "South", "outside of all districts", "all districts",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["", "name,people\nNorth,1", "name,population\nNorth,many"])
def test_a_population_that_is_none_is_refused(text):
    if text:
        with pytest.raises(AskAPerson):
            read_population(text)
    else:
        assert read_population(text) == {}


def test_a_population_as_excel_writes_it_is_read(tmp_path):
    (tmp_path / "districts.geojson").write_bytes(geojson(North=square(0)))
    (tmp_path / "population.csv").write_text("name,population\nNorth,10\n", "utf-8-sig")
    assert supplied(tmp_path)[1] == {"North": 10}


async def test_alerts_of_training_sources_are_not_among_those_of_the_streets(tmp_path):
    store = SqliteStore(tmp_path / "hub.sqlite", SettableClock(NOON))
    await store.open()
    seqs = []
    for source in ("drill", "lpr"):
        [done] = await store.log.commit([Make.batch([Make.read("r1")], source=source)])
        seqs.append(done.recorded[0].seq)
    gone = max(seqs) + 1
    alerts = [
        Alert(
            0, "r", "hit", "high", "Hit", "wanted", NOON, NOON, (number, 0), [seq], "cji", ["lpr"]
        )
        for number, seq in enumerate((*seqs, gone))
    ]
    await store.alerts.raise_alerts("w", 1, alerts, [[] for _ in alerts])
    assert sorted(await alert_points(store, NOON, NOON + 1, {"drill"})) == [(1, 0), (2, 0)]
    assert len(await alert_points(store, NOON, NOON + 1, ())) == 3
    await store.close()


def technology(source, synthetic, in_use=True):
    return Technology(
        source=source, name=source, vendor="Example", connector="c", version="1", in_use=in_use,
        synthetic=synthetic, data=f"Data of {source}", legal_basis="", retention_days=30,
        events=[], lookups=[], actions=[], devices={"camera": 1}, approved_by="", approved_at="",
    )  # fmt: skip


@pytest.mark.parametrize("in_use", [True, False])
def test_the_public_page_leaves_training_sources_out_beside_real_ones(in_use):
    said = about("ex-pd", "UTC", [technology("lpr", False, in_use), technology("drill", True)])
    assert [each.name for each in said.systems] == ["lpr"] * in_use


def test_of_a_hub_for_training_alone_the_public_page_says_what_it_has():
    said = about("ex-pd", "UTC", [technology("drill", True)])
    [drill] = said.systems
    assert (drill.retention_days, drill.detected, drill.devices) == (
        30,
        "Data of drill",
        {"camera": 1},
    )


def test_only_what_stands_at_a_point_counts():
    assets = [{"geometry": {"type": "Point", "coordinates": [1, 2, 3]}}, {"geometry": None}, {}]
    assert list(points_of(assets)) == [(1, 2)]
