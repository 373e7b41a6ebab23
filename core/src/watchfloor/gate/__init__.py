"""The gate: the process that vendors' webhooks reach, with an address of its own.

It speaks HTTP and no more: it holds no secret, no data and no code of a vendor. What it is handed
it passes on to the hub, many at a time, and answers what the hub says of each. So what faces the
internet is small, the console need not face it, and the hub spends no time on HTTP.
"""

from .wire import MAX_BODY, Knock, Reply, Wire

__all__ = ["MAX_BODY", "PROGRAM", "Knock", "Reply", "Wire"]

PROGRAM = "watchfloor.gate.program"
"""What to run with ``python -m``."""
