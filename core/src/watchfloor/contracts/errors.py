"""What can go wrong, sorted by what the reader should do next.

    WatchfloorError
     ├── RetryLater        nothing to do: the same call may succeed after ``retry_after`` seconds
     ├── AskAPerson        somebody must change a setting, a credential or an agreement
     │    └── Refused      a rule said no; asking again will not help
     └── GiveUp            the input can never be accepted as it is
          └── NotFound     what was asked for does not exist

Every error has a stable ``code`` to quote, a ``detail`` for people (what happened and why) and
a ``remedy`` (what to do). None of the three may carry a secret, a plate or a name.
"""

from __future__ import annotations


class WatchfloorError(Exception):
    """Base of all errors that the hub, the SDK and connectors raise on purpose."""

    code = "error"
    remedy = ""

    def __init__(self, detail: str, *, code: str | None = None, remedy: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or type(self).code
        self.remedy = remedy or type(self).remedy


class RetryLater(WatchfloorError):
    """The other side is busy, slow or down. ``retry_after`` is in seconds where it said so."""

    code = "retry_later"
    remedy = "The hub tries again by itself."

    def __init__(
        self,
        detail: str,
        *,
        retry_after: float | None = None,
        code: str | None = None,
        remedy: str | None = None,
    ) -> None:
        super().__init__(detail, code=code, remedy=remedy)
        self.retry_after = retry_after


class AskAPerson(WatchfloorError):
    """It will not work until somebody changes something; ``remedy`` names what."""

    code = "needs_attention"


class Refused(AskAPerson):
    """A rule said no: an undeclared host, a missing token, a bind address that is not allowed.
    ``approval`` is the question that a second person was asked, where their yes would open it."""

    code = "refused"

    def __init__(
        self,
        detail: str,
        *,
        code: str | None = None,
        remedy: str | None = None,
        approval: str = "",
    ) -> None:
        super().__init__(detail, code=code, remedy=remedy)
        self.approval = approval


class GiveUp(WatchfloorError):
    """This input can never be accepted. It goes to the dead letters, the rest goes on."""

    code = "unacceptable"


class NotFound(GiveUp):
    """No such thing here."""

    code = "not_found"
