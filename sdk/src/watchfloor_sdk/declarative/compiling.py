"""A mapping's outputs to one function from a record to events and assets."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from msgspec import inspect

from watchfloor.contracts import BY_NAME, Asset, Event, Handling, Place, schemas
from watchfloor_sdk.mapping import Bounds

from . import places, values
from .code import Code
from .plan import Condition, Field, Output, SourceFile, Table, Value, Where
from .shapes import Shape
from .targets import Reading, Type, conversion, ready, strict, wanted

At = tuple[str | int, ...]
_UNREADABLE = re.compile(r'[\x00-\x1f"\\]')
"""Signs that the decoder takes in no field's name. A JMESPath may have them."""
Tree = dict[str, Any]
"""Target names to fields, or to trees of the parts that dots lead into."""

ANY = inspect.AnyType()
TEXT = inspect.StrType()
IDENTIFIER = inspect.StrType(max_length=256)
PARAMETERS = "row, raw, document, scope, out"


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


class Compiler:
    """Writes the function for the outputs of one source or webhook."""

    def __init__(self, around: Surroundings, document: Shape) -> None:
        self.record = Shape()
        self.needs_raw = False
        self.hashes = False
        self._around = around
        self._document = Frame("document", document)
        self._code = Code()
        self._told: str | None = None
        self._told_fields: frozenset[str] = frozenset()
        file = around.file
        self._how = Reading(file.time_formats, file.time_zone, file.yes)

    def compile(self, outputs: Sequence[Output], at: At) -> Callable[..., None]:
        """A function ``(row, raw, document, scope, out)`` that gives ``out`` what a record becomes.

        It raises ``GiveUp`` for a record that cannot be. Raises ``Wrong``.
        """
        frame = Frame("row", self.record)
        for index, output in enumerate(outputs):
            self._output(output, frame, (*at, index))
        return self._code.function(PARAMETERS)

    def condition(self, condition: Condition, at: At) -> Callable[..., bool]:
        """A function of the same parameters that says whether it holds."""
        holds = self._condition(condition, Frame("row", self.record), at)
        self._code.line(f"return {holds}")
        return self._code.function(PARAMETERS)

    def note_newest(self, path: str, at: At) -> None:
        """Keep the highest value at a path in the scope. To be called before ``compile``."""
        found = self._path(path, Any, Frame("row", self.record), at)
        self._code.line(f"scope.newest = {self._code.bind(values.later)}(scope.newest, {found})")

    # --- Outputs -----------------------------------------------------------------------------

    def _output(self, output: Output, frame: Frame, at: At) -> None:
        make = self._event if output.event is not None else self._asset
        if output.when is None:
            self._code.line(f"out({make(output, frame, at)})")
            return
        with self._code.block(f"if {self._condition(output.when, frame, (*at, 'when'))}"):
            self._code.line(f"out({make(output, frame, at)})")

    def _event(self, output: Output, frame: Frame, at: At) -> str:
        kind = BY_NAME.get(output.event or "")
        if kind is None:
            raise Wrong((*at, "event"), f"there is no kind {output.event!r}")
        tree = _tree(output.fields, (*at, "fields"))
        given = {"place": self._place(output.place, frame, at)} if output.place else {}
        data = self._object(kind.data, tree, frame, (*at, "fields"), top=True, given=given)
        self._told, self._told_fields = data, frozenset(kind.data.__struct_fields__)
        time, error_s = self._moment(output, frame, at)
        name = kind.type.removeprefix("watchfloor.")
        schema = schemas.schema(name).get("$id") if name in schemas.names() else None
        parts = {
            "id": self._needed(output.id, "id", frame, at),
            "source": self._code.bind(self._around.source),
            "type": self._code.bind(kind.type),
            "time": time,
            "timeerror": error_s,
            "data": data,
            "dataclassification": self._code.bind(output.handling or self._around.handling),
            "dataschema": self._code.bind(schema),
            **self._optional(output, frame, at),
        }
        self._told = None
        return _call(self._code.bind(Event), parts)

    def _optional(self, output: Output, frame: Frame, at: At) -> dict[str, str]:
        found = {}
        when = inspect.DateTimeType(tz=True)
        for name, said, type_, attribute in (
            ("subject", output.subject, TEXT, "subject"),
            ("observed", output.observed, when, "observedtime"),
            ("expires", output.expires, when, "expirytime"),
        ):
            if said is not None:
                found[attribute] = self._field(said, type_, frame, (*at, name))
        return found

    def _moment(self, output: Output, frame: Frame, at: At) -> tuple[str, str]:
        """Names for the time and its error in seconds."""
        when = output.time
        assert when is not None
        how = self._reading(when) if isinstance(when, Value) else self._how
        said = self._raw(when, inspect.DateTimeType(tz=True), how, frame, (*at, "time"))
        self._refuse_nothing(said, "time")
        read = self._code.bind(values.moments(how.time_formats, how.time_zone))
        sound = f"{said}.__class__ is {self._code.bind(datetime)}"
        time = self._code.put(f"{said} if {sound} else None")
        error_s = self._code.put("None")
        with self._code.block(f"if {time} is None"):
            moment = self._code.put(f"{read}({said})")
            self._code.again(time, f"{moment}.time")
            self._code.again(error_s, f"{moment}.error_s")
        return time, error_s

    def _asset(self, output: Output, frame: Frame, at: At) -> str:
        tree = _tree(output.fields, (*at, "fields"))
        given = {
            "id": self._needed(output.id, "id", frame, at),
            "source": self._code.bind(self._around.source),
            "kind": self._code.bind(self._asset_kind(output, at)),
            "observed": "scope.now",
        }
        if output.place is not None:
            place = self._place(output.place, frame, at)
            given["geometry"] = self._code.put(f"{self._code.bind(_geometry)}({place})")
            given["address"] = self._code.put(f"None if {place} is None else {place}.address")
        return self._object(Asset, tree, frame, (*at, "fields"), top=True, given=given)

    def _asset_kind(self, output: Output, at: At) -> str:
        kinds = next(f.type for f in _fields(Asset) if f.name == "kind")
        assert isinstance(kinds, inspect.LiteralType)
        if output.asset not in kinds.values:
            raise Wrong((*at, "asset"), f"there is no asset kind {output.asset!r}")
        return str(output.asset)

    # --- Objects of the contract -------------------------------------------------------------

    def _object(
        self,
        cls: type,
        tree: Tree,
        frame: Frame,
        at: At,
        *,
        top: bool = False,
        given: Mapping[str, str] | None = None,
    ) -> str:
        """A contract object. One that is not ``top`` and lacks what it needs is nothing."""
        fields = {field.name: field for field in _fields(cls)}
        parts = dict(given or {})
        for name, said in tree.items():
            if name not in fields or name in parts:
                known = ", ".join(sorted(set(fields) - set(parts)))
                raise Wrong((*at, name), f"{cls.__name__} has no {name!r} here; it has {known}")
            parts[name] = self._target(said, wanted(fields[name].type), frame, (*at, name))
        needed = [name for name, field in fields.items() if field.required]
        if lacking := [name for name in needed if name not in parts]:
            raise Wrong(at, f"{cls.__name__} needs {', '.join(lacking)}")
        call = _call(
            self._code.bind(cls), {n: self._or_default(fields[n], p) for n, p in parts.items()}
        )
        if top:
            for name in needed:
                self._refuse_nothing(parts[name], name)
            return self._code.put(call)
        there = " and ".join(f"{parts[name]} is not None" for name in needed)
        anything = " or ".join(f"{part} is not None" for part in parts.values())
        return self._code.put(f"({call}) if {there or anything} else None")

    def _or_default(self, field: inspect.Field, part: str) -> str:
        if field.default_factory is not msgspec.NODEFAULT:
            return f"[] if {part} is None else {part}"
        if field.default in (None, msgspec.NODEFAULT):
            return part
        return f"{self._code.bind(field.default)} if {part} is None else {part}"

    def _target(self, said: Any, type_: Type, frame: Frame, at: At) -> str:
        if not isinstance(said, dict):
            return self._field(said, type_, frame, at)
        if isinstance(type_, inspect.StructType):
            return self._object(type_.cls, said, frame, at)
        if isinstance(type_, inspect.DictType):
            return self._named(said, frame, at)
        raise Wrong(at, "it has no parts")

    def _named(self, tree: Tree, frame: Frame, at: At) -> str:
        """An object whose names are the mapping's own (attributes)."""
        made = self._code.put("{}")
        for name, said in tree.items():
            if isinstance(said, dict):
                raise Wrong((*at, name), "it has no parts")
            value = self._field(said, ANY, frame, (*at, name))
            with self._code.block(f"if {value} is not None"):
                self._code.line(f"{made}[{self._code.bind(name)}] = {value}")
        return made

    # --- Values ------------------------------------------------------------------------------

    def _field(self, said: Field, type_: Type, frame: Frame, at: At) -> str:
        """A name for the value, converted to the type."""
        how = self._reading(said) if isinstance(said, Value) else self._how
        if isinstance(said, Value) and (said.fields or said.items):
            return self._made(said, type_, frame, at)
        found = self._raw(said, type_, how, frame, at)
        if isinstance(said, str) and not said.startswith("=") and "{" in said:
            return found if isinstance(type_, inspect.StrType) else self._conv(found, type_, how)
        return self._conv(found, type_, how)

    def _conv(self, name: str, type_: Type, how: Reading) -> str:
        convert = self._code.bind(conversion(type_, how))
        if isinstance(type_, inspect.StrType):
            sound = f"{name} is None or {name}.__class__ is str and {name}"
            return self._code.put(f"{name} if {sound} else {convert}({name})")
        shortcut = ready(type_, how, name)
        if shortcut is None:
            return self._code.put(f"{convert}({name})")
        if "datetime" in shortcut:
            shortcut = shortcut.replace("datetime", self._code.bind(datetime))
        return self._code.put(f"{name} if {shortcut} else {convert}({name})")

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
                tree = _tree(value.fields, (*at, "fields"))
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
        steps = self._steps(value.each or "")
        if not all(steps) or _UNREADABLE.search(value.each or ""):
            raise Wrong((*at, "each"), f"no path: {value.each!r}")
        listed = self._walk(frame, frame.shape.members(steps, inner.shape))
        made = self._code.put("[]")
        with self._code.block(f"for {inner.variable} in {listed} or ()"):
            tree = _tree(value.fields, (*at, "fields"))
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

    # --- Paths -------------------------------------------------------------------------------

    def _path(self, path: str, type_: Any, frame: Frame, at: At) -> str:
        if path.startswith("@"):
            return self._outside(path, at)
        steps = self._steps(path)
        if not all(steps) or _UNREADABLE.search(path):
            raise Wrong(at, f"no path: {path!r}")
        head = next((i for i, s in enumerate(steps) if i and s.isdecimal()), len(steps))
        found = self._walk(
            frame, frame.shape.value(steps[:head], type_ if head == len(steps) else Any)
        )
        if head == len(steps):
            return found
        pick, rest = self._code.bind(values.pick), self._code.bind(steps[head:])
        return self._code.put(f"{pick}({found}, {rest})")

    def _walk(self, frame: Frame, attributes: Sequence[str]) -> str:
        found = self._code.put(f"{frame.variable}.{attributes[0]}")
        for attribute in attributes[1:]:
            found = self._code.put(f"None if {found} is None else {found}.{attribute}")
        return found

    def _steps(self, path: str) -> list[str]:
        return path.split(".") if self._around.dotted else [path]

    def _outside(self, path: str, at: At) -> str:
        word, _, rest = path[1:].partition(".")
        if word == "settings":
            if rest not in self._around.settings:
                raise Wrong(at, f"there is no setting {rest!r}")
            return self._code.bind(self._around.settings[rest])
        if word == "document" and rest:
            attributes = self._document.shape.value(rest.split("."))
            return self._walk(self._document, attributes)
        if word == "headers" and rest:
            return self._code.put(f"scope.headers.get({self._code.bind(rest.lower())})")
        if word == "told" and self._told and rest in self._told_fields:
            return self._code.put(f"{self._told}.{rest}")
        if word == "hash" and self._told:
            self.hashes = True
            return self._code.put(f"{self._code.bind(values.digest)}({self._told})")
        if word in ("root", "number", "now") and not rest:
            return self._code.put(f"scope.{word}")
        raise Wrong(at, f"there is no {path!r}")

    def _template(self, template: str, frame: Frame, at: At) -> str:
        pattern, paths = _opened(template, at)
        found = [self._conv(self._path(p, Any, frame, at), TEXT, self._how) for p in paths]
        some = " or ".join(f"{name} is None" for name in found)
        fill = self._code.bind(pattern.format)
        return self._code.put(f"None if {some} else {fill}({', '.join(found)})")

    def _jmespath(self, expression: str, frame: Frame, at: At) -> str:
        import jmespath  # only where a mapping needs it

        if not frame.top:
            raise Wrong(at, "jmespath reads a whole record, not the members of a list")
        try:
            search = jmespath.compile(expression).search
        except jmespath.exceptions.JMESPathError as error:
            raise Wrong(at, f"no JMESPath ({str(error).splitlines()[0]})") from None
        self.needs_raw = True
        return self._code.put(f"{self._code.bind(_searching(search))}(raw)")

    # --- Conditions --------------------------------------------------------------------------

    def _condition(self, condition: Condition, frame: Frame, at: At) -> str:
        holds = self._code.put("True")
        if condition.path or condition.jmespath:
            self._code.again(holds, f"{self._test(condition, frame, at)}")
        for word, together, wanted_ in (
            ("all", "all", True), ("any", "any", True), ("never", "any", False),
        ):  # fmt: skip
            several = getattr(condition, word)
            if several:
                parts = [
                    self._condition(one, frame, (*at, word, index))
                    for index, one in enumerate(several)
                ]
                joined = f"{together}(({', '.join(parts)},))"
                self._code.again(holds, f"{holds} and {joined} is {wanted_}")
        return holds

    def _test(self, condition: Condition, frame: Frame, at: At) -> str:
        if condition.jmespath:
            found = self._jmespath(condition.jmespath, frame, (*at, "jmespath"))
        else:
            found = self._path(condition.path or "", Any, frame, (*at, "path"))
        return self._code.put(f"{self._code.bind(_tester(condition))}({found})")

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
        slow = f"{place}({point}, {address}, {error_m})"
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

    # --- What must be there ------------------------------------------------------------------

    def _needed(self, said: Field, name: str, frame: Frame, at: At) -> str:
        found = self._field(said, IDENTIFIER, frame, (*at, name))
        self._refuse_nothing(found, name)
        return found

    def _refuse_nothing(self, found: str, name: str) -> None:
        with self._code.block(f"if {found} is None or {found} == ''"):
            self._code.line(f"raise {self._code.bind(values.missing)}({self._code.bind(name)})")


