"""``python -m watchfloor.audit FOLDER KEY...``: the check of a log, without the command line's
packages. Prints JSON; leaves with 1 when something is wrong, with 2 when nothing could be checked.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import msgspec

from watchfloor.contracts import WatchfloorError

from .notes import Note, Verifier
from .verify import verify


def main(arguments: list[str]) -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(prog="python -m watchfloor.audit", description=__doc__)
    parser.add_argument("folder", type=Path, help="the log, or an export of it")
    parser.add_argument("keys", nargs="+", metavar="KEY", help="of the log, of its witnesses")
    parser.add_argument(
        "--checkpoint", action="append", default=[], help="one that was kept elsewhere; - is stdin"
    )
    given = parser.parse_args(arguments)
    try:
        known = [Verifier.parse(key) for key in given.keys]
        report = verify(given.folder, known, [Note.parse(_read(each)) for each in given.checkpoint])
    except (WatchfloorError, OSError) as error:
        print(getattr(error, "detail", error), file=sys.stderr)
        return 2
    print(json.dumps(msgspec.to_builtins(report.document())))
    return 0 if report.holds else 1


def _read(given: str) -> bytes:
    """What is piped in may be a socket, which has no name to open it by."""
    return sys.stdin.buffer.read() if given == "-" else Path(given).read_bytes()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
