"""A mapping's outputs to one function from a record to events and assets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import inspect

from watchfloor.contracts import BY_NAME, Asset, Event, schemas

from . import values
from .fields import Condition, Field, Output, Value
from .frames import At, Frame, Wrong
from .making import Tree, Values, tree_of
from .reading import ANY, TEXT
from .targets import Type, wanted

IDENTIFIER = inspect.StrType(max_length=256)
WHEN = inspect.DateTimeType(tz=True)
PARAMETERS = "row, raw, document, scope, out"


class Compiler(Values):
    """Writes the function for the outputs of one source or webhook."""

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

    def values(
        self, fields: Mapping[str, Field], at: At, types: Mapping[str, Type]
    ) -> Callable[..., dict[str, Any]]:
        """A function of the same parameters that answers these fields, by their names."""
        frame = Frame("row", self.record)
        made = self._code.put("{}")
        for name, said in fields.items():
            value = self._field(said, types.get(name, ANY), frame, (*at, name))
            self._code.line(f"{made}[{self._code.bind(name)}] = {value}")
        self._code.line(f"return {made}")
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
        tree = tree_of(output.fields, (*at, "fields"))
        given = {"place": self._place(output.place, frame, at)} if output.place else {}
        data = self._object(kind.data, tree, frame, (*at, "fields"), top=True, given=given)
        time, error_s = self._moment(output, frame, at)
        observed = self._when(output.observed, "observed", frame, at)
        self._told, self._told_fields = data, frozenset(kind.data.__struct_fields__)
        self._observed = observed
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
            "observedtime": observed,
            "expirytime": self._when(output.expires, "expires", frame, at),
            "subject": self._subject(output, frame, at),
        }
        self._told, self._observed = None, "None"
        return _call(self._code.bind(Event), parts)

    def _subject(self, output: Output, frame: Frame, at: At) -> str:
        if output.subject is None:
            return "None"
        return self._field(output.subject, TEXT, frame, (*at, "subject"))

    def _when(self, said: Field | None, name: str, frame: Frame, at: At) -> str:
        return "None" if said is None else self._field(said, WHEN, frame, (*at, name))

    def _moment(self, output: Output, frame: Frame, at: At) -> tuple[str, str]:
        """Names for the time, the latest of several, and its error in seconds."""
        assert output.time is not None
        first, *others = output.time if isinstance(output.time, list) else [output.time]
        at = (*at, "time")
        with self._naming(at):
            time, error_s = self._one_moment(first, frame, at)
            for said in others:
                other, its_error_s = self._one_moment(said, frame, at)
                later = f"{other} is not None and ({time} is None or {other} > {time})"
                with self._code.block(f"if {later}"):
                    self._code.line(f"{time}, {error_s} = {other}, {its_error_s}")
        with self._code.block(f"if {time} is None"):
            self._code.line(f"raise {self._code.bind(values.missing)}({self._code.bind('time')})")
        return time, error_s

    def _one_moment(self, when: Field, frame: Frame, at: At) -> tuple[str, str]:
        how = self._reading(when) if isinstance(when, Value) else self._how
        said = self._raw(when, WHEN, how, frame, at)
        read = self._code.bind(values.moments(how.time_formats, how.time_zone))
        time = self._code.put(f"{said} if {self._in_utc(said)} else None")
        error_s = self._code.put("None")
        with self._code.block(f"if {time} is None and {said} is not None and {said} != ''"):
            moment = self._code.put(f"{read}({said})")
            self._code.again(time, f"{moment}.time")
            self._code.again(error_s, f"{moment}.error_s")
        return time, error_s

    def _asset(self, output: Output, frame: Frame, at: At) -> str:
        tree = tree_of(output.fields, (*at, "fields"))
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


def _geometry(place: Any) -> dict[str, Any] | None:
    if place is None or place.point is None:
        return None
    return {"type": "Point", "coordinates": list(place.point)}
