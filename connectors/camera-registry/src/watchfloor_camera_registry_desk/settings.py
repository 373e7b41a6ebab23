"""What the agency sets, in ``desk.toml``."""

from __future__ import annotations

import re
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Struct

EMAIL = re.compile(
    r"[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
    r"(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)+"
)
"""A valid e-mail address as the HTML standard has it, with a dot in its domain."""
_SERVER = re.compile(r"smtps?://[a-zA-Z0-9.-]+(:[0-9]{1,5})?")


class Settings(Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """``contact`` is how a person is reached: words that stand on every page and in every letter.
    ``evidence`` are the words that tell an owner who helps where to send the footage.

    ``public_url`` is how links in letters begin; without it they are of this machine alone.
    ``bounds`` (west, south, east, north in degrees) is where cameras can be. ``server`` is
    ``smtps://host:465`` (TLS from the start) or ``smtp://host:587`` (STARTTLS); without it letters
    are files in the folder ``letters``.
    """

    agency: str
    contact: str
    evidence: str
    sender: str
    time_zone: str
    bounds: tuple[float, float, float, float] | None = None
    public_url: str | None = None
    server: str | None = None
    username: str | None = None
    password_file: str | None = None

    def __post_init__(self) -> None:
        if any(not text.isprintable() for text in (self.agency, self.contact, self.evidence)):
            raise ValueError("agency, contact and evidence must be one line each")
        if not EMAIL.fullmatch(self.sender):
            raise ValueError("sender must be an e-mail address")
        if self.server is not None and not _SERVER.fullmatch(self.server):
            raise ValueError("server must be smtps://host:465 or smtp://host:587")
        if (self.username is None) != (self.password_file is None):
            raise ValueError("username and password_file go together")
        try:
            ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError("time_zone must be an IANA name such as America/Chicago") from None


def read_settings(path: Path) -> Settings:
    """The settings of a file. Raises ``ValueError`` with what is wrong in words."""
    try:
        return msgspec.toml.decode(path.read_bytes(), type=Settings)
    except FileNotFoundError:
        raise ValueError(f"There is no {path}. The README has one to begin with.") from None
    except (OSError, msgspec.DecodeError) as error:
        raise ValueError(f"{path}: {error}") from None
