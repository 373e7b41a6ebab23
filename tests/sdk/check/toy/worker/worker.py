"""Starts the toy's worker with one bad habit, or with ``none``: ``worker.py <habit> <id>``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import watchfloor_toy_check

watchfloor_toy_check.HABIT = sys.argv.pop(1)

from watchfloor_sdk.worker import main  # noqa: E402

main()
