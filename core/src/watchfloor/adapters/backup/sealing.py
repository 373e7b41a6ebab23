"""A sealed file that is written and read as a stream, however large it is.

Two lines in clear, a name of the format and a JSON header, then pieces of 1 MiB, each sealed with
AES-256-GCM. The key is made for this file alone from the day's key and a salt (HKDF, RFC 5869), so
a piece's number can be its nonce (NIST SP 800-38D, 8.2.1); the nonce's last byte marks the last
piece (the STREAM construction, Hoang, Reyhanitabar, Rogaway, Vizár 2015). So no piece can be
changed, moved, taken away or taken from another file, and the header belongs to all of them.
"""

from __future__ import annotations

import io
import os
from typing import BinaryIO

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from msgspec import Struct

from watchfloor.contracts import AskAPerson

MAGIC = b"watchfloor-backup-1\n"
PIECE = 1024 * 1024
_TAG = 16
_LONGEST_HEADER = 4096


class Header(Struct, kw_only=True, forbid_unknown_fields=True):
    """What can be read without a key. ``day`` (UTC) says which key, ``made`` is RFC 3339,
    ``content`` bytes are inside."""

    day: str
    made: str
    hub: str
    content: int
    salt: str


def new_salt() -> str:
    """Of a file."""
    return os.urandom(32).hex()


class SealingWriter(io.RawIOBase):
    """Seals what is written into ``file``, which is whole when ``finish`` has returned."""

    def __init__(self, file: BinaryIO, header: Header, day_key: bytes) -> None:
        self._file = file
        self._start = MAGIC + msgspec.json.encode(header) + b"\n"
        self._cipher = _cipher(day_key, header)
        self._number = 0
        self._waiting = bytearray()
        file.write(self._start)

    def writable(self) -> bool:
        return True

    def write(self, data: bytes | bytearray | memoryview) -> int:  # type: ignore[override]
        self._waiting += data
        while len(self._waiting) > PIECE:  # a full one may be the last: it waits for more
            self._seal(last=False)
        return len(data)

    def finish(self) -> None:
        """Write the last piece."""
        self._seal(last=True)

    def _seal(self, *, last: bool) -> None:
        piece = bytes(self._waiting[:PIECE])
        del self._waiting[:PIECE]
        self._file.write(self._cipher.encrypt(_nonce(self._number, last), piece, self._start))
        self._number += 1


class OpeningReader(io.RawIOBase):
    """Opens what ``SealingWriter`` sealed. ``file`` stands behind the header. Every read raises
    ``AskAPerson`` (code ``backup_damaged``) where something was changed, also at the end where
    something is missing."""

    def __init__(self, file: BinaryIO, header: Header, start: bytes, day_key: bytes) -> None:
        self._file = file
        self._start = start
        self._cipher = _cipher(day_key, header)
        self._number = 0
        self._next = file.read(PIECE + _TAG)
        self._opened = b""
        self._last = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        if not self._opened and not self._last:
            self._open()
        part = self._opened[: len(buffer)]
        buffer[: len(part)] = part
        self._opened = self._opened[len(part) :]
        return len(part)

    def _open(self) -> None:
        sealed, self._next = self._next, self._file.read(PIECE + _TAG)
        self._last = not self._next
        try:
            nonce = _nonce(self._number, self._last)
            self._opened = self._cipher.decrypt(nonce, sealed, self._start)
        except (InvalidTag, ValueError):
            raise damaged("it does not fit its key, or was changed") from None
        self._number += 1


def read_header(file: BinaryIO) -> tuple[Header, bytes]:
    """The header and the bytes that it came in. Raises ``AskAPerson`` (``backup_damaged``)."""
    start = file.readline(len(MAGIC))
    line = file.readline(_LONGEST_HEADER)
    if start != MAGIC:
        raise damaged("it is no backup of a hub")
    try:
        return msgspec.json.decode(line, type=Header), start + line
    except msgspec.DecodeError:
        raise damaged("its first lines were changed") from None


def damaged(why: str) -> AskAPerson:
    """The error for a backup that cannot be used."""
    return AskAPerson(
        f"This backup cannot be used: {why}.",
        code="backup_damaged",
        remedy="Take another copy of it, or another backup; find out what happened to this one.",
    )


def _cipher(day_key: bytes, header: Header) -> AESGCM:
    salt = bytes.fromhex(header.salt)
    return AESGCM(HKDF(SHA256(), 32, salt=salt, info=b"watchfloor/backup/1").derive(day_key))


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
