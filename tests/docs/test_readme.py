"""README.md: its table of connectors is as manifests and computed levels say."""

from __future__ import annotations

import runpy
from pathlib import Path


def test_the_table_of_connectors_is_as_their_manifests_say(root: Path, pages):
    """If not: python tests/docs/connector_table.py --write"""
    written = runpy.run_path(str(root / "tests/docs/connector_table.py"))["page"]()
    assert pages["README.md"].text == written
