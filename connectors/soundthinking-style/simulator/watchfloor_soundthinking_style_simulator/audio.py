"""A made-up recording: a click for each round, no voice, no street."""

from __future__ import annotations

import io
import struct
import wave

RATE = 8000
_CLICK_S = 0.08
_BETWEEN_S = 0.25


def record(rounds: int) -> bytes:
    """A WAV file (8 kHz, mono, 16 bit) with so many clicks, at most ten."""
    silence = b"\0\0" * int(RATE * _BETWEEN_S)
    frames = silence + (_click() + silence) * min(max(rounds, 1), 10)
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(frames)
    return file.getvalue()


def _click() -> bytes:
    length = int(RATE * _CLICK_S)
    samples = [(-1) ** turn * int(24_000 * (1 - turn / length) ** 3) for turn in range(length)]
    return struct.pack(f"<{length}h", *samples)
