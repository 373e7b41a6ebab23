"""What the tests of the documentation share: the pages, and the code blocks in them."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_FENCE = re.compile(r"^```(\S*)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, what else stands on the fence, its text, where it is."""

    language: str
    info: str
    text: str
    page: str
    line: int

    @property
    def where(self) -> str:
        """``docs/api.md:41``."""
        return f"{self.page}:{self.line}"


@dataclass(frozen=True)
class Page:
    """A Markdown page. ``name`` is its path within the repository."""

    name: str
    text: str

    def blocks(self, *languages: str) -> list[Block]:
        """Its fenced blocks, of these languages or of any."""
        return [
            Block(match[1], match[2].strip(), match[3], self.name, self._line(match.start()))
            for match in _FENCE.finditer(self.text)
            if not languages or match[1] in languages
        ]

    def _line(self, position: int) -> int:
        return self.text.count("\n", 0, position) + 1

    def table(self, header: str) -> list[list[str]]:
        """The cells of every row under each table whose first column is headed ``header``."""
        rows, inside = [], False
        for line in self.text.splitlines():
            cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
            if not line.startswith("|"):
                inside = False
            elif cells[0] == header:
                inside = True
            elif inside and not line.startswith("|--"):
                rows.append(cells)
        return rows


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def pages() -> dict[str, Page]:
    """Every Markdown page of the repository, by its path."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    return {name: Page(name, (ROOT / name).read_text("utf-8")) for name in sorted(listed)}


@pytest.fixture(scope="session")
def blocks(pages: dict[str, Page]) -> list[Block]:
    """Every fenced block of every page."""
    return [block for page in pages.values() for block in page.blocks()]
