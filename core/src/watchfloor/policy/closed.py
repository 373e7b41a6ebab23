"""What a permit does not open, in words: whoever finds nothing must not take it for nothing there.
They follow from who asks and what for alone, and are the same whether or not there is anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from watchfloor.contracts import BY_TYPE
from watchfloor.ports.store import Scope

from .agencies import Agency
from .asked import Asked


def closed_to(asked: Asked, scope: Scope, owners: Iterable[Agency]) -> str:
    """Of the data that is asked for; nothing where all of it is open. ``owners`` are the agencies
    whose data are left out."""
    if not asked.reads_data:
        return ""
    said = [*_of_class(asked, scope), *_of_types(scope), *_of_sources(scope, owners)]
    return " ".join([*said, "None seen does not mean that there is none."]) if said else ""


def _of_class(asked: Asked, scope: Scope) -> Iterator[str]:
    what = "hits from NCIC and other criminal justice information are not shown"
    if "cji" not in scope.without_handling:
        return
    if asked.is_certified("ncic"):
        yield f"No exchange agreement with {_name(asked.asker)} is on file: {what} for it."
    else:
        yield f"Your NCIC training is not valid: {what} to you."


def _of_types(scope: Scope) -> Iterator[str]:
    hidden = sorted(f"{BY_TYPE[each].name}s" for each in scope.without_types if each in BY_TYPE)
    if hidden:
        yield f"By the agency's policy you are not shown: {', '.join(hidden)}."


def _of_sources(scope: Scope, owners: Iterable[Agency]) -> Iterator[str]:
    if names := sorted(map(_name, owners)):
        yield f"By the agency's policy you are not shown what these share: {', '.join(names)}."
    if scope.only_sources is not None:
        yield "This purpose opens invented data alone."


def _name(agency: Agency) -> str:
    return agency.name or agency.id
