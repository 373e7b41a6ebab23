"""The vendor's side against the hub's: its own log of searches, and how it is set to share.

Whoever searches past the hub stands in the vendor's log and not in ours; a vendor may thin its log
out, or have a switch that nobody approved. Each was reported, and each was found by chance: so the
log is pulled every day, kept, and compared, and so are the settings.
"""

from .comparing import Asked, Finding, compare
from .drift import OFF, drifted
from .repairing import vendor_repairs
from .service import DAILY, LogView, Reconciliation, SharingView

__all__ = [
    "DAILY",
    "OFF",
    "Asked",
    "Finding",
    "LogView",
    "Reconciliation",
    "SharingView",
    "compare",
    "drifted",
    "vendor_repairs",
]
