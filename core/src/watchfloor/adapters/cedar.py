"""Rules in Cedar (https://docs.cedarpolicy.com), evaluated by cedarpy.

Cedar skips a rule that it cannot evaluate, a ``forbid`` too: any error in its diagnostics is
therefore a verdict that failed. The schema is made from the hub's own words and every rule is
validated against it, one by one, so that what is wrong has a file and a line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, get_args

import cedarpy
import orjson

from watchfloor.contracts import AskAPerson
from watchfloor.identity import Permission, Person, Role
from watchfloor.policy import Asked, Domain, Facts, Rule, Verdict, context_of, groups_of, rule_of
from watchfloor.ports.store import Micros

_TOKEN = re.compile(r'//[^\n]*|"(?:\\.|[^"\\])*"|;', re.DOTALL)

_Attributes = tuple[str, str, bool, tuple[str, ...], str, int, int]
"""Agency, ORI, sworn, the trainings that are valid, context class, levels of identity and
authenticator assurance."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One rule's text, and on which line of its file it begins."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class _Given:
    """All that Cedar is given for one answer."""

    person: str
    roles: frozenset[Role]
    attributes: _Attributes
    permission: Permission
    domain: Domain
    context: str


class CedarRules:
    """Rules, sliced: for each permission, domain and set of roles those whose heads fit, and the
    words that these use. Cedar would try every rule and read every word at each question.

    An answer is kept as long as the rules are: it follows from what Cedar is given and from nothing
    else, and what is given is mostly the same, since rules see that there is a case and not which.
    """

    def __init__(self, rules: Mapping[str, Rule]) -> None:
        self.rules = rules
        self._parsed = [(rule.text, _parsed(rule.text)) for rule in rules.values()]
        self._order = {name: place for place, name in enumerate(rules)}
        self._sliced = lru_cache(maxsize=2048)(self._slice)
        self._answered = lru_cache(maxsize=8192)(self._answer)

    def judge(self, asked: Asked, permission: Permission) -> Verdict:
        """What they say. No schema on this way: the rules were validated against it, and what they
        are asked is made by the same code that makes it."""
        person, domain = asked.person, asked.facts.domain
        _, words = self._sliced(permission, domain, person.roles)
        context = orjson.dumps(_pick(asked.context, words)).decode()
        attributes = _attributes(person, asked.at)
        return self._answered(
            _Given(person.id, person.roles, attributes, permission, domain, context)
        )

    def _answer(self, given: _Given) -> Verdict:
        rules, _ = self._sliced(given.permission, given.domain, given.roles)
        answer = cedarpy.is_authorized(
            {
                "principal": {"type": "Person", "id": given.person},
                "action": {"type": "Action", "id": given.permission.value},
                "resource": {"type": "Data", "id": given.domain},
                "context": given.context,
            },
            rules,
            _entities(given.person, given.permission, given.roles, given.attributes),
        )
        said = answer.diagnostics
        ids = said.id_annotations_by_reason
        failed = bool(said.errors) or len(ids) != len(said.reasons)
        decided = tuple(sorted(ids.values(), key=self._order.__getitem__))
        return Verdict(answer.allowed and not failed, decided, failed)

    def _slice(
        self, permission: Permission, domain: Domain, roles: frozenset[Role]
    ) -> tuple[cedarpy.PolicySet, Words | None]:
        actions = {permission.value, *groups_of(permission)}
        chosen = [
            (text, policy)
            for text, policy in self._parsed
            if _fits(policy["action"], "Action", actions)
            and _fits(policy["resource"], "Data", {domain})
            and _fits(policy["principal"], "Role", roles)
        ]
        return (
            cedarpy.PolicySet.from_str("\n".join(text for text, _ in chosen)),
            _tree({path for _, policy in chosen for path in _paths(policy["conditions"])}),
        )


def read_rules(texts: Mapping[str, str]) -> CedarRules:
    """Rules from files by name. Raises ``AskAPerson`` (``bad_policy``) with file and line."""
    found: dict[str, Rule] = {}
    for file, text in sorted(texts.items()):
        for statement in _statements(text):
            rule = _read(file, statement)
            if rule.id in found:
                other = found[rule.id]
                raise _bad(file, statement.line, f"{other.file} already has a rule {rule.id!r}")
            found[rule.id] = rule
    return CedarRules(found)


def _read(file: str, statement: Statement) -> Rule:
    outcome = cedarpy.validate_policies(statement.text, _schema())
    if not outcome.validation_passed:
        what = re.sub(r"(for|in) policy `policy0`[,:]? ?", "", outcome.errors[0].error)
        raise _bad(file, statement.line, what)
    policy = _parsed(statement.text)
    if not policy:
        raise _bad(file, statement.line, "templates (?principal, ?resource) are not used")
    try:
        return rule_of(
            policy["effect"], policy.get("annotations", {}), file, statement.line, statement.text
        )
    except ValueError as error:
        raise _bad(file, statement.line, str(error)) from None


def _parsed(rule: str) -> dict[str, Any]:
    """One rule in Cedar's JSON form; empty for a template."""
    found = json.loads(cedarpy.policies_to_json_str(rule))["staticPolicies"]
    policy: dict[str, Any] = found.get("policy0", {})
    return policy


