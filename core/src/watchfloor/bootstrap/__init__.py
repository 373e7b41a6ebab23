"""Puts the hub together: the only place that knows every name."""

from .connectors import CONNECTORS, EGRESS, WORK
from .governance import AUDIT, AUDIT_COPY, AUDIT_INDEX, second_copy
from .ground import DATABASE
from .hub import (
    BASEMAP,
    Options,
    Running,
    describe_store,
    running_hub,
    serve_hub,
    stop_signal,
)
from .keyring import keyring_of
from .occupying import LOCK_FILE, RUN_FILE, alone, runs

__all__ = [
    "AUDIT",
    "AUDIT_COPY",
    "AUDIT_INDEX",
    "BASEMAP",
    "CONNECTORS",
    "DATABASE",
    "EGRESS",
    "LOCK_FILE",
    "RUN_FILE",
    "WORK",
    "Options",
    "Running",
    "alone",
    "describe_store",
    "keyring_of",
    "running_hub",
    "runs",
    "second_copy",
    "serve_hub",
    "stop_signal",
]
