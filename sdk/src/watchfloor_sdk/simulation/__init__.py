"""Simulators: a vendor's system as its documentation describes it, on loopback, faults included.

Needs the extra ``[testing]``. A simulator is a class derived from ``HttpSimulator`` (or from
``Simulator``, where the vendor speaks no HTTP), named under the entry point group
``watchfloor.simulators``; it is never imported by the hub or by a worker.
"""

from .alerts import made_up_alert
from .faults import Fault, Faults
from .server import HttpSimulator
from .simulator import Setup, Simulator
from .webhooks import WebhookSender

__all__ = [
    "Fault",
    "Faults",
    "HttpSimulator",
    "Setup",
    "Simulator",
    "WebhookSender",
    "made_up_alert",
]
