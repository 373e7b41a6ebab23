"""Types that several threads may read at once."""

from __future__ import annotations

import msgspec


def known(*types: type) -> None:
    """Let msgspec learn how to read these types, before threads do.

    msgspec 0.22 learns a type when it is first read, and keeps what it has learned before that is
    complete: a second thread that comes to the type meanwhile ends the process. A decoder that is
    made at import does the same for its type. Writing learns nothing.
    """
    for each in types:
        msgspec.json.Decoder(each)
