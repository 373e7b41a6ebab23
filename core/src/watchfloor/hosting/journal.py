"""The last lines of each source: what its worker logged, and the states that it went through."""

from __future__ import annotations

import logging
from collections import defaultdict, deque
from collections.abc import Sequence

from msgspec import Struct

from watchfloor.contracts import rfc3339

from .states import State

KEPT = 500
"""Lines of a source."""
_LOGGER = "watchfloor.hosting"
_TROUBLE = {"backing_off", "crash_loop", "needs_attention"}


class Line(Struct):
    """One line; ``level``: debug, info, warning or error."""

    at: str
    level: str
    text: str


class Journal(logging.Handler):
    """Hears what hosting logs of a source (its records' first argument is the source's id)."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: dict[str, deque[Line]] = defaultdict(lambda: deque(maxlen=KEPT))

    def open(self) -> None:
        """Begin to hear."""
        logging.getLogger(_LOGGER).addHandler(self)

    def close(self) -> None:
        """Hear no more."""
        logging.getLogger(_LOGGER).removeHandler(self)
        super().close()

    def emit(self, record: logging.LogRecord) -> None:
        """A record of hosting."""
        if isinstance(record.args, tuple) and record.args and record.msg.startswith("%s: "):
            text = record.getMessage().partition(": ")[2]
            self._add(str(record.args[0]), int(record.created * 1e6), record.levelname, text)

    def saw(self, state: State) -> None:
        """A source's new state."""
        level = "WARNING" if state.state in _TROUBLE else "INFO"
        words = [state.state.replace("_", " "), state.reason, state.remedy]
        self._add(state.source, state.since, level, ". ".join(filter(None, words)))

    def lines(self, source: str) -> Sequence[Line]:
        """What is kept of a source, oldest first."""
        return tuple(self._lines.get(source, ()))

    def _add(self, source: str, at: int, level: str, text: str) -> None:
        self._lines[source].append(Line(rfc3339(at), level.lower(), text))
