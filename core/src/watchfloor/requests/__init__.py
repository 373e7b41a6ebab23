"""Requests: the unit of a centre's work, which carries the purpose of all that is looked up for it;
and what takes two people.

``Requests`` and ``Approvals`` are what the rest of the hub asks.
"""

from .approvals import OPEN_FOR, OVERRIDE_AFTER, Approvals, digest_of
from .asking import NewRequest
from .figures import Figures, figures_of
from .numbers import Numbers
from .past import Columns, PastRow, read_past
from .reviewing import Override, Page
from .reviews import PROVISIONAL_FOR, REVIEW_WITHIN, RequestRules
from .service import Requests
from .view import ApprovalView, RequestView, approval_view, request_view

__all__ = [
    "OPEN_FOR",
    "OVERRIDE_AFTER",
    "PROVISIONAL_FOR",
    "REVIEW_WITHIN",
    "ApprovalView",
    "Approvals",
    "Columns",
    "Figures",
    "NewRequest",
    "Numbers",
    "Override",
    "Page",
    "PastRow",
    "RequestRules",
    "RequestView",
    "Requests",
    "approval_view",
    "digest_of",
    "figures_of",
    "read_past",
    "request_view",
]
