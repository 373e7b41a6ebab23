"""The test kit for connectors: a context, a hub in memory, the contract test.

The base of simulators is here as well, because tests and simulators are written together. Needs
the extra ``[testing]``.
"""

from watchfloor_sdk.simulation import Fault, Faults, HttpSimulator, WebhookSender

from .contexts import TestHub, context

__all__ = ["Fault", "Faults", "HttpSimulator", "TestHub", "WebhookSender", "context"]
