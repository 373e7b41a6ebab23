"""Packages that have nothing but two JSON files."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from declaring import MANIFEST, PACKAGES

from watchfloor_sdk.declarative import connector_of

NUMBERS = count()
"""A package is imported once for all tests, so each has a name of its own."""


@pytest.fixture
def plates(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """lpr-rest without code."""
    monkeypatch.syspath_prepend(str(PACKAGES))
    yield connector_of("watchfloor_plates")
    sys.modules.pop("watchfloor_plates", None)


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Writes a package of a mapping; answers its connector class."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def write(mapping: dict[str, Any], **manifest: Any) -> Any:
        name = f"watchfloor_made_{next(NUMBERS)}"
        folder = tmp_path / name
        folder.mkdir()
        (folder / "__init__.py").touch()
        (folder / "connector.json").write_text(json.dumps({**MANIFEST, **manifest}))
        (folder / "source.json").write_text(json.dumps(mapping))
        return connector_of(name)

    return write
