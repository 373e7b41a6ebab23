"""Who lives where in a made-up city: what an agency gives its hub to see how cameras are spread.

There is none for real cities: a made-up number of residents would say something of a real place.
"""

from __future__ import annotations

from typing import Any

from watchfloor_city import SYNTHETIC, City
from watchfloor_city.chance import stream

LEAST, MOST = 1800, 9600
"""Residents of a neighbourhood."""


def districts(city: City) -> dict[str, Any] | None:
    """The neighbourhoods as GeoJSON; none of a real city."""
    if city.origin != SYNTHETIC:
        return None
    areas = [each for each in city.basemap()["features"] if each["properties"]["layer"] == "area"]
    return {"type": "FeatureCollection", "features": areas}


def population(city: City) -> str:
    """``name,population``, as a sheet."""
    rng = stream(city.name, "residents")
    rows = [f"{area.name},{rng.randrange(LEAST, MOST)}" for area in city.areas]
    return "\n".join(["name,population", *rows]) + "\n"
