"""What the adoption of a policy changed, for the record: the public page lists each by its date."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from watchfloor.audit import AuditEvent

from .engine import Policy


def changed(before: Policy, after: Policy) -> Iterator[tuple[AuditEvent, str]]:
    """The policy itself; each gate and preset that was switched or confirmed anew; the zones; each
    agency with which something is shared otherwise than before. With what names it."""
    old, new = before.settings, after.settings
    yield AuditEvent.POLICY_CHANGED, after.version
    for name in (*_other(old.gates, new.gates), *_other(old.presets, new.presets)):
        yield AuditEvent.GATE_CHANGED, name
    if before.zones.zones != after.zones.zones:
        yield AuditEvent.ZONE_CHANGED, after.version
    for name in _other(old.agencies, new.agencies):
        yield AuditEvent.SHARING_CHANGED, name


def _other(before: Mapping[str, object], after: Mapping[str, object]) -> list[str]:
    names = sorted(before.keys() | after.keys())
    return [name for name in names if before.get(name) != after.get(name)]
