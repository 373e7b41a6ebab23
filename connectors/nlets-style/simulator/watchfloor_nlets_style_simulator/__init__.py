"""A state's message switch with the relay before it, and other states beyond it, on loopback."""

from .simulator import NletsStyleSimulator
from .states import HotRecord, Licensed, Manner, Registered

__all__ = ["HotRecord", "Licensed", "Manner", "NletsStyleSimulator", "Registered"]
