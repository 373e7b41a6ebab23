"""How far a vendor's clock is ahead of ours, from what it says while we talk to it anyway.

Every HTTP answer has a ``Date`` in whole seconds (RFC 9110, section 6.6.1), and most webhooks say
when they were sent. Each is one sample with an error of its own; the estimate is the median of the
last ones, so that a late delivery or a slow answer does not move it.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

WINDOW = 64


@dataclass(frozen=True, slots=True)
class Estimate:
    """``seconds`` that the vendor's clock is ahead of ours (behind: negative), give or take
    ``error_s``."""

    seconds: float
    error_s: float

    @property
    def is_skewed(self) -> bool:
        """Whether the clocks differ by more than the estimate may be wrong."""
        return abs(self.seconds) > self.error_s


class Skew:
    """Samples of one vendor's clock, the last ``WINDOW`` of them."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, float]] = deque(maxlen=WINDOW)

    def heard(self, date: datetime, asked: datetime, answered: datetime) -> None:
        """An answer that the vendor dated; it was written between ``asked`` and ``answered``.

        Dates are cut to whole seconds, so half a second is added and counts as error.
        """
        half_way = (answered - asked) / 2
        self.sample(date + timedelta(seconds=0.5), asked + half_way, 0.5 + half_way.total_seconds())

    def sample(self, theirs: datetime, ours: datetime, error_s: float) -> None:
        """The vendor's clock said ``theirs`` when ours said ``ours``, give or take ``error_s``.

        For a webhook: when it was sent and when it was received.
        """
        self._samples.append(((theirs - ours).total_seconds(), error_s))

    @property
    def estimate(self) -> Estimate | None:
        """What the samples come to; ``None`` while there are none.

        The error is the spread of the samples (median absolute deviation), and never less than
        the best sample's own.
        """
        if not self._samples:
            return None
        middle = _median([ahead for ahead, _ in self._samples])
        spread = _median([abs(ahead - middle) for ahead, _ in self._samples])
        return Estimate(middle, max(spread, min(error for _, error in self._samples)))

    def ours(self, theirs: datetime) -> datetime:
        """A time by the vendor's clock, by ours. Unchanged while the clocks agree."""
        found = self.estimate
        return theirs - _seconds(found) if found and found.is_skewed else theirs

    def theirs(self, ours: datetime) -> datetime:
        """A time by our clock, by the vendor's: what it expects in a signed request."""
        found = self.estimate
        return ours + _seconds(found) if found and found.is_skewed else ours


def _seconds(estimate: Estimate) -> timedelta:
    return timedelta(seconds=estimate.seconds)


def _median(values: list[float]) -> float:
    """The upper one of an even number: ``statistics`` is too large an import for every worker."""
    return sorted(values)[len(values) // 2]