def _fields(cls: type) -> tuple[inspect.Field, ...]:
    info = inspect.type_info(cls)
    assert isinstance(info, inspect.StructType)
    return info.fields


def _call(function: str, parts: Mapping[str, str]) -> str:
    """``parts`` are named by the contract's own fields, never by a mapping's words."""
    return f"{function}({', '.join(f'{name}={part}' for name, part in parts.items())})"


def _tree(fields: Mapping[str, Field], at: At) -> Tree:
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


def _opened(template: str, at: At) -> tuple[str, list[str]]:
    """``gunshot/{id}`` as a format of positions, and the paths."""
    from string import Formatter

    pattern, paths = "", []
    try:
        for literal, name, spec, conversion_ in Formatter().parse(template):
            pattern += literal.replace("{", "{{").replace("}", "}}")
            if name is not None:
                if not name or spec or conversion_:
                    raise ValueError("braces hold a path and nothing else")
                pattern += "{}"
                paths.append(name)
    except ValueError as error:
        raise Wrong(at, f"no template: {error}") from None
    return pattern, paths


def _searching(search: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A search whose errors are the record's: a function of the wrong type of value."""
    from jmespath.exceptions import JMESPathError

    from watchfloor.contracts import GiveUp

    def find(raw: Any) -> Any:
        try:
            return search(raw)
        except JMESPathError:
            raise GiveUp("A JMESPath of the mapping does not fit.", code="bad_path") from None

    return find


def _tester(condition: Condition) -> Callable[[Any], bool]:
    """The test of one value."""
    wants = None if condition.one_of is None else {values.text(v) for v in condition.one_of}
    not_ = None if condition.none_of is None else {values.text(v) for v in condition.none_of}
    pattern = re.compile(condition.matches) if condition.matches else None
    there = condition.there
    bare = wants is None and not_ is None and pattern is None and there is None

    def holds(value: Any) -> bool:
        said = values.text(value) if not _composed(value) else "(composed)"
        if bare:
            return said not in (None, "false", "0")
        return (
            (wants is None or said in wants)
            and (not_ is None or said not in not_)
            and (there is None or (said is not None) is there)
            and (pattern is None or pattern.search(said or "") is not None)
        )

    return holds


def _composed(value: Any) -> bool:
    """An object or a list: it is there, and says no word."""
    return isinstance(value, dict | list | msgspec.Struct) and bool(value)


def _geometry(place: Any) -> dict[str, Any] | None:
    if place is None or place.point is None:
        return None
    return {"type": "Point", "coordinates": list(place.point)}
