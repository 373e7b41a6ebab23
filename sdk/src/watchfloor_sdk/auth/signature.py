"""Requests that are signed with a shared secret (HMAC, RFC 2104)."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from watchfloor.contracts import AskAPerson

from .base import Leased, Outgoing, part

if TYPE_CHECKING:
    from watchfloor_sdk.context import Context


class Signed(Leased):
    """The credential's ``secret`` signs ``signed``, a template over what goes out:

    ``{method}``, ``{path}``, ``{query}`` (as it is sent), ``{host}``, ``{timestamp}``, ``{nonce}``,
    ``{body}`` and ``{body_sha256}`` (hex). The signature goes into ``header`` as ``form``, a
    template over ``{signature}``, ``{timestamp}``, ``{nonce}`` and ``{key_id}`` (the credential's).
    ``unit`` is the timestamp's; it is told by the vendor's clock, where that is known to differ.
    ``key``: the secret is text, or bytes in base 64.
    """

    def __init__(
        self,
        ctx: Context[Any],
        credential: str,
        *,
        signed: str,
        header: str = "authorization",
        form: str = "{signature}",
        timestamp_header: str | None = None,
        algorithm: Literal["sha1", "sha256", "sha512"] = "sha256",
        encoding: Literal["hex", "base64"] = "hex",
        unit: Literal["s", "ms"] = "s",
        key: Literal["text", "base64"] = "text",
    ) -> None:
        super().__init__(ctx, credential)
        self._signed = signed.split("{body}")
        self._header = header.lower()
        self._form = form
        self._timestamp_header = timestamp_header and timestamp_header.lower()
        self._algorithm = algorithm
        self._hex = encoding == "hex"
        self._per_s = 1000 if unit == "ms" else 1
        self._key_is_text = key == "text"

    async def apply(self, call: Outgoing) -> None:
        """Sign it as it is now: put nothing on it afterwards."""
        lease = await self.lease(call)
        moment = self._ctx.skew.theirs(self._ctx.now())
        stamps = {
            "timestamp": str(int(moment.timestamp() * self._per_s)),
            "nonce": secrets.token_hex(16),
        }
        key = self._key(part(lease, "secret"))
        digest = hmac.digest(key, self._text(call, stamps), self._algorithm)
        signature = digest.hex() if self._hex else b64encode(digest).decode()
        more = {**stamps, "signature": signature, "key_id": lease.get("key_id", "")}
        call.headers[self._header] = self._form.format_map(more)
        if self._timestamp_header:
            call.headers[self._timestamp_header] = stamps["timestamp"]

    def _text(self, call: Outgoing, stamps: dict[str, str]) -> bytes:
        """The body is joined as bytes: it need not be text."""
        parts = urlsplit(call.url)
        values = {
            **stamps,
            "method": call.method,
            "path": parts.path or "/",
            "query": parts.query,
            "host": parts.netloc,
            "body_sha256": hashlib.sha256(call.body).hexdigest(),
        }
        return call.body.join(text.format_map(values).encode() for text in self._signed)

    def _key(self, secret: str) -> bytes:
        if self._key_is_text:
            return secret.encode()
        try:
            return b64decode(secret, validate=True)
        except NotBase64:
            raise AskAPerson(
                "The secret is not base 64.",
                code="credential_incomplete",
                remedy="Set the secret as the vendor shows it.",
            ) from None
