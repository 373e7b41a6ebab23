"""What a new policy changes, in words for whoever has to approve it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import unified_diff
from typing import Literal

from .engine import Policy
from .folder import Files, rules_of
from .rules import Rule
from .settings import Confirmed
from .zones import Zone

Direction = Literal["loosens", "tightens", "changes"]
"""``changes``: only a person can say which way; read it."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is no longer as it was."""

    direction: Direction
    what: str


def differences(old: Policy, new: Policy) -> list[Difference]:
    """What ``new`` changes: what loosens first, then what somebody has to read."""
    found = [
        *_rules(old.rules.rules, new.rules.rules),
        *_confirmed("Gate", old.settings.gates, new.settings.gates),
        *_confirmed("Preset", old.settings.presets, new.settings.presets),
        *_zones(old, new),
        *_limits(old, new),
        *_others(old, new),
    ]
    order: list[Direction] = ["loosens", "changes", "tightens"]
    return sorted(found, key=lambda each: (order.index(each.direction), each.what))


def unified(old: Files, new: Files) -> str:
    """The same as text, file by file. The packaged rules hold where there are none, and are not
    gone therefore."""
    lines: list[str] = []
    old, new = ({**rules_of(files), **files} for files in (old, new))
    for name in sorted({*old, *new}):
        lines += unified_diff(
            old.get(name, "").splitlines(keepends=True),
            new.get(name, "").splitlines(keepends=True),
            f"running/{name}",
            f"proposed/{name}",
        )
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)


def _rules(old: Mapping[str, Rule], new: Mapping[str, Rule]) -> Iterator[Difference]:
    for rule in _only(new, old):
        loosens = rule.effect == "permit"
        yield Difference(
            "loosens" if loosens else "tightens", f"Rule {rule.id} ({rule.effect}) is new."
        )
    for rule in _only(old, new):
        loosens = rule.effect == "forbid"
        yield Difference(
            "loosens" if loosens else "tightens", f"Rule {rule.id} ({rule.effect}) is gone."
        )
    for name in sorted(old.keys() & new.keys()):
        if old[name].text != new[name].text:
            yield Difference("changes", f"Rule {name} ({new[name].effect}) reads otherwise.")


def _only(these: Mapping[str, Rule], others: Mapping[str, Rule]) -> Iterable[Rule]:
    return (these[name] for name in sorted(these.keys() - others.keys()))


def _confirmed(
    what: str, before: Mapping[str, Confirmed], after: Mapping[str, Confirmed]
) -> Iterator[Difference]:
    for name in sorted(before.keys() - after.keys()):
        yield Difference("loosens", f"{what} {name} is switched off.")
    for name in sorted(after.keys() - before.keys()):
        yield Difference("tightens", f"{what} {name} is switched on.")
    for name in sorted(before.keys() & after.keys()):
        if before[name] != after[name]:
            yield Difference(
                "changes", f"{what} {name} is confirmed by {after[name].confirmed_by} now."
            )


def _zones(old: Policy, new: Policy) -> Iterator[Difference]:
    before, after = _by_name(old.zones.zones), _by_name(new.zones.zones)
    for name in sorted(before.keys() - after.keys()):
        yield Difference("loosens", f"Sensitive zone {name!r} is gone.")
    for name in sorted(after.keys() - before.keys()):
        yield Difference("tightens", f"Sensitive zone {name!r} is new.")
    for name in sorted(before.keys() & after.keys()):
        if before[name] != after[name]:
            yield Difference("changes", f"Sensitive zone {name!r} has another outline.")


def _by_name(zones: tuple[Zone, ...]) -> dict[str, list[Zone]]:
    """A name can have several outlines."""
    found: dict[str, list[Zone]] = {}
    for zone in zones:
        found.setdefault(zone.name, []).append(zone)
    return found


def _limits(old: Policy, new: Policy) -> Iterator[Difference]:
    before, after = old.settings.limits, new.settings.limits
    for name in before.__struct_fields__:
        if name != "lookback_days":
            yield from _figure(f"Limit {name}", getattr(before, name), getattr(after, name))
    kinds = before.lookback_days.keys() | after.lookback_days.keys()
    for kind in sorted(kinds):
        yield from _figure(
            f"Look-back of {kind} (days)",
            before.lookback_days.get(kind),
            after.lookback_days.get(kind),
        )


def _figure(what: str, before: int | None, after: int | None) -> Iterator[Difference]:
    """No figure is no limit."""
    if before == after:
        return
    looser = after is None or (before is not None and after > before)
    words = [str(each) if each is not None else "without limit" for each in (before, after)]
    yield Difference("loosens" if looser else "tightens", f"{what}: {words[0]} is now {words[1]}.")


def _others(old: Policy, new: Policy) -> Iterator[Difference]:
    before, after = old.settings, new.settings
    for name in sorted(after.agencies.keys() - before.agencies.keys()):
        yield Difference("loosens", f"Agency {name} is listed: it may ask.")
    for name in sorted(before.agencies.keys() - after.agencies.keys()):
        yield Difference("tightens", f"Agency {name} is no longer listed.")
    for name in sorted(before.agencies.keys() & after.agencies.keys()):
        if before.agencies[name] != after.agencies[name]:
            yield Difference("changes", f"Agency {name} is described otherwise.")
    if before.state != after.state:
        yield Difference("changes", f"The agency's state is {after.state or 'not set'} now.")
    if before.contact != after.contact:
        yield Difference("changes", "Denials name another contact.")
