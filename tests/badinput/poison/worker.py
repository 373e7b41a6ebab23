"""Starts the real worker with the poison on its path (the hub starts workers isolated)."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from watchfloor_sdk.worker import main

main()
