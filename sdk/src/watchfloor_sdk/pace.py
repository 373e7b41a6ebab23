"""How often a vendor is asked: its documented limits, what its 429s teach, and a breaker.

One ``Pace`` stands before everything that a worker asks of one vendor: polls, inventory, look-ups,
media, log-ins. So a vendor in trouble gets one probe per interval, whoever asks.

    closed ──429, or a wait that the vendor names, or five failures in a row──► shut
    shut ──the interval is over: one caller probes──► closed when it goes well, else shut for longer
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from watchfloor.contracts import RetryLater, WatchfloorError

MOST_FAILURES = 5
"""Failures in a row after which a vendor is left alone for a while."""
FIRST_SHUT_S = 1.0
LONGEST_SHUT_S = 60.0
LONGEST_WAIT_SAID_S = 86_400.0
"""A vendor that asks for more than a day's wait has made a mistake."""
LEARNT_SPACING_S = 0.1
"""The first 429 spreads calls by this; each further one doubles it."""
LONGEST_SPACING_S = 60.0
_ROUNDING_S = 1e-6
_RECOVERY = 0.97
"""Each call that goes well takes this much off what was learnt: half after 23 of them."""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``calls`` in any ``per_s`` seconds, up to ``burst`` of them at once.

    The rest is spread evenly. A vendor that counts in steps takes a step's share at once:
    ``Limit(300, per_s=60, burst=25)`` keeps to 300 a minute in steps of 5 s.
    """

    calls: int
    per_s: float = 1.0
    burst: int = 1

    @property
    def spacing_s(self) -> float:
        """Seconds between calls once the burst is spent, so that no window holds more."""
        return self.per_s / (self.calls - self.burst + 1)


class Bucket:
    """A token bucket that keeps one number: when it would be full again (GCRA, ITU-T I.371)."""

    def __init__(self, spacing_s: float, burst: int = 1) -> None:
        self.spacing_s = spacing_s
        self._burst = burst
        self._full_at = float("-inf")

    @classmethod
    def of(cls, limit: Limit) -> Bucket:
        """The bucket that keeps to a limit."""
        return cls(limit.spacing_s, limit.burst)

    def wait_s(self, now: float) -> float:
        """Seconds until a call may go."""
        wait = self._full_at - self.spacing_s * (self._burst - 1) - now
        return wait if wait > _ROUNDING_S else 0.0

    def take(self, at: float) -> None:
        """A call goes at that time."""
        self._full_at = max(self._full_at, at) + self.spacing_s


class Pace:
    """Limits and breaker of one vendor key. ``cool_down_s`` is what the vendor documents after a
    429 that names no wait; without it a second, and twice as long each time."""

    def __init__(self, *limits: Limit, cool_down_s: float = FIRST_SHUT_S) -> None:
        self._learnt = Bucket(0.0)
        self._buckets = [*map(Bucket.of, limits), self._learnt]
        self._cool_down_s = cool_down_s
        self._trouble: RetryLater | None = None
        self._shut_until = float("-inf")
        self._shut_in_a_row = self._failures = 0
        self._probe: asyncio.Future[None] | None = None

    @property
    def shut_for_s(self) -> float:
        """Seconds until the vendor is asked again; 0 while nothing is wrong."""
        return max(0.0, self._shut_until - _now()) if self._trouble is not None else 0.0

    @asynccontextmanager
    async def turn(self, patience_s: float) -> AsyncIterator[None]:
        """Wait for a turn; what happens inside it is the outcome.

        Raises ``RetryLater`` with the wait, at once, when it would be longer than ``patience_s``.
        """
        probe = await self._admitted(_now() + patience_s)
        try:
            yield
        except RetryLater as error:
            self._went_wrong(error, probe is not None)
            raise
        except WatchfloorError:
            self._went_well(probe is not None)  # a refusal is an answer
            raise
        else:
            self._went_well(probe is not None)
        finally:
            if probe is not None:
                self._probe = None
                probe.set_result(None)

    async def _admitted(self, until: float) -> asyncio.Future[None] | None:
        """Answers the future to settle, for the one caller who is the probe."""
        while self._trouble is not None:
            wait = self._shut_until - _now()
            if wait <= 0 and self._probe is None:
                self._probe = asyncio.get_running_loop().create_future()
                return self._probe
            if _now() + max(wait, 0.0) >= until:
                raise self._as_before(self._trouble, wait if wait > 0 else self._interval_s())
            if self._probe is None:
                await asyncio.sleep(wait)
            else:
                await asyncio.wait([self._probe], timeout=until - _now())
        await self._spaced(until)
        return None

    async def _spaced(self, until: float) -> None:
        now = _now()
        wait = max(bucket.wait_s(now) for bucket in self._buckets)
        if wait and now + wait > until:
            raise RetryLater(
                "The vendor's limit leaves no call for this now.",
                code="rate_limited",
                retry_after=wait,
            )
        for bucket in self._buckets:
            bucket.take(now + wait)
        if wait:
            await asyncio.sleep(wait)

    def _went_well(self, probing: bool) -> None:
        if self._trouble is not None and not probing:
            return  # it was on its way before the trouble began
        self._trouble = None
        self._failures = self._shut_in_a_row = 0
        if self._learnt.spacing_s:
            slower = self._learnt.spacing_s * _RECOVERY
            self._learnt.spacing_s = slower if slower > LEARNT_SPACING_S / 8 else 0.0

    def _went_wrong(self, error: RetryLater, probing: bool) -> None:
        self._failures += 1
        limited = error.code == "rate_limited"
        if not (limited or error.retry_after or probing or self._failures >= MOST_FAILURES):
            return
        if self._trouble is None or probing:  # of many calls on their way, one 429 counts
            self._shut_in_a_row += 1
            if limited:
                spacing = max(2 * self._learnt.spacing_s, LEARNT_SPACING_S)
                self._learnt.spacing_s = min(spacing, LONGEST_SPACING_S)
        self._trouble = error
        said = min(error.retry_after or 0.0, LONGEST_WAIT_SAID_S)
        self._shut_until = max(self._shut_until, _now() + (said or self._interval_s()))

    def _interval_s(self) -> float:
        longest = max(LONGEST_SHUT_S, self._cool_down_s)
        doubled = self._cool_down_s * 2.0 ** min(self._shut_in_a_row - 1, 16)
        chance = random.random()  # noqa: S311 - spreads probes of many hubs, hides nothing
        return min(doubled, longest) * (1 + chance / 10)

    def _as_before(self, trouble: RetryLater, wait: float) -> RetryLater:
        """The reason stays what the vendor said, so that the state does not flicker."""
        return RetryLater(
            trouble.detail, code=trouble.code, remedy=trouble.remedy, retry_after=wait
        )


def _now() -> float:
    return asyncio.get_running_loop().time()
