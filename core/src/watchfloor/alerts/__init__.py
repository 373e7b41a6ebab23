"""Alerts: rules and hot lists watch the log; people act on what they raise; channels are told.

``AlertService`` is what the rest of the hub asks; ``AlertRouter`` and ``Courier`` are its tasks.
docs/alerts.md tells the whole story.
"""

from .context import AlertContext, ContextGap, Near, NearCamera, faces
from .courier import Courier
from .desk import was_stopped
from .hotlists import BadLine, ImportReport
from .origins import Origins
from .router import AlertRouter
from .rules import RuleDocument, RuleInvalid, RuleProblem
from .service import AlertService
from .standing import Standing
from .view import AlertView, DeliveryCounts, is_shown
from .watch import RuleStatus

__all__ = [
    "AlertContext",
    "AlertRouter",
    "AlertService",
    "AlertView",
    "BadLine",
    "ContextGap",
    "Courier",
    "DeliveryCounts",
    "ImportReport",
    "Near",
    "NearCamera",
    "Origins",
    "RuleDocument",
    "RuleInvalid",
    "RuleProblem",
    "RuleStatus",
    "Standing",
    "faces",
    "is_shown",
    "was_stopped",
]
