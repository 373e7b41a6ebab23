"""Values that take more than a path: tables, units, lists, objects, places."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from msgspec import inspect

from watchfloor.contracts import GiveUp, Place
from watchfloor_sdk.mapping import Bounds

from . import places, values
from .fields import Field, Table, Value, Where
from .frames import At, Frame, Wrong
from .reading import ANY, TEXT, Paths
from .shapes import Shape
from .targets import Reading, Type, strict, wanted

Tree = dict[str, Any]
"""Target names to fields, or to trees of the parts that dots lead into."""


class Values(Paths, ABC):
    """Writes the expressions that make a value of what was read."""

    _names_errors = True

    @abstractmethod
    def _target(self, said: Any, type_: Type, frame: Frame, at: At) -> str:
        """A name for an object of the contract, or a value."""

    # --- Values ------------------------------------------------------------------------------

    def _field(self, said: Field, type_: Type, frame: Frame, at: At) -> str:
        """A name for the value, converted to the type."""
        with self._naming(at):
            return self._converted(said, type_, frame, at)

    @contextmanager
    def _naming(self, at: At) -> Iterator[None]:
        """What is refused in here is refused in the name of the field. The outermost one counts."""
        if not self._names_errors:
            yield
            return
        self._names_errors = False
        with self._code.block("try"):
            yield
        self._names_errors = True
        with self._code.block(f"except {self._code.bind(GiveUp)} as wrong"):
            named, field = self._code.bind(values.named), self._code.bind(_field_at(at))
            self._code.line(f"raise {named}(wrong, {field}) from None")

    def _converted(self, said: Field, type_: Type, frame: Frame, at: At) -> str:
        how = self._reading(said) if isinstance(said, Value) else self._how
        if isinstance(said, Value) and (said.fields or said.items):
            return self._made(said, type_, frame, at)
        found = self._raw(said, type_, how, frame, at)
        if isinstance(said, str) and not said.startswith("=") and "{" in said:
            return found if isinstance(type_, inspect.StrType) else self._conv(found, type_, how)
        return self._conv(found, type_, how)

    def _raw(self, said: Field, type_: Type, how: Reading, frame: Frame, at: At) -> str:
        """A name for the value as the vendor wrote it, but for tables and the like."""
        if isinstance(said, Value):
            return self._value(said, type_, how, frame, at)
        if isinstance(said, bool | int | float):
            return self._code.bind(said)
        if said.startswith("="):
            return self._code.bind(said[1:])
        if "{" in said:
            return self._template(said, frame, at)
        return self._path(said, strict(type_, how), frame, at)

    def _value(self, value: Value, type_: Type, how: Reading, frame: Frame, at: At) -> str:
        if value.when is None:
            return self._always(value, type_, how, frame, at)
        made = self._code.put("None")
        with self._code.block(f"if {self._condition(value.when, frame, (*at, 'when'))}"):
            self._code.again(made, self._always(value, type_, how, frame, at))
        return made

    def _always(self, value: Value, type_: Type, how: Reading, frame: Frame, at: At) -> str:
        steps = self._steps_of(value, at)
        wants = ANY if steps else type_
        if value.first:
            found = self._first(value.first, wants, how, frame, (*at, "first"))
        elif value.jmespath:
            found = self._jmespath(value.jmespath, frame, (*at, "jmespath"))
        else:
            found = self._raw(value.path or "", wants, how, frame, (*at, "path"))
        for step in steps:
            found = self._code.put(f"{self._code.bind(step)}({found})")
        if value.otherwise is None:
            return found
        made = self._code.put(found)
        with self._code.block(f"if {made} is None or {made} == ''"):
            other = self._raw(value.otherwise, type_, how, frame, (*at, "otherwise"))
            self._code.again(made, other)
        return made

    def _steps_of(self, value: Value, at: At) -> list[Callable[[Any], Any]]:
        steps: list[Callable[[Any], Any]] = []
        if value.replace is not None:
            steps.append(values.replacing(value.replace))
        if value.split is not None:
            steps.append(values.splitting(value.split))
        if value.table is not None:
            table = values.tables(self._table(value.table, (*at, "table")))
            steps.append(values.each(table) if value.split is not None else table)
        return steps

    def _table(self, said: str | Table, at: At) -> Table:
        if isinstance(said, Table):
            return said
        if said not in self._around.file.tables:
            raise Wrong(at, f"there is no table {said!r}")
        return self._around.file.tables[said]

    def _first(
        self, several: Sequence[Field], type_: Type, how: Reading, frame: Frame, at: At
    ) -> str:
        made = self._code.put(self._raw(several[0], type_, how, frame, (*at, 0)))
        for index, said in enumerate(several[1:], start=1):
            with self._code.block(f"if {made} is None or {made} == ''"):
                self._code.again(made, self._raw(said, type_, how, frame, (*at, index)))
        return made

    def _made(self, value: Value, type_: Type, frame: Frame, at: At) -> str:
        """An object or a list made of several values."""
        made = self._code.put("None")
        holds = self._condition(value.when, frame, (*at, "when")) if value.when else "True"
        with self._code.block(f"if {holds}"):
            if value.items:
                self._code.again(made, self._items(value, type_, frame, at))
            elif value.each:
                self._code.again(made, self._each(value, type_, frame, at))
            else:
                tree = tree_of(value.fields, (*at, "fields"))
                self._code.again(made, self._target(tree, type_, frame, (*at, "fields")))
        return made

    def _items(self, value: Value, type_: Type, frame: Frame, at: At) -> str:
        item = self._item_type(type_, at)
        made = [
            self._field(said, item, frame, (*at, "items", index))
            for index, said in enumerate(value.items)
        ]
        if len(made) == 1:
            return self._code.put(f"[] if {made[0]} is None else [{made[0]}]")
        return self._code.put(f"[one for one in ({', '.join(made)}) if one is not None]")

    def _each(self, value: Value, type_: Type, frame: Frame, at: At) -> str:
        item = self._item_type(type_, at)
        inner = Frame(self._code.name(), Shape(), top=False)
        steps = self._steps(value.each or "", (*at, "each"))
        listed = self._walk(frame, frame.shape.members(steps, inner.shape))
        made = self._code.put("[]")
        with self._code.block(f"for {inner.variable} in {listed} or ()"):
            tree = tree_of(value.fields, (*at, "fields"))
            one = self._target(tree, item, inner, (*at, "fields"))
            with self._code.block(f"if {one} is not None"):
                self._code.line(f"{made}.append({one})")
        return made

    def _item_type(self, type_: Type, at: At) -> Type:
        if not isinstance(type_, inspect.ListType):
            raise Wrong(at, "it is no list")
        return wanted(type_.item_type)

    def _reading(self, value: Value) -> Reading:
        factor = values.UNITS[value.unit] if value.unit else 1.0
        return Reading(
            value.time_formats or self._how.time_formats,
            value.time_zone or self._how.time_zone,
            self._how.yes,
            factor * (1.0 if value.scale is None else value.scale),
            self._how.low if value.low is None else value.low,
            self._how.high if value.high is None else value.high,
        )

    # --- Places ------------------------------------------------------------------------------

    def _place(self, where: Where | None, frame: Frame, at: At) -> str:
        assert where is not None
        at = (*at, "place")
        point = self._point(where, frame, at)
        address = error_m = "None"
        if where.address is not None:
            address = self._field(where.address, TEXT, frame, (*at, "address"))
        if where.error_m is not None:
            metres = inspect.FloatType(ge=0)
            error_m = self._field(where.error_m, metres, frame, (*at, "error_m"))
        rules = self._around.file.places
        place = self._code.bind(places.placing(rules, pointed=point != "None"))
        slow = f"{place}({point}, {address}, {error_m}, scope.doubt)"
        if rules:
            return self._code.put(slow)
        quick = f"{self._code.bind(Place)}(point={point}, address={address}, error_m={error_m})"
        return self._code.put(f"{slow} if {point} is None else {quick}")

    def _point(self, where: Where, frame: Frame, at: At) -> str:
        """A name for the point. Most are two sound numbers: those are taken without a call."""
        given = self._around.settings.get("bounds")
        bounds = Bounds(*given) if given else None
        for names, read in (
            (("longitude", "latitude"), places.from_numbers(where.scale, bounds)),
            (("wkt",), places.from_wkt(bounds)),
            (("lat_lon",), places.from_pair(bounds)),
            (("geojson",), places.from_geojson(bounds)),
        ):
            if getattr(where, names[0]) is None:
                continue
            said = [self._raw(getattr(where, n), ANY, self._how, frame, (*at, n)) for n in names]
            if where.if_wrong == "leave_out":
                read, given_to = places.leaving_out(read), ["scope", *said]
            else:
                given_to = said
            slow = f"{self._code.bind(read)}({', '.join(given_to)})"
            if len(said) == 1 or where.scale is not None or bounds is not None:
                return self._code.put(slow)
            sound = places.SOUND.format(*said)
            return self._code.put(f"({said[0]}, {said[1]}) if {sound} else {slow}")
        return "None"


def _field_at(at: At) -> str:
    """The field as the contract calls it: ``incident_type.code``."""
    start = max((i + 1 for i, step in enumerate(at) if isinstance(step, int)), default=0)
    return ".".join(str(step) for step in at[start:] if step != "fields")


def tree_of(fields: Mapping[str, Field], at: At) -> Tree:
    """``{"vehicle.make": …}`` as ``{"vehicle": {"make": …}}``."""
    tree: Tree = {}
    for name, said in fields.items():
        branch = tree
        *above, last = name.split(".")
        for step in above:
            branch = branch.setdefault(step, {})
            if not isinstance(branch, dict):
                raise Wrong((*at, name), f"{step!r} has a value of its own")
        if last in branch:
            raise Wrong((*at, name), f"{last!r} has parts of its own")
        branch[last] = said
    return tree
