"""What every way to sign on keeps to: an answer belongs to what this browser began, comes in time,
and counts once."""

from __future__ import annotations

import hmac

from watchfloor.contracts import AskAPerson, Refused
from watchfloor.ports.signon import WITHIN_S, Pending
from watchfloor.ports.store import Micros

SECOND = 1_000_000


class Once:
    """Remembers what was used, as long as it could be used again. In memory: what it guards dies
    within minutes, and a provider takes its own codes once only, too."""

    def __init__(self) -> None:
        self._used: dict[str, Micros] = {}

    def take(self, what: str, id: str, until: Micros, now: Micros) -> None:
        """Use ``id``; remembered ``until`` then. Raises ``Refused`` (``sign_on_replayed``)."""
        self._used = {one: end for one, end in self._used.items() if end > now}
        key = f"{what} {id}"
        if key in self._used:
            raise Refused(
                f"This {what} was used before.", code="sign_on_replayed", remedy="Begin again."
            )
        self._used[key] = until


def take_answer(pending: Pending, state: str, once: Once, now: Micros) -> None:
    """Whether an answer with this ``state`` is the one to what was begun; it is used up then.
    Raises ``Refused``."""
    if not hmac.compare_digest(state.encode(), pending.state.encode()):
        raise refused("It answers another sign-on than this browser began.")
    until = pending.begun + WITHIN_S * SECOND
    if now > until:
        raise Refused(
            f"The sign-on took longer than {WITHIN_S // 60} minutes.",
            code="sign_on_stale",
            remedy="Begin again.",
        )
    once.take("answer", pending.state, until, now)


def refused(detail: str) -> Refused:
    """What the provider says is not believed, or is a no."""
    remedy = "Sign in again; if it happens again, tell IT."
    return Refused(detail, code="sign_on_refused", remedy=remedy)


def misfit(detail: str, remedy: str) -> AskAPerson:
    """Provider and settings do not go together."""
    return AskAPerson(detail, code="sign_on_misconfigured", remedy=remedy)
