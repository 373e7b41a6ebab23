"""Hosting: connectors as worker processes, supervised, held to their manifests.

``Catalogue`` knows what is installed, ``Supervisor`` runs what is configured. Vendor code never
runs in the hub's own process; what a worker says is believed only as far as the protocol goes.
"""

from .catalogue import (
    GROUP,
    MANIFEST,
    Catalogue,
    Installed,
    check_config,
    connector_package,
    parse_manifest,
    read_manifest,
)
from .hosts import Hosts, allowed_hosts
from .journal import Journal, Line
from .keeper import House
from .leases import LEASE, RENEWAL, Leases, open_parts
from .paths import named_paths
from .redaction import Redactor
from .services import Assets, Gaps, Ingest, Services
from .states import Limits, State, StateName
from .supervisor import Supervisor
from .trial import try_out
from .vendor_schema import misfit

__all__ = [
    "GROUP",
    "LEASE",
    "MANIFEST",
    "RENEWAL",
    "Assets",
    "Catalogue",
    "Gaps",
    "Hosts",
    "House",
    "Ingest",
    "Installed",
    "Journal",
    "Leases",
    "Limits",
    "Line",
    "Redactor",
    "Services",
    "State",
    "StateName",
    "Supervisor",
    "allowed_hosts",
    "check_config",
    "connector_package",
    "misfit",
    "named_paths",
    "open_parts",
    "parse_manifest",
    "read_manifest",
    "try_out",
]
