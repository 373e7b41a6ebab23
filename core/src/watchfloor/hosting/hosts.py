"""Which hosts an instance may reach: the manifest's list with the configuration filled in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from watchfloor.contracts import AskAPerson

_FIELD = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
_PORTS = {
    "http": 80, "https": 443, "ws": 80, "wss": 443, "mqtt": 1883, "mqtts": 8883, "sftp": 22,
    "postgresql": 5432, "mssql": 1433, "smtp": 587, "smtps": 465,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hosts:
    """``host:port`` each. ``internal`` are those that the agency's own configuration names: only
    they may lead to private or loopback addresses."""

    allowed: Sequence[str]
    internal: Sequence[str]


def allowed_hosts(entries: Sequence[str], config: Mapping[str, Any]) -> Hosts:
    """Fill ``{field}`` in. A field that is not set allows nothing. Raises ``AskAPerson``."""
    fixed = [_host_port(entry) for entry in entries if not _FIELD.search(entry)]
    filled = [text for entry in entries for text in _filled(entry, config)]
    own = [_host_port(text) for text in filled if not text.startswith("sqlite:")]  # a file
    return Hosts(allowed=[*fixed, *own], internal=own)


def _filled(entry: str, config: Mapping[str, Any]) -> Iterator[str]:
    fields = _FIELD.findall(entry)
    if not fields or any(config.get(field) in (None, "") for field in fields):
        return
    values = config[fields[0]]
    if len(fields) == 1 and isinstance(values, list):
        yield from (entry.replace(f"{{{fields[0]}}}", str(value)) for value in values)
    else:
        yield _FIELD.sub(lambda match: str(config[match[1]]), entry)


def _host_port(text: str) -> str:
    parts = urlsplit(text if "://" in text else f"//{text}")
    try:
        port = parts.port or _PORTS.get(parts.scheme, 443)
    except ValueError:
        port = 0
    if not parts.hostname or not port or (parts.scheme and parts.scheme not in _PORTS):
        raise AskAPerson(
            "An address in the settings names no host that can be reached.",
            code="bad_url",
            remedy="Write it as https://host or https://host:port.",
        )
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{host}:{port}"
