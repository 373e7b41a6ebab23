"""The demo's city says who lives where; a real one never does."""

from __future__ import annotations

import json
from dataclasses import replace

from watchfloor.transparency import distribution, points_of, read_districts, read_population
from watchfloor_city.demo.residents import districts, population

SPAN = ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z")


def test_the_hub_takes_what_the_city_gives_and_finds_its_cameras_there(city):
    there = read_districts(json.dumps(districts(city)).encode())
    standing = points_of(
        {"geometry": {"type": "Point", "coordinates": each.point}} for each in city.assets
    )
    spread = distribution(there, read_population(population(city)), standing, [], SPAN)
    assert {row.district for row in spread.items} == {area.name for area in city.areas}
    assert spread.together.devices.count > len(city.assets) / 2


def test_nobody_is_made_up_who_would_live_in_a_real_city(city):
    assert districts(replace(city, origin="New Orleans")) is None
