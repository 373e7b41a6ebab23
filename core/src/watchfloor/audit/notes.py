"""Signed notes and checkpoints, as C2SP writes them down.

c2sp.org/signed-note (the format, key ids, verifier keys), c2sp.org/tlog-checkpoint (origin, size,
root), c2sp.org/tlog-cosignature (what a witness signs, Ed25519, version 1). RFC 8032 is Ed25519.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from watchfloor.contracts import GiveUp

ED25519, COSIGNATURE = 1, 4
"""Signature types."""
MOST_SIGNATURES = 64
_DASH = "\u2014 "
_NAME = re.compile(r"[^\s+]+\Z")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_DECIMAL = re.compile(r"(0|[1-9][0-9]{0,18})\Z", re.ASCII)


@dataclass(frozen=True)
class Signature:
    """One line under a note: whose, by which key (4 bytes), and the signature's own bytes."""

    name: str
    key: bytes
    value: bytes

    def __str__(self) -> str:
        return f"{_DASH}{self.name} {base64.b64encode(self.key + self.value).decode()}\n"


@dataclass(frozen=True)
class Note:
    """A text that ends in a newline, and who signed it."""

    text: str
    signatures: tuple[Signature, ...]

    @staticmethod
    def parse(content: bytes) -> Note:
        """Raises ``GiveUp`` (code ``bad_note``)."""
        try:
            whole = content.decode()
        except UnicodeDecodeError:
            raise _bad("it is no UTF-8") from None
        text, blank, signed = whole.rpartition("\n\n")
        lines = signed.removesuffix("\n").split("\n")
        if not blank or not signed.endswith("\n") or _CONTROL.search(whole):
            raise _bad("it has no signatures below an empty line")
        if len(lines) > MOST_SIGNATURES:
            raise _bad("it has too many signatures")
        return Note(text + "\n", tuple(map(parse_signature, lines)))

    def __bytes__(self) -> bytes:
        return f"{self.text}\n{''.join(map(str, self.signatures))}".encode()


@dataclass(frozen=True)
class Checkpoint:
    """The head of a log: which log, how many records, the root over them."""

    origin: str
    size: int
    root: bytes

    @staticmethod
    def parse(text: str) -> Checkpoint:
        """From a note's text; further lines are let by, as the format asks. Raises ``GiveUp``."""
        lines = text.split("\n")[:-1]
        if len(lines) < 3 or not all(lines):
            raise _bad("a checkpoint has at least three lines")
        root = unbase64(lines[2])
        if not _DECIMAL.match(lines[1]) or len(root) != 32:
            raise _bad("a checkpoint has a size and a root")
        return Checkpoint(lines[0], int(lines[1]), root)

    def __str__(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


class Signer:
    """A key that signs: a log its checkpoints, or a witness those of others."""

    def __init__(self, name: str, seed: bytes, kind: int = ED25519) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.verifier = Verifier(name, self._key.public_key().public_bytes_raw(), kind)

    def sign(self, text: str) -> Signature:
        """A plain signature over a note's text."""
        value = self._key.sign(text.encode())
        return Signature(self.verifier.name, self.verifier.key, value)

    def cosign(self, text: str, now: int) -> Signature:
        """A witness's: ``now`` (seconds since the epoch) is when it saw this head."""
        value = now.to_bytes(8) + self._key.sign(_cosigned(text, now))
        return Signature(self.verifier.name, self.verifier.key, value)


class Verifier:
    """A public key with its name."""

    def __init__(self, name: str, public: bytes, kind: int = ED25519) -> None:
        if not _NAME.match(name) or kind not in (ED25519, COSIGNATURE) or len(public) != 32:
            raise _bad_key()
        self.name = name
        self._kind = kind
        self._public = public
        self._checks = Ed25519PublicKey.from_public_bytes(public)
        self.key = sha256(f"{name}\n".encode() + bytes([kind]) + public).digest()[:4]

    @staticmethod
    def parse(text: str) -> Verifier:
        """From its text form, ``name+id+key``. Raises ``GiveUp`` (code ``bad_key``)."""
        name, _, rest = text.strip().partition("+")
        key, _, encoded = rest.partition("+")
        try:
            kind, *public = base64.b64decode(encoded, validate=True)
            found = Verifier(name, bytes(public), kind)
        except ValueError:
            raise _bad_key() from None
        if found.key.hex() != key:
            raise _bad_key()
        return found

    def __str__(self) -> str:
        encoded = base64.b64encode(bytes([self._kind]) + self._public).decode()
        return f"{self.name}+{self.key.hex()}+{encoded}"

    def made(self, signature: Signature) -> bool:
        """Whether a signature says that it is by this key."""
        return (signature.name, signature.key) == (self.name, self.key)

    def check(self, text: str, signature: Signature) -> bool:
        """Whether it is."""
        value, signed = signature.value, text.encode()
        if self._kind == COSIGNATURE:
            value, signed = value[8:], _cosigned(text, int.from_bytes(value[:8]))
        try:
            self._checks.verify(value, signed)
        except InvalidSignature:
            return False
        return True


def signed_by(note: Note, known: Iterable[Verifier]) -> list[Verifier]:
    """The known keys that signed a note; signatures of unknown ones are ignored.

    Raises ``GiveUp`` (code ``bad_note_signature``) when one that names a known key does not fit."""
    keys = list(known)
    found = []
    for signature in note.signatures:
        for key in keys:
            if key.made(signature):
                if not key.check(note.text, signature):
                    raise GiveUp(
                        f"The signature of {key.name} does not fit.", code="bad_note_signature"
                    )
                found.append(key)
    return found


def parse_signature(line: str) -> Signature:
    """From one line, without its newline. Raises ``GiveUp`` (code ``bad_note``)."""
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    value = unbase64(encoded)
    if not line.startswith(_DASH) or not _NAME.match(name) or len(value) < 5:
        raise _bad("a line under it is no signature")
    return Signature(name, value[:4], value[4:])


def notes_in(content: bytes) -> tuple[list[Note], int]:
    """The notes of a file that has one after the other, each followed by an empty line; and the
    length of what is whole. Raises ``GiveUp`` (code ``bad_note``)."""
    parts = content.split(b"\n\n")
    whole = (len(parts) - 1) // 2 * 2
    pairs = zip(parts[0:whole:2], parts[1:whole:2], strict=True)
    notes = [Note.parse(text + b"\n\n" + signed + b"\n") for text, signed in pairs]
    return notes, sum(len(part) + 2 for part in parts[:whole])


def unbase64(text: str) -> bytes:
    """Raises ``GiveUp`` (code ``bad_note``)."""
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise _bad("it is no Base 64") from None


def decimal(text: str) -> int:
    """Without sign or leading zeroes. Raises ``GiveUp`` (code ``bad_note``)."""
    if not _DECIMAL.match(text):
        raise _bad("a number is none")
    return int(text)


def _cosigned(text: str, now: int) -> bytes:
    return f"cosignature/v1\ntime {now}\n{text}".encode()


def _bad(why: str) -> GiveUp:
    return GiveUp(f"This is no signed note: {why}.", code="bad_note")


def _bad_key() -> GiveUp:
    return GiveUp("This is no verifier key of a signed note.", code="bad_key")
