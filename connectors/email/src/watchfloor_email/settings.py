"""What agency IT sets. The same fields stand in ``connector.json`` under ``config_schema``."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct


class Settings(Struct, kw_only=True, frozen=True):
    """``server`` is ``smtp://host:587`` (STARTTLS) or ``smtps://host:465`` (TLS from the start).

    ``authority_file`` is a PEM file: whoever signed the server's certificate, where that is nobody
    whom this machine trusts.
    """

    server: str
    sender: str
    recipients: Annotated[list[str], Meta(min_length=1, max_length=50)]
    authority_file: str | None = None
