"""The egress: the process through which all workers' traffic goes out.

It speaks HTTP CONNECT over one Unix socket and no more. Who asks is told by a token and by the
process that the system says it is; where it may go, the hub has said. The name is resolved here,
once, and the connection goes to the address that was checked. It holds no credential of a vendor
and sees only what passes: mostly TLS.
"""

from .addresses import is_internal
from .policy import News, Pass, Proxy

__all__ = ["PROGRAM", "News", "Pass", "Proxy", "is_internal"]

PROGRAM = "watchfloor.egress.program"
"""What to run with ``python -m``."""
