"""What of a vendor's side is to be mended, where everybody looks for what is to be mended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from watchfloor.contracts import rfc3339
from watchfloor.ports.store import KeptLog, Micros, SharingState
from watchfloor.sources import Repair

from .drift import drifted

LATE: Micros = 36 * 3600 * 1_000_000
"""A log that is a day old is pulled; one that is older is late."""
NOT_SET_UP = "not_set_up"
"""Why a log is not read: nobody has set it up, which is no fault."""


def is_late(log: KeptLog, now: Micros) -> bool:
    """Whether it should have come, and did not."""
    return log.problem != NOT_SET_UP and log.until < now - LATE


def vendor_repairs(
    logs: Sequence[KeptLog], states: Sequence[SharingState], names: Mapping[str, str], now: Micros
) -> Iterator[Repair]:
    """Sharing that nobody approved, then logs that do not come. ``names`` are what people call the
    sources; of one that is no more, nothing is said."""
    for state in drifted(states):
        if state.source in names:
            approved = f"approved is “{state.approved}”" if state.approved else "nobody approved it"
            yield Repair(
                source=state.source,
                source_name=names[state.source],
                code="sharing_not_approved",
                fault="The vendor shares what nobody approved",
                detail=f"{state.title}: “{state.found}” at the vendor; {approved}.",
                remedy="Have it set back at the vendor, or have two people approve it.",
                since=rfc3339(state.since),
                step="approve_sharing",
            )
    for log in logs:
        if log.id in names and is_late(log, now):
            yield Repair(
                source=log.id,
                source_name=names[log.id],
                code="vendor_log_late",
                fault="The vendor's own log does not come",
                detail=f"It is whole up to {rfc3339(log.until)}. {log.detail}".strip(),
                remedy="See that it is exported, and that the source may read it.",
                since=rfc3339(log.until),
                step="check",
            )
