"""Rules as people write them: YAML, checked by ``rule.schema.json``, errors by line and field."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
import yaml
from jsonschema.exceptions import ValidationError
from msgspec import Struct

from watchfloor.contracts import BY_NAME, GiveUp, Point, schemas

MAX_DOCUMENT = 64 * 1024
"""Characters of one rule."""

Severity = Literal["danger", "high", "medium", "low"]
SEVERITIES: tuple[Severity, ...] = ("danger", "high", "medium", "low")
"""Gravest first."""

Path = tuple[str | int, ...]


class Circle(Struct, frozen=True):
    """A centre and a radius in metres."""

    center: Point
    radius_m: float


class Area(Struct, frozen=True):
    """Where an event must be: a circle or a ring of corners."""

    circle: Circle | None = None
    polygon: tuple[Point, ...] = ()


class Correlation(Struct, frozen=True):
    """What is gathered around an alert: metres, and minutes before and after."""

    radius_m: float
    minutes: float
    include: tuple[Literal["reads", "units", "cameras"], ...]


class Dedupe(Struct, frozen=True):
    """Which events belong to one open alert."""

    by: tuple[str, ...]
    minutes: float | None = None


class RuleDocument(Struct, frozen=True):
    """One rule, as ``rule.schema.json`` describes it."""

    id: str
    title: str
    kinds: tuple[str, ...]
    description: str = ""
    severity: Severity | None = None
    hot_list: Literal["any"] | tuple[str, ...] | None = None
    when: str | None = None
    within: Area | None = None
    correlate: Correlation | None = None
    dedupe: Dedupe | None = None
    notify: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleProblem:
    """What is wrong with a rule and where: line and column count from 1; the field is dotted."""

    line: int
    column: int
    field: str
    message: str

    def __str__(self) -> str:
        where = f"line {self.line}, {self.field}" if self.field else f"line {self.line}"
        return f"{where}: {self.message}"


class RuleInvalid(GiveUp):
    """A rule that cannot be accepted. ``problems`` says where and why."""

    code = "rule_invalid"
    remedy = "Correct the named lines. docs/alerts.md describes every field."

    def __init__(self, problems: Sequence[RuleProblem]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Written:
    """A rule with where each of its fields stands."""

    rule: RuleDocument
    _places: dict[Path, yaml.Mark]

    def invalid(self, path: Path, message: str) -> RuleInvalid:
        """The error to raise about one field."""
        return RuleInvalid([_problem(self._places, path, message)])


def read_rule(document: str) -> Written:
    """Read a rule from YAML. Raises ``RuleInvalid`` with everything that is wrong."""
    root = _compose(document)
    places: dict[Path, yaml.Mark] = {}
    problems = list(_walk(root, (), root.start_mark, places, set()))
    if problems:
        raise RuleInvalid(problems)
    value = _value(root)
    problems = [_explain(places, error) for error in schemas.validator("rule").iter_errors(value)]
    problems = problems or _unknown_kinds(value, places) or _unlisted(value, places)
    if problems:
        raise RuleInvalid(sorted(problems, key=lambda problem: (problem.line, problem.column)))
    return Written(msgspec.convert(value, RuleDocument), places)


def _compose(document: str) -> yaml.Node:
    if len(document) > MAX_DOCUMENT:
        raise _unreadable(f"longer than {MAX_DOCUMENT} characters")
    try:
        root = yaml.compose(document, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        raise _not_yaml(error) from None
    if root is None:
        raise _unreadable("the rule is empty")
    return root


def _value(root: yaml.Node) -> Any:
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_document(root)
    except (yaml.YAMLError, ValueError) as error:
        raise _not_yaml(error) from None
    finally:
        loader.dispose()


def _not_yaml(error: Exception) -> RuleInvalid:
    mark = getattr(error, "problem_mark", None)
    return _unreadable(f"not YAML: {getattr(error, 'problem', None) or 'it cannot be read'}", mark)


def _unreadable(message: str, mark: yaml.Mark | None = None) -> RuleInvalid:
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    return RuleInvalid([RuleProblem(line, column, "", message)])


def _walk(
    node: yaml.Node, path: Path, mark: yaml.Mark, places: dict[Path, yaml.Mark], seen: set[int]
) -> Iterator[RuleProblem]:
    """Note where every field stands. Complains of what YAML allows and a rule must not hold:
    aliases (they can grow without bound) and fields given twice (one of them would be lost)."""
    if id(node) in seen or path in places:
        what = "aliases are not allowed" if id(node) in seen else "given twice"
        yield _problem_at(mark, path, what)
        return
    seen.add(id(node))
    places[path] = mark
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from _walk(item, (*path, index), item.start_mark, places, seen)
    elif isinstance(node, yaml.MappingNode):
        for key, item in node.value:
            yield from _walk(item, (*path, str(key.value)), key.start_mark, places, seen)


def _explain(places: dict[Path, yaml.Mark], error: ValidationError) -> RuleProblem:
    path = tuple(error.absolute_path)
    schema: Any = error.schema
    given: Any = error.instance
    if error.validator == "anyOf":
        return _problem(places, path, "'severity' is required where there is no 'hot_list'")
    if error.validator == "oneOf":
        return _problem(places, path, f"does not fit: {schema['description']}")
    if error.validator == "additionalProperties":
        unknown = next(str(name) for name in given if name not in schema["properties"])
        known = ", ".join(schema["properties"])
        return _problem(places, (*path, unknown), f"is not a field; fields are {known}")
    return _problem(places, path, error.message[:300])


def _unknown_kinds(value: dict[str, Any], places: dict[Path, yaml.Mark]) -> list[RuleProblem]:
    known = ", ".join(sorted({kind.name for kind in BY_NAME.values()}))
    return [
        _problem(places, ("kinds", index), f"no kind is called {name!r}; known are {known}")
        for index, name in enumerate(value["kinds"])
        if name not in BY_NAME
    ]


def _unlisted(value: dict[str, Any], places: dict[Path, yaml.Mark]) -> list[RuleProblem]:
    """What nobody sees one by one without a purpose is told of for a list's sake alone: any other
    rule about it would show to everybody at the desk where people go."""
    if "hot_list" in value:
        return []
    return [
        _problem(places, ("kinds", index), f"a rule about {name!r} needs a 'hot_list'")
        for index, name in enumerate(value["kinds"])
        if BY_NAME[name].personal
    ]


def _problem(places: dict[Path, yaml.Mark], path: Path, message: str) -> RuleProblem:
    nearest = next(path[:end] for end in range(len(path), -1, -1) if path[:end] in places)
    return _problem_at(places[nearest], path, message)


def _problem_at(mark: yaml.Mark, path: Path, message: str) -> RuleProblem:
    return RuleProblem(mark.line + 1, mark.column + 1, ".".join(map(str, path)), message)
