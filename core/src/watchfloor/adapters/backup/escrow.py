"""The days' keys once more, in a file on another disk, for the day on which the machine is lost.

It is sealed with a recovery code, which is shown once, to be kept on paper. The hub knows the code,
too, so that it can renew the file with each new key and take destroyed keys out of it.
"""

from __future__ import annotations

import base64
import binascii
import os
from dataclasses import dataclass
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from watchfloor.contracts import AskAPerson

from .keys import DayKeys

_MAGIC = b"watchfloor-escrow-1\n"
_NONCE, _SALT, _CODE_BYTES = 12, 32, 30
"""A code of 240 bits fills 48 letters of base 32."""


@dataclass(frozen=True, slots=True)
class Escrow:
    """The file of these keys."""

    keys: DayKeys

    def arrange(self, path: Path) -> str | None:
        """Keep the keys in ``path`` from now on. The recovery code, where there was none yet."""
        code = None
        if self.keys.note("recovery code") is None:
            code = _new_code()
            self.keys.keep("recovery code", code)
        self.keys.keep("escrow", str(path.absolute()))
        return code

    def renew(self) -> Path:
        """Write the file anew; where it is. Raises ``AskAPerson`` (``no_escrow``,
        ``escrow_not_written``)."""
        place, code = self.keys.note("escrow"), self.keys.note("recovery code")
        if place is None or code is None:
            raise AskAPerson(
                "Where the keys of the backups are kept besides this machine was never said.",
                code="no_escrow",
                remedy="Name a file on another disk: --escrow FILE. Without it, a machine that is "
                "lost takes its backups along.",
            )
        path = Path(place)
        try:
            _write(path, _sealed(self.keys.all(), code))
        except OSError as error:
            raise AskAPerson(
                f"The escrow file cannot be written: {error.strerror}.",
                code="escrow_not_written",
                remedy=f"Make {path} writable, or name another file: --escrow FILE.",
            ) from None
        return path


def opened(path: Path, code: str) -> dict[str, str]:
    """Day → key in hex. Raises ``AskAPerson`` (``bad_escrow``)."""
    try:
        sealed = path.read_bytes()
        head = len(_MAGIC) + _SALT
        if not sealed.startswith(_MAGIC):
            raise ValueError
        cipher = _cipher(code, sealed[len(_MAGIC) : head])
        text = cipher.decrypt(sealed[head : head + _NONCE], sealed[head + _NONCE :], _MAGIC)
        return msgspec.json.decode(text, type=dict[str, str])
    except OSError as error:
        why = f"the file cannot be read ({error.strerror})"
    except (InvalidTag, ValueError):
        why = "it does not fit the recovery code, or was changed"
    raise AskAPerson(
        f"The escrow cannot be opened: {why}.",
        code="bad_escrow",
        remedy="Type the code as it was shown when the escrow was arranged; check the file.",
    )


def _new_code() -> str:
    letters = base64.b32encode(os.urandom(_CODE_BYTES)).decode()
    return "-".join(letters[at : at + 6] for at in range(0, len(letters), 6))


def _cipher(code: str, salt: bytes) -> AESGCM:
    """A code is drawn at random: it needs no slow hash. Raises ``ValueError`` for what is none."""
    letters = "".join(code.split()).replace("-", "").upper()
    try:
        secret = base64.b32decode(letters)
    except binascii.Error:
        raise ValueError from None
    return AESGCM(HKDF(SHA256(), 32, salt=salt, info=b"watchfloor/escrow/1").derive(secret))


def _sealed(keys: dict[str, str], code: str) -> bytes:
    salt, nonce = os.urandom(_SALT), os.urandom(_NONCE)
    body = _cipher(code, salt).encrypt(nonce, msgspec.json.encode(keys), _MAGIC)
    return _MAGIC + salt + nonce + body


def _write(path: Path, content: bytes) -> None:
    """In the place of the one before: a copy of a key that was destroyed must not stay."""
    new = path.with_name(f"{path.name}.new")
    descriptor = os.open(new, os.O_CREAT | os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(descriptor)
    new.replace(path)
