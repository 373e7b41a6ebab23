"""Repairs: what is known to go wrong with a source, by name, with the fix beside it.

Made from how the sources fare now; nothing is kept. A fault that passes by itself is no repair
until it has lasted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from msgspec import Struct

from watchfloor.contracts import micros
from watchfloor.ports.store import Micros

from .view import SourceView

Step = Literal[
    "set_credential", "change_settings", "approve", "change_connector", "set_clock", "ask_vendor",
    "approve_sharing", "read_log", "check", "wait",
]  # fmt: skip
"""Where the fix is: what the console's button opens."""

PASSING_S = 120.0
"""A degraded source is no repair before this: vendors are busy now and then."""
SKEW_S = 5.0
"""Clocks that differ by less disturb nobody."""
SILENT = "No sign of life"
"""How the gap ledger's reason for a silent feed begins."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A known fault: what people call it, and where its fix is."""

    name: str
    step: Step


_CREDENTIAL = Fault("The vendor refuses the credential", "set_credential")
_NOT_SET = Fault("A credential is not set", "set_credential")
_HOST = Fault("Host not allowed", "change_settings")
_SETTINGS = Fault("The settings do not fit", "change_settings")
_QUOTA = Fault("Quota used up", "wait")
_DRIFT = Fault("The vendor's records have changed", "change_connector")
_APPROVAL = Fault("Waits for approval", "approve")
_NOT_RUN = Fault("The connector must not run", "change_connector")
_AWAY = Fault("The vendor cannot be reached", "ask_vendor")
_MEMORY = Fault("It takes more memory than it may", "change_connector")
_CERTIFICATE = Fault("The vendor's certificate is not trusted", "ask_vendor")
_CRASHES = Fault("It keeps ending", "read_log")
_OTHER = Fault("It needs attention", "check")
_CLOCKS = Fault("The vendor's clock is off", "set_clock")
_SILENCE = Fault("Silent feed", "check")

FAULTS: dict[str, Fault] = {
    "vendor_refused": _CREDENTIAL, "sign_in_again": _CREDENTIAL, "bad_private_key": _CREDENTIAL,
    "credential_incomplete": _NOT_SET, "credential_missing": _NOT_SET,
    "host_not_allowed": _HOST, "internal_address": _HOST, "redirect_refused": _HOST,
    "bad_settings": _SETTINGS, "bad_mapping": _SETTINGS, "no_mapping": _SETTINGS,
    "bad_url": _SETTINGS, "unknown_zone": _SETTINGS,
    "rate_limited": _QUOTA, "token_quota": _QUOTA,
    "schema_drift": _DRIFT, "unreadable_answer": _DRIFT,
    "impact_not_approved": _APPROVAL, "permissions_grew": _APPROVAL,
    "revoked": _NOT_RUN, "tampered": _NOT_RUN, "category_refused": _NOT_RUN,
    "not_installed": _NOT_RUN, "manifest_broken": _NOT_RUN, "connector_broken": _NOT_RUN,
    "vendor_unreachable": _AWAY, "vendor_unavailable": _AWAY, "vendor_timeout": _AWAY,
    "half_answer": _AWAY, "html_answer": _AWAY, "broken_json": _AWAY, "dns": _AWAY,
    "certificate": _CERTIFICATE, "host_key": _CERTIFICATE, "memory": _MEMORY,
}  # fmt: skip
"""By the code of a source's state."""


class Repair(Struct, kw_only=True):
    """One fault of one source: its name, what happened, what to do, since when (RFC 3339), and
    where in the console the fix is."""

    source: str
    source_name: str
    code: str
    fault: str
    detail: str
    remedy: str
    since: str
    step: Step


def repairs(sources: Sequence[SourceView], now: Micros) -> list[Repair]:
    """What is to be repaired, the oldest first."""
    found = (repair for source in sources if source.enabled for repair in _of(source, now))
    return sorted(found, key=lambda repair: repair.since)


def _of(source: SourceView, now: Micros) -> Iterator[Repair]:
    troubled = _troubled(source, now)
    if troubled:
        yield _state_repair(source)
    if source.skew_s is not None and abs(source.skew_s) >= SKEW_S:
        yield _clock_repair(source)
    silent = next(
        (g for g in source.gaps_24h if g.end is None and g.reason.startswith(SILENT)), None
    )
    if silent is not None and not troubled:
        detail = f"Nothing is assured since {silent.start}: {silent.reason}"
        yield _repair(
            source, _SILENCE, "silent", detail, silent.start,
            "Run its check; then ask the vendor whether the feed is on.",
        )  # fmt: skip


def _troubled(source: SourceView, now: Micros) -> bool:
    lasting = (now - micros(source.since)) / 1e6 >= PASSING_S
    return source.state in ("needs_attention", "crash_loop") or (
        source.state in ("degraded", "backing_off") and lasting
    )


def fault_of(source: SourceView) -> Fault:
    """What people call it that a source fails as it does."""
    return FAULTS.get(source.code) or (_CRASHES if source.state == "crash_loop" else _OTHER)


def _state_repair(source: SourceView) -> Repair:
    fault = fault_of(source)
    return _repair(source, fault, source.code, source.reason, source.since, source.remedy)


def _clock_repair(source: SourceView) -> Repair:
    skew_s = source.skew_s or 0.0
    way = "ahead of" if skew_s > 0 else "behind"
    return _repair(
        source, _CLOCKS, "clock_skew", f"It is {abs(skew_s):.0f} s {way} the hub's.", source.since,
        "Set the clock of the system, or of this machine; until then its times are off by as much.",
    )  # fmt: skip


def _repair(
    source: SourceView, fault: Fault, code: str, detail: str, since: str, remedy: str
) -> Repair:
    return Repair(
        source=source.id,
        source_name=source.name,
        code=code,
        fault=fault.name,
        detail=detail,
        remedy=remedy,
        since=since,
        step=fault.step,
    )
