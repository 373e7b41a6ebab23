"""Values about persons inside the record: sealed, with a keyed hash for counting and joins.

CJISSECPOL AU-3(3): no more about persons in an audit record than is needed. Each calendar month
(UTC) has a key of its own, so that what was recorded can go with its time: destroying the key makes
the values unreadable, and the tree over the records stays verifiable. AES-256-GCM is NIST SP
800-38D; HMAC-SHA-256 is RFC 2104.

The keyed hash outlives the month's key, else nobody could answer next year how often a plate was
looked up. Who holds the hash key and guesses a value can tell whether it was recorded: that is the
records officer's question, and the reason why the key never leaves the keyring.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import os
from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from watchfloor.contracts import AskAPerson, GiveUp, NotFound, normal, rfc3339
from watchfloor.ports.world import Clock, Secrets

from .record import Sealed

INSTANCE = "audit"
"""Whose credentials the keys are."""
_JOINS = "joins"
_NONCE = 12
_KEY = 32

_NORMAL: dict[str, Callable[[str], str]] = {
    "plate": normal.normal_plate,
    "phone": normal.normal_phone,
    "address": normal.normal_address,
}


def normal_form(kind: str, value: str) -> str:
    """The normal form by kind; of others, the words without regard to case."""
    return _NORMAL.get(kind, _words)(value)


class Sealer:
    """Seals and opens values, with keys that are made at their first use, or ``ready`` before."""

    def __init__(self, secrets: Secrets, clock: Clock) -> None:
        self._secrets = secrets
        self._clock = clock
        self._keys: dict[str, bytes] = {}
        self._making = asyncio.Lock()

    async def ready(self) -> None:
        """Have the keys that this month takes: on a disk that is full none can be made. Raises
        ``AskAPerson`` (``disk_full``)."""
        await self._key(_seal(self._month()))
        await self._key(_JOINS)

    async def seal(self, kind: str, value: str) -> Sealed:
        """Under this month's key. ``kind`` is a ``SubjectKind``, ``asked`` or ``reason``."""
        month = self._month()
        cipher = AESGCM(await self._key(_seal(month)))
        nonce = os.urandom(_NONCE)
        box = nonce + cipher.encrypt(nonce, value.encode(errors="replace"), _bound(month, kind))
        return Sealed(
            kind=kind,
            month=month,
            key=await self.joining(kind, value),
            box=base64.b64encode(box).decode(),
        )

    async def joining(self, kind: str, value: str) -> str:
        """The keyed hash of a value, hex: what ``Sealed.key`` says wherever it was recorded."""
        message = f"{kind}\0{normal_form(kind, value)}".encode(errors="replace")
        return hmac.digest(await self._key(_JOINS), message, "sha256").hex()

    async def open(self, sealed: Sealed) -> str:
        """The value. Raises ``NotFound`` (``seal_expired``) when its key has been destroyed,
        ``GiveUp`` (``seal_broken``) for a box that was changed."""
        key = await self._known(_seal(sealed.month))
        if key is None:
            raise NotFound("The key of that month has been destroyed.", code="seal_expired")
        try:
            box = base64.b64decode(sealed.box, validate=True)
            bound = _bound(sealed.month, sealed.kind)
            return AESGCM(key).decrypt(box[:_NONCE], box[_NONCE:], bound).decode()
        except (InvalidTag, ValueError):
            raise GiveUp("The sealed value was changed.", code="seal_broken") from None

    async def forget(self, month: str) -> None:
        """Destroy the key of a month (``2026-11``): its values are unreadable from now on.

        Raises ``AskAPerson`` (``month_in_use``) for the month that is being written."""
        if month >= self._month():
            raise AskAPerson(
                f"{month} is not over: its key is in use.",
                code="month_in_use",
                remedy="Destroy the keys of past months only.",
            )
        await self._secrets.remove(INSTANCE, _seal(month))
        self._keys.pop(_seal(month), None)

    async def months(self) -> list[str]:
        """The months that can still be read, oldest first."""
        names = await self._secrets.names(INSTANCE)
        prefix = _seal("")
        return sorted(name.removeprefix(prefix) for name in names if name.startswith(prefix))

    def _month(self) -> str:
        return rfc3339(self._clock.now())[:7]

    async def _key(self, name: str) -> bytes:
        if (key := self._keys.get(name)) is None:
            async with self._making:
                key = await self._known(name) or await self._make(name)
        return key

    async def _known(self, name: str) -> bytes | None:
        if name not in self._keys and name in await self._secrets.names(INSTANCE):
            value = await self._secrets.get(INSTANCE, name)
            self._keys[name] = base64.b64decode(value["key"])
        return self._keys.get(name)

    async def _make(self, name: str) -> bytes:
        key = os.urandom(_KEY)
        value = {"key": base64.b64encode(key).decode()}
        await self._secrets.put(INSTANCE, name, value)
        self._keys[name] = key
        return key


def _seal(month: str) -> str:
    return f"seal-{month}"


def _bound(month: str, kind: str) -> bytes:
    """What a box is bound to: it opens as nothing else."""
    return f"{month}/{kind}".encode()


def _words(text: str) -> str:
    return " ".join(normal.visible(text).casefold().split())
