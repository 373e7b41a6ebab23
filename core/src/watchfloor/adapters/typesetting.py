"""PDF by Typst: archivable (PDF/A-2a, ISO 19005-2, tagged), from a template and data alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import typst

from watchfloor.contracts import GiveUp

PROFILE: Final = "a-2a"


def pdf(files: Mapping[str, bytes], main: str) -> bytes:
    """The document that ``main`` describes; it reads the other files by their names, and nothing
    else. Raises ``GiveUp`` (``not_typeset``)."""
    with TemporaryDirectory(prefix="watchfloor-") as made_here:
        folder = Path(made_here)
        for name, content in files.items():
            (folder / name).write_bytes(content)
        try:
            made: bytes = typst.compile(
                folder / main, root=folder, pdf_standards=[PROFILE], ignore_system_fonts=True
            )
        except typst.TypstError as error:
            raise GiveUp(f"The PDF cannot be made: {error}.", code="not_typeset") from None
    return made
