"""Look-ups: questions to systems that cannot be copied, asked with a purpose and on the record.

``Lookups`` is what the rest of the hub asks.
"""

from .offers import Offer
from .service import Lookups, Question

__all__ = ["Lookups", "Offer", "Question"]
