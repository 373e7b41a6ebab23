"""Sources: what the agency has configured, and how each of it fares."""

from .credentials import Credentials, CredentialView, OwnCredentials
from .redrive import REMEDIES, Redrive
from .repairs import Repair, repairs
from .service import PUSH, Sources
from .view import SourceGap, SourceView

__all__ = [
    "PUSH",
    "REMEDIES",
    "CredentialView",
    "Credentials",
    "OwnCredentials",
    "Redrive",
    "Repair",
    "SourceGap",
    "SourceView",
    "Sources",
    "repairs",
]
