"""TLS as the hub's servers speak it, with a certificate that may be replaced while they run.

TLS 1.2 with forward secrecy and AES-GCM, and TLS 1.3 (NIST SP 800-52 rev. 2, 3.1 and 3.3.1): what
an OpenSSL with a FIPS provider has, too. (Without that provider TLS 1.3 also offers ChaCha20, which
clients choose that have no AES in hardware.)
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from dataclasses import dataclass
from pathlib import Path

from .contracts import AskAPerson

log = logging.getLogger(__name__)

LOOK_S = 30.0
"""Seconds between two looks at the files."""

_TLS_1_2 = ":".join(
    f"ECDHE-{who}-AES{bits}-GCM-SHA{digest}"
    for bits, digest in ((256, 384), (128, 256))
    for who in ("ECDSA", "RSA")
)


@dataclass(frozen=True, slots=True)
class CertificateFiles:
    """Two PEM files: the certificate with its chain, and its key without a passphrase."""

    certificate: Path
    key: Path

    def marks(self) -> tuple[tuple[int, ...], ...]:
        """What differs when one was written anew. Raises ``OSError``."""
        found = (self.certificate.stat(), self.key.stat())
        return tuple((one.st_ino, one.st_size, one.st_mtime_ns) for one in found)


class ServerTls:
    """``context`` is what servers are given. Raises ``AskAPerson`` (code ``bad_certificate``)."""

    def __init__(self, files: CertificateFiles) -> None:
        self._files = files
        try:
            self._marks = files.marks()
            self.context = _context(files)
        except OSError as error:
            raise _unusable(error) from None

    async def follow(self) -> None:
        """Look for a renewed certificate again and again, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_S)
            self.refresh()

    def refresh(self) -> bool:
        """Take a certificate that was replaced; connections that stand keep theirs. Whether it was.
        One that cannot be used, which may be half written, leaves the old one in force."""
        try:
            marks = self._files.marks()
            if marks == self._marks:
                return False
            _context(self._files)
            self.context.load_cert_chain(self._files.certificate, self._files.key)
        except OSError as error:
            log.error("%s; the one before stays in use", _unusable(error).detail)
            return False
        self._marks = marks
        log.info("the TLS certificate was replaced")
        return True


def _context(files: CertificateFiles) -> ssl.SSLContext:
    """Raises ``OSError``, of which ``ssl.SSLError`` is one."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(_TLS_1_2)
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_CIPHER_SERVER_PREFERENCE
    # A passphrase would be asked for on a terminal that a service does not have.
    context.load_cert_chain(files.certificate, files.key, password=lambda: "")
    return context


def _unusable(error: OSError) -> AskAPerson:
    reason = error.reason if isinstance(error, ssl.SSLError) else error.strerror
    return AskAPerson(
        f"The TLS certificate or its key cannot be used: {reason or 'they are no PEM files'}.",
        code="bad_certificate",
        remedy="Give the certificate with its chain, and its own key without a passphrase, as PEM.",
    )
