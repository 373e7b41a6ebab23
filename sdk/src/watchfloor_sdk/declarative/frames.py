"""Where a mapping's parts stand, and what is the same for all records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from watchfloor.contracts import Handling

from .plan import SourceFile
from .shapes import Shape

At = tuple[str | int, ...]


class Wrong(ValueError):
    """The mapping file is wrong ``at`` this part of it."""

    def __init__(self, at: At, what: str) -> None:
        super().__init__(what)
        self.at = at


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is the same for all records of a source."""

    file: SourceFile
    settings: Mapping[str, Any]
    source: str
    handling: Handling
    dotted: bool = True
    """Whether dots in a path lead into parts; names of CSV columns may have dots in them."""


@dataclass(frozen=True, slots=True)
class Frame:
    """An object that paths start from: the name of the variable and what is read of it."""

    variable: str
    shape: Shape
    top: bool = True
