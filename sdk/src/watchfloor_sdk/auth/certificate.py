"""A client certificate (mutual TLS), in PEM or in PKCS#12 (RFC 7292; needs the extra ``[keys]``).

OpenSSL reads certificates from files. The key is given to it by an anonymous file in memory where
the system has those, so that it never is on a disk.
"""

from __future__ import annotations

import os
import ssl
import tempfile
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from watchfloor.contracts import AskAPerson

from .base import Leased, Outgoing, part


class ClientCertificate(Leased):
    """``certificate`` (with its chain) and ``private_key`` in PEM; or ``pkcs12`` in base 64.
    ``password`` is the key's, where it has one."""

    _made_with: Mapping[str, str] | None = None
    _tls: ssl.SSLContext

    async def apply(self, call: Outgoing) -> None:
        """Nothing on the call: the connection proves it."""
        await self.lease(call)

    async def tls(self) -> ssl.SSLContext:
        """Made anew when the credential was changed. Raises ``AskAPerson``."""
        lease = await self._ctx.credential(self._name)
        if lease != self._made_with:
            self._tls, self._made_with = _context(lease), lease
        return self._tls


def _context(lease: Mapping[str, str]) -> ssl.SSLContext:
    context = ssl.create_default_context()
    password = lease.get("password") or ""
    try:
        if lease.get("pkcs12"):
            pem, password = _opened(b64decode(lease["pkcs12"], validate=True), password), ""
        else:
            pem = f"{part(lease, 'certificate')}\n{part(lease, 'private_key')}\n".encode()
        with _as_file(pem) as path:
            context.load_cert_chain(path, password=password)
    except (ssl.SSLError, ValueError, NotBase64, OSError):
        raise AskAPerson(
            "The client certificate or its key cannot be read, or they do not belong together.",
            code="credential_incomplete",
            remedy="Set the credential again: certificate, private key and, if any, its password.",
        ) from None
    return context


def _opened(pkcs12: bytes, password: str) -> bytes:
    """Certificate, key and chain as PEM. Raises ``ValueError``."""
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
    from cryptography.hazmat.primitives.serialization.pkcs12 import load_key_and_certificates

    key, certificate, chain = load_key_and_certificates(pkcs12, password.encode() or None)
    if key is None or certificate is None:
        raise ValueError("no key or no certificate")
    found = [certificate, *chain]
    return b"".join(one.public_bytes(Encoding.PEM) for one in found) + key.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )


@contextmanager
def _as_file(content: bytes) -> Iterator[str]:
    if hasattr(os, "memfd_create"):
        file = os.memfd_create("certificate", os.MFD_CLOEXEC)
        try:
            os.write(file, content)
            yield f"/proc/self/fd/{file}"
        finally:
            os.close(file)
    else:
        with tempfile.NamedTemporaryFile() as named:  # mode 0600, gone with the block
            named.write(content)
            named.flush()
            yield named.name
