"""Look-ups: questions to systems that cannot be copied, asked with a purpose and on the record.

``Lookups`` is what the rest of the hub asks; ``Spending`` counts what the answers cost.
"""

from .offers import Offer
from .service import LEDGER, Lookups, Question, Shows
from .spending import BudgetView, ChargeView, Spending
from .windows import Span

__all__ = [
    "LEDGER",
    "BudgetView",
    "ChargeView",
    "Lookups",
    "Offer",
    "Question",
    "Shows",
    "Span",
    "Spending",
]
