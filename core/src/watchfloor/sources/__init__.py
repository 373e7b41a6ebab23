"""Sources: what the agency has configured, and how each of it fares."""

from .credentials import HUB, OWN, Credentials, CredentialView, OwnCredentials
from .plainly import plainly, repairs_plainly
from .redrive import REMEDIES, Redrive
from .repairs import PASSING_S, Repair, repairs
from .service import PUSH, Sources
from .view import SourceGap, SourceView

__all__ = [
    "HUB",
    "OWN",
    "PASSING_S",
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
    "plainly",
    "repairs",
    "repairs_plainly",
]
