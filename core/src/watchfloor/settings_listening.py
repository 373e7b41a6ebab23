"""Where the hub may be reached: the table ``[listening]`` of ``hub.toml``.

[listening]
public_url = "https://hub.example.org"
tls_certificate = "/etc/watchfloor/hub.pem"
tls_key = "/etc/watchfloor/hub.key"
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct

from .contracts import AskAPerson
from .tls import CertificateFiles

_URL = r"^(https://[A-Za-z0-9.\[\]:-]+)?$"


class ListeningSettings(Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """Left out, the hub is on loopback in clear. Beyond that it needs sign-on, and TLS of its own
    or a proxy that has it."""

    public_url: Annotated[str, Meta(pattern=_URL)] = ""
    """Under which people reach the console, ``https://host`` or ``https://host:port``."""
    tls_certificate: str = ""
    """A PEM file: the certificate with its chain. It is read anew when it changes."""
    tls_key: str = ""
    """A PEM file: its key, without a passphrase."""
    trusted_proxies: list[str] = []
    """Addresses and networks of the agency's own proxies, whose word is taken for who asks
    (``X-Forwarded-For``) and whether by TLS (``X-Forwarded-Proto``)."""

    hooks_host: str = "127.0.0.1"
    """The address on which vendors' webhooks come in."""
    hooks_public_url: Annotated[str, Meta(pattern=_URL)] = ""
    """Under which vendors reach it."""
    hooks_tls_certificate: str = ""
    """Its certificate, and"""
    hooks_tls_key: str = ""
    """its key: files of their own, since another process reads them."""

    def console_files(self) -> CertificateFiles | None:
        """Raises ``AskAPerson`` (code ``bad_settings``) where one is given without the other."""
        return _files("tls", self.tls_certificate, self.tls_key)

    def hooks_files(self) -> CertificateFiles | None:
        """The same for webhooks."""
        return _files("hooks_tls", self.hooks_tls_certificate, self.hooks_tls_key)


def _files(which: str, certificate: str, key: str) -> CertificateFiles | None:
    if bool(certificate) != bool(key):
        raise AskAPerson(
            f"{which}_certificate and {which}_key go together.",
            code="bad_settings",
            remedy="Name both files in hub.toml, or none.",
        )
    return CertificateFiles(Path(certificate), Path(key)) if certificate else None
