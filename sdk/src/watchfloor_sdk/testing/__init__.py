"""The test kit for connectors: a context, a hub in memory, the contract test.

The base of simulators is here as well, because tests and simulators are written together. Needs
the extra ``[testing]``.
"""

from watchfloor_sdk.simulation import Fault, Faults, HttpSimulator, WebhookSender

from .contexts import TestHub, context, simulated
from .contract import check_contract, check_manifest, run_contract
from .harness import Worker, worker_here, worker_process
from .hub import HubDouble
from .requests import run_actions, run_lookups

__all__ = [
    "Fault",
    "Faults",
    "HttpSimulator",
    "HubDouble",
    "TestHub",
    "WebhookSender",
    "Worker",
    "check_contract",
    "check_manifest",
    "context",
    "run_actions",
    "run_contract",
    "run_lookups",
    "simulated",
    "worker_here",
    "worker_process",
]
