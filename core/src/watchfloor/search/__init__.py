"""Search: one box over everything the hub holds, streamed, with a status per source."""

from .finding import fields_of, within
from .gazetteer import Gazetteer
from .query import Chip, Circle, Parser, Polygon, Query
from .reach import Reach, is_narrow
from .service import Begun, Search, describe_gap

__all__ = [
    "Begun",
    "Chip",
    "Circle",
    "Gazetteer",
    "Parser",
    "Polygon",
    "Query",
    "Reach",
    "Search",
    "describe_gap",
    "fields_of",
    "is_narrow",
    "within",
]
