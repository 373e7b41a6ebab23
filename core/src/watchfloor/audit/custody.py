"""Whether the log can be relied on: who looks after it, and what is wrong with it now.

CJISSECPOL AU-5: who answers for the system hears within an hour that the log is not written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from watchfloor.contracts import micros
from watchfloor.ports.store import Micros
from watchfloor.ports.world import Clock

from .cosigning import Cosigned, Cosigners
from .inspection import Inspector
from .log import AuditLog
from .witness import Witness

REVIEWED = 7 * 24 * 3600 * 1_000_000
"""Microseconds for which somebody's word is shown: whoever looks weekly sees it (AU-6)."""
SHOWN = 24 * 3600 * 1_000_000
"""Microseconds for which an outage is shown once it is over."""
PATIENCE = 24 * 3600 * 1_000_000
"""Microseconds before a neighbour that does not cosign is a trouble: links are down now and then.
One that has cosigned another history is a trouble at once."""
_FORKED = "log_forked"


@dataclass(frozen=True)
class Trouble:
    """Something that is wrong with the log: a stable code, what people call it, what happened,
    what to do, since when."""

    code: str
    fault: str
    detail: str
    remedy: str
    since: Micros


@dataclass(frozen=True)
class Custody:
    """The log with its witnesses, the hub's own witness, and who checks the copies."""

    log: AuditLog
    witness: Witness
    cosigners: Cosigners
    inspector: Inspector
    clock: Clock

    def troubles(self) -> list[Trouble]:
        """All that is wrong now, the worst first."""
        return [*self._writing(), *self._taken_as_it_lay(), *self._copies(), *self._neighbours()]

    def _writing(self) -> Iterator[Trouble]:
        health, now = self.log.health, self.clock.now()
        if health.diverged:
            yield Trouble(
                "audit_diverged",
                "The audit log is not as it was written",
                f"{health.reason} Look-ups are refused and nothing is signed; alerts go on.",
                "Keep both copies as they are. watchfloor audit verify says what was changed, and "
                "docs/audit.md how the hub goes on.",
                health.since,
            )
        elif not health.healthy:
            yield Trouble(
                "audit_unavailable",
                "The audit log cannot be written",
                "A copy of it does not take records: look-ups are refused, alerts go on.",
                "Check the disks of both copies; it goes on by itself.",
                health.since,
            )
        elif health.down_since is not None and now - health.since < SHOWN:
            yield Trouble(
                "audit_was_down",
                "The audit log could not be written for a while",
                "Look-ups were refused meanwhile; the record “audit.resumed” says how many.",
                "Find out why the disk of a copy was away or full.",
                health.down_since,
            )
        if (left_out := self.log.left_out_at) is not None and now - left_out < SHOWN:
            yield Trouble(
                "audit_left_out",
                "Records were left out of the audit log",
                "More alerts were noted than could be kept; “audit.left_out” says how many.",
                "Find out why the disk of a copy was away or full.",
                left_out,
            )

    def _taken_as_it_lay(self) -> Iterator[Trouble]:
        said = self.log.accepted
        if said is None or said.operator is None or self.clock.now() - micros(said.at) >= REVIEWED:
            return
        yield Trouble(
            "audit_accepted",
            "The audit log was taken as it lay",
            f"The hub had signed {said.more['signed']} records, and was told by"
            f" {said.operator.handle}, at its machine, to go on with another log, of {said.count}.",
            "Ask who answers for it what became of the records that are missing, and tell whoever"
            " has a checkpoint or cosigns it: they will find another log.",
            micros(said.at),
        )

    def _copies(self) -> Iterator[Trouble]:
        found = self.inspector.last
        if found is not None and not found.holds:
            yield Trouble(
                "audit_does_not_hold",
                "The audit log does not hold",
                "; ".join(f"{copy}: {words}" for copy, words in found.copies.items()) + ".",
                "Keep both copies as they are, and check each: watchfloor audit verify.",
                micros(found.at),
            )

    def _neighbours(self) -> Iterator[Trouble]:
        yield from filter(None, map(self._cosigner, self.cosigners.standing))
        for origin, strayed in sorted(self.witness.refused.items()):
            yield Trouble(
                "log_forked",
                "A neighbour's log is not the one that it was",
                f"{origin} signed a head that was not shown to carry on from what was cosigned.",
                "Ask that agency; the record “audit.witnessed” that was denied holds the evidence.",
                strayed.since,
            )

    def _cosigner(self, standing: Cosigned) -> Trouble | None:
        since = standing.since
        if standing.problem is None or since is None:
            return None
        if standing.problem == _FORKED:
            return Trouble(
                "audit_forked",
                "The audit log is not the one that a witness knows",
                f"{standing.witness} has cosigned another history of this log, or a longer one.",
                "Keep both copies as they are; compare them with the checkpoint that it has.",
                since,
            )
        if self.clock.now() - (standing.at or since) < PATIENCE:
            return None
        return Trouble(
            "audit_not_cosigned",
            "A witness does not cosign",
            f"{standing.witness} has not cosigned the audit log for a day ({standing.problem}).",
            "Ask that agency; check its address and key in hub.toml.",
            since,
        )