def _bad(file: str, line: int, what: str) -> AskAPerson:
    return AskAPerson(
        f"{file}, line {line}: {what}.",
        code="bad_policy",
        remedy="Mend the rule; `watchfloor policy check` says when all are sound.",
    )


def _statements(text: str) -> Iterator[Statement]:
    """The rules of a file: each ends with a semicolon that is in no string and no comment."""
    start = 0
    ends = [each.end() for each in _TOKEN.finditer(text) if each.group() == ";"]
    for end in (*ends, len(text)):
        part = text[start:end]
        lead = _lead(part)
        if part[lead:]:
            yield Statement(text.count("\n", 0, start + lead) + 1, part[lead:])
        start = end


def _lead(part: str) -> int:
    """Where a rule begins after blank lines and comments."""
    found = re.match(r"(?:\s+|//[^\n]*)*", part)
    return found.end() if found else 0


Words = dict[str, "Words | None"]
"""Which words of the context are used, and of records which of theirs; ``None``: all of it."""


def _fits(head: dict[str, Any], type: str, names: Collection[str]) -> bool:
    """Whether a rule's head leaves these in. In doubt it does: Cedar decides."""
    if head["op"] not in ("==", "in"):
        return True
    named = head.get("entities") or [head["entity"]]
    return any(each["type"] != type or each["id"] in names for each in named)


def _paths(node: Any) -> Iterator[tuple[str, ...]]:
    """The paths into the context that an expression reads; the empty one is the whole."""
    if isinstance(node, list):
        for each in node:
            yield from _paths(each)
    elif isinstance(node, dict):
        path = _path(node)
        if path is not None:
            yield path
        else:
            yield from _paths(list(node.values()))


def _path(node: dict[str, Any]) -> tuple[str, ...] | None:
    """``context.a.b`` as its names; ``None`` for what is no such thing."""
    if node == {"Var": "context"}:
        return ()
    access = node.get(".")
    if not isinstance(access, dict) or not isinstance(access.get("left"), dict):
        return None
    left = _path(access["left"])
    return None if left is None else (*left, access["attr"])


def _tree(paths: set[tuple[str, ...]]) -> Words | None:
    if () in paths:
        return None
    return {
        first: _tree({path[1:] for path in paths if path[0] == first})
        for first in sorted({path[0] for path in paths})
    }


def _pick(record: dict[str, Any], words: Words | None) -> dict[str, Any]:
    if words is None:
        return record
    return {
        name: record[name] if inner is None else _pick(record[name], inner)
        for name, inner in words.items()
    }


@lru_cache(maxsize=1)
def _schema() -> cedarpy.Schema:
    return cedarpy.Schema.from_str(schema())


def schema() -> str:
    """The schema that rules are validated against: every word that they may use."""
    groups = sorted({group for permission in Permission for group in groups_of(permission)})
    context = _type_of(context_of(Facts()))
    lines = [
        f"entity Role enum {_quoted(Role)};",
        f"entity Data enum {_quoted(get_args(Domain))};",
        f"entity Person in [Role] {_type_of(_attributes_named('', '', False, (), '', 0, 0))};",
        *(f'action "{group}";' for group in groups),
        *(
            f'action "{permission}" in {_quoted(groups_of(permission))} appliesTo '
            f"{{ principal: [Person], resource: [Data], context: {context} }};"
            for permission in Permission
        ),
    ]
    return "\n".join(lines)


def _quoted(names: Any) -> str:
    return json.dumps([str(name) for name in names])


def _type_of(value: Any) -> str:
    match value:
        case bool():
            return "Bool"
        case int():
            return "Long"
        case str():
            return "String"
        case dict():
            return "{" + ", ".join(f"{name}: {_type_of(one)}" for name, one in value.items()) + "}"
        case _:
            return "Set<String>"


def _attributes(person: Person, at: Micros) -> _Attributes:
    """A person's attributes as they are at a moment: a training that lapsed is gone."""
    valid = tuple(sorted(name for name in person.certified if person.is_certified(name, at)))
    return (
        person.agency, person.ori or "", person.sworn, valid, person.acr or "",
        person.identity_assurance, person.authenticator_assurance,
    )  # fmt: skip


def _attributes_named(
    agency: str, ori: str, sworn: bool, certified: tuple[str, ...], acr: str, ial: int, aal: int
) -> dict[str, Any]:
    return {
        "agency": agency, "ori": ori, "sworn": sworn, "certified": list(certified), "acr": acr,
        "identity_assurance": ial, "authenticator_assurance": aal,
    }  # fmt: skip


@lru_cache(maxsize=4096)
def _entities(
    id: str, permission: Permission, roles: frozenset[Role], attributes: _Attributes
) -> cedarpy.Entities:
    """A person and an action, parsed once: the same people ask all day."""
    person = {
        "uid": {"type": "Person", "id": id},
        "attrs": _attributes_named(*attributes),
        "parents": [{"type": "Role", "id": role.value} for role in sorted(roles)],
    }
    action = {
        "uid": {"type": "Action", "id": permission.value},
        "attrs": {},
        "parents": [{"type": "Action", "id": group} for group in groups_of(permission)],
    }
    return cedarpy.Entities.from_json_str(json.dumps([person, action]))
