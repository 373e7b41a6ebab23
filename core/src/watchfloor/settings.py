"""What the agency sets: one file ``hub.toml`` in the data directory, read at start.

agency = "ex-pd"
name = "Example City real-time crime centre"
timezone = "America/Chicago"
bounds = [-90.2, 29.8, -89.6, 30.2]
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Meta, Struct

from .contracts import AskAPerson
from .settings_listening import ListeningSettings
from .settings_oversight import OversightSettings
from .settings_sign_on import SignOnSettings
from .settings_vault import VaultSettings
from .settings_witness import VerifierKey, WitnessSettings

FILE = "hub.toml"


class HubSettings(Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """One hub. ``bounds`` (west, south, east, north in degrees) is where the agency's world is:
    it tells swapped coordinates apart and frames the map."""

    agency: Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]{0,63}$")] = "example"
    """Short id of the agency, as it stands in event sources."""
    name: Annotated[str, Meta(min_length=1, max_length=200)] = "Real-time crime centre"
    """What the console's title says."""
    timezone: str = "UTC"
    """IANA zone of the agency: “yesterday” and “22:00” mean this."""
    bounds: tuple[float, float, float, float] | None = None
    """West, south, east, north."""

    outgoing_hosts: list[str] = []
    """``host:port`` inside the agency's network to which alerts may be sent; others inside are
    refused."""

    proxy: Annotated[str, Meta(pattern=r"^(http://[^/@\s]+:[0-9]+)?$")] = ""
    """The agency's own proxy, ``http://host:port``, by which connectors reach what is outside. Its
    credential is ``proxy`` of ``hub`` in the keyring."""
    certificates: str = ""
    """A file (PEM) of certificate authorities that connectors, alerts and sign-on trust besides the
    system's: the agency's own."""

    registry_index: str = ""
    """Where connectors are installed from: a folder, or an https:// address."""
    registry_root: str = ""
    """The public root (``root.json``) that the index is believed for; the project's own, when
    empty."""
    development: bool = False
    """Connectors beside the hub, in its own environment, may run: unverified, and without an
    approved impact statement. For developers and the demo."""

    call_over_hours: Annotated[int, Meta(ge=1, le=8760)] = 24
    """Hours after a call's end from which on work for it goes to the weekly review."""

    listening: ListeningSettings = ListeningSettings()
    """Where the hub may be reached."""
    vault: VaultSettings | None = None
    """Where credentials are kept, and not in the sealed keyring of the data directory."""
    sign_on: SignOnSettings | None = None
    """By whom people are signed in."""
    oversight: OversightSettings = OversightSettings()
    """How sharply misuse is looked for."""
    audit_copy: str = ""
    """Where the second copy of the audit log is kept: a folder on another disk, or another host's;
    beside the first, when empty."""
    witnesses: list[WitnessSettings] = []
    """Neighbours that cosign this hub's audit log."""
    witnessed_logs: list[VerifierKey] = []
    """Keys of the neighbours' audit logs that this hub cosigns."""
    sign_in_banner: Annotated[str, Meta(max_length=4000)] = ""
    """The notice that everybody acknowledges when they sign in (CJISSECPOL AC-8)."""

    def zone(self) -> ZoneInfo:
        """The time zone. Raises ``AskAPerson`` when there is no such zone."""
        try:
            return ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError):
            raise AskAPerson(
                f"There is no time zone {self.timezone!r}.",
                code="bad_settings",
                remedy=f"Write an IANA name such as America/Chicago as timezone in {FILE}.",
            ) from None


def load(data_dir: Path) -> HubSettings:
    """The settings of a data directory; defaults where there is no file.

    Raises ``AskAPerson`` (code ``bad_settings``) with the field that is wrong.
    """
    path = data_dir / FILE
    if not path.exists():
        return HubSettings()
    try:
        return msgspec.convert(tomllib.loads(path.read_text("utf-8")), HubSettings)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise AskAPerson(
            f"{path} cannot be used: {error}.", code="bad_settings", remedy="Mend the file."
        ) from None
