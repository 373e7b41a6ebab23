"""What the gate and the hub say to each other: over a socket pair, frames of a length (four bytes,
big endian) and a MessagePack array."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Generic, TypeVar

import msgspec
from msgspec import Struct

from watchfloor.answers import error_body, retry_after, status_of
from watchfloor.contracts import WatchfloorError

MAX_BODY = 4 * 1024 * 1024
"""Bytes of one webhook."""

MAX_FRAME = 256 * 1024 * 1024
"""More than all that the gate lets wait."""

_LENGTH = 4
_encode = msgspec.msgpack.Encoder().encode


class Knock(Struct, array_like=True, gc=False):
    """A webhook as it came. Names of headers are in small letters, values are Latin-1; ``query``
    is without the question mark."""

    number: int
    source: str
    headers: dict[str, str]
    body: bytes
    query: str = ""


class Reply(Struct, array_like=True, gc=False):
    """What to answer to the knock of this number. ``retry_after`` is in seconds."""

    number: int
    status: int
    body: bytes = b""
    retry_after: int | None = None
    headers: dict[str, str] = {}

    @classmethod
    def refusing(cls, number: int, error: WatchfloorError) -> Reply:
        """What went wrong, in the shape that errors have."""
        return cls(number, status_of(error), error_body(error), retry_after(error))


Said = TypeVar("Said", bound=Struct)
Heard = TypeVar("Heard", bound=Struct)


class Wire(Generic[Said, Heard]):
    """One end of it. ``hears`` is what the other end sends."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, hears: type[Heard]
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._decode = msgspec.msgpack.Decoder(list[hears]).decode  # type: ignore[valid-type]

    def send(self, said: Sequence[Said]) -> None:
        """Say some at once. Both ends bound how much there can be under way."""
        frame = _encode(said)
        self._writer.write(len(frame).to_bytes(_LENGTH, "big") + frame)

    async def receive(self) -> list[Heard]:
        """What the other end says next. Raises ``EOFError`` when it has gone, or when it says
        what makes no sense, after which nothing can be understood any more."""
        try:
            length = int.from_bytes(await self._reader.readexactly(_LENGTH), "big")
            if length > MAX_FRAME:
                raise EOFError
            return self._decode(await self._reader.readexactly(length))
        except (ConnectionError, msgspec.DecodeError):
            raise EOFError from None

    def close(self) -> None:
        """Say no more."""
        self._writer.close()
