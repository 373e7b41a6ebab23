"""What was sent, and what shall go wrong."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Letter:
    """What was taken for delivery: who said so, for whom, and the letter as it came."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes


@dataclass(slots=True)
class Play:
    """What goes wrong. ``replies`` are given to recipients, by address and once each; ``to_mail``
    and ``to_data`` to the next sender and the next letter. ``drops``: so many connections end in
    the middle of the letter; ``lost``: so many letters are taken, and the line is cut before the
    answer. ``starttls``: whether it is offered."""

    replies: dict[str, list[bytes]] = field(default_factory=dict)
    to_mail: list[bytes] = field(default_factory=list)
    to_data: list[bytes] = field(default_factory=list)
    drops: int = 0
    lost: int = 0
    starttls: bool = True
