"""Flock's names of states (v3, schema ``State``) and ISO 3166-2.

Every state of the United States, the District of Columbia and Puerto Rico: full names in lower
case, words joined by underscores.
"""

from __future__ import annotations

from watchfloor_sdk import NotAsked

REGIONS = {
    "alabama": "US-AL", "alaska": "US-AK", "arizona": "US-AZ", "arkansas": "US-AR",
    "california": "US-CA", "colorado": "US-CO", "connecticut": "US-CT", "delaware": "US-DE",
    "washington_dc": "US-DC", "florida": "US-FL", "georgia": "US-GA", "hawaii": "US-HI",
    "idaho": "US-ID", "illinois": "US-IL", "indiana": "US-IN", "iowa": "US-IA", "kansas": "US-KS",
    "kentucky": "US-KY", "louisiana": "US-LA", "maine": "US-ME", "maryland": "US-MD",
    "massachusetts": "US-MA", "michigan": "US-MI", "minnesota": "US-MN", "mississippi": "US-MS",
    "missouri": "US-MO", "montana": "US-MT", "nebraska": "US-NE", "nevada": "US-NV",
    "new_hampshire": "US-NH", "new_jersey": "US-NJ", "new_mexico": "US-NM", "new_york": "US-NY",
    "north_carolina": "US-NC", "north_dakota": "US-ND", "ohio": "US-OH", "oklahoma": "US-OK",
    "oregon": "US-OR", "pennsylvania": "US-PA", "rhode_island": "US-RI",
    "south_carolina": "US-SC", "south_dakota": "US-SD", "tennessee": "US-TN", "texas": "US-TX",
    "utah": "US-UT", "vermont": "US-VT", "virginia": "US-VA", "washington": "US-WA",
    "west_virginia": "US-WV", "wisconsin": "US-WI", "wyoming": "US-WY", "puerto_rico": "US-PR",
}  # fmt: skip
"""Flock's name → ISO 3166-2."""
_STATES = {region: name for name, region in REGIONS.items()}


def to_region(state: str | None) -> str | None:
    """``new_york`` is ``US-NY``; ``None`` for what is no state of Flock's."""
    return REGIONS.get(state.strip().lower()) if state else None


def to_state(region: str) -> str:
    """``US-NY`` is ``new_york``. Raises ``NotAsked`` (code ``unknown_state``)."""
    state = _STATES.get(region.strip().upper())
    if state is None:
        raise NotAsked(
            "Flock knows no such state.",
            code="unknown_state",
            remedy="Write it as ISO 3166-2 does: US-KS.",
        )
    return state
