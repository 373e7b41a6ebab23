"""The log: one line a record on standard error, in UTC, without what an event, a request or a
credential holds.

Messages are written without data; exceptions are not: their texts quote the value that was wrong,
and a web server's the bytes of the request. So of an exception its type and its place are logged,
never its text, and libraries are heard from warnings on.
"""

from __future__ import annotations

import logging
import sys
import time
import traceback
from types import TracebackType

_CONTROLS = dict.fromkeys([*range(32), *range(127, 160)], " ")

ExceptionInfo = (
    tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
)


class OneLine(logging.Formatter):
    """``2026-05-02T21:14:07.123Z WARNING watchfloor.hosting.session: message (Type at place)``."""

    converter = staticmethod(time.gmtime)

    def __init__(self) -> None:
        super().__init__(
            "%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S"
        )

    def format(self, record: logging.LogRecord) -> str:
        """One record. Nobody can forge a second line by what is in the first."""
        record = logging.makeLogRecord(record.__dict__)
        record.msg, record.args = _message(record), None
        record.exc_text = record.stack_info = None
        return super().format(record).replace("\n", " ").translate(_CONTROLS)

    def formatException(self, ei: ExceptionInfo) -> str:  # noqa: N802 - the base class's name
        """What failed and where, with what it came from; not what it says."""
        failed: list[str] = []
        error = ei[1]
        while error is not None and len(failed) < 5:
            failed.append(_place(error))
            error = error.__cause__ or error.__context__
        return f"({', from '.join(failed)})"


def log_to_stderr(level: str) -> None:
    """Configure the log of this process. ``level``: from what gravity on our own records are
    written."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("watchfloor").setLevel(level.upper())
    logging.raiseExceptions = False  # what cannot be written would be printed, data and all


def _message(record: logging.LogRecord) -> str:
    message = record.getMessage()
    if record.name == "asyncio":  # below its first line it prints tasks and their exceptions
        message = message.partition("\n")[0]
    return message


def _place(error: BaseException) -> str:
    frames = reversed(traceback.extract_tb(error.__traceback__)[-3:])
    where = " < ".join(f"{frame.name} {frame.filename}:{frame.lineno}" for frame in frames)
    return f"{type(error).__name__} in {where}" if where else type(error).__name__
