"""Actions: things done outside by connectors, each at most once, with a receipt.

``Actions`` is what the rest of the hub asks.
"""

from .service import DELIVER_ALERT, Actions, Doable

__all__ = ["DELIVER_ALERT", "Actions", "Doable"]
