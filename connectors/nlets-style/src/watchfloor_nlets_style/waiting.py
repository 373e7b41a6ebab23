"""Who of those asked has answered, and for how much longer it is worth waiting."""

from __future__ import annotations

from collections.abc import Sequence

from watchfloor_sdk import Incomplete, Refused, RetryLater

from .answers import Message, Outcome

_ANSWERED = frozenset({"record", "no_record"})


class Waiting:
    """One question's answers. Times are seconds of the loop's clock."""

    def __init__(self, awaits: Sequence[str], until: float, settle_s: float) -> None:
        self._outcomes: dict[str, set[Outcome]] = {state: set() for state in awaits}
        self._seen: set[tuple[str, str]] = set()
        self._until = until
        self._settle_s = settle_s
        self.last = 0
        """The number of the newest answer."""

    @property
    def silent(self) -> list[str]:
        """Who was asked and has said nothing."""
        return [state for state, outcomes in self._outcomes.items() if not outcomes]

    def left_s(self, now: float) -> float:
        """How long to wait yet; 0 when it is over."""
        return max(0.0, self._until - now)

    def new(self, message: Message) -> bool:
        """Whether it is one that has not come before: switches repeat."""
        words = (message.sender, message.refused or message.text)
        known = words in self._seen
        self._seen.add(words)
        return not known

    def heard(self, state: str, outcome: Outcome, now: float) -> None:
        """An answer came. After the last state's, only stragglers are waited for."""
        waited = bool(self.silent)
        self._outcomes.setdefault(state, set()).add(outcome)
        if waited and not self.silent:
            self._until = min(self._until, now + self._settle_s)

    def close(self, outcome: Outcome) -> list[str]:
        """It is over: those who said nothing, who now have that outcome."""
        silent = self.silent
        for state in silent:
            self._outcomes[state].add(outcome)
        return silent

    def end(self) -> None:
        """Raises what the look-up comes to, unless every state has answered the question."""
        if all(outcomes & _ANSWERED for outcomes in self._outcomes.values()):
            return
        had = set().union(*self._outcomes.values())
        if had == {"refused"}:
            raise Refused("Every state that was asked refuses.", code="denied")
        if had == {"timeout"}:
            raise TimeoutError
        detail = "; ".join(
            f"{state}: {' and '.join(sorted(outcomes)).replace('_', ' ')}"
            for state, outcomes in self._outcomes.items()
            if not outcomes & _ANSWERED
        )
        if had & _ANSWERED:
            raise Incomplete(f"Not every state has answered. {detail}.")
        raise RetryLater(f"No state could look it up. {detail}.", code="no_state_answered")
