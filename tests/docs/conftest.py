"""What the tests of the documentation share: the pages, and the code blocks in them."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
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


@dataclass(frozen=True)
class RunningHub:
    """A hub that was started as the documentation says, for blocks that are run."""

    url: str
    token: str
    data_dir: Path
    folder: Path

    def run(self, scripts: list[str]) -> str:
        """Run shell blocks one after the other, in one shell; what they printed. Fails when one
        of their commands does."""
        text = "\n".join(script + "\necho" for script in scripts)
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", text],
            cwd=self.folder, env=self._environment(), capture_output=True, text=True, timeout=240,
        )  # fmt: skip
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HUB": self.url,
            "TOKEN": self.token,
            "WATCHFLOOR_DATA_DIR": str(self.data_dir),
        }


@pytest.fixture
def running_hub(tmp_path: Path) -> Iterator[RunningHub]:
    """``watchfloor serve`` on a free port; ended as Ctrl-C does."""
    data_dir = tmp_path / "data"
    command = [
        str(Path(sys.executable).parent / "watchfloor"),
        "serve",
        "--development",
        "--port",
        "0",
        "--hooks-port",
        "0",
    ]
    with subprocess.Popen(
        [*command, "--data-dir", str(data_dir), "--as", "Writer"],
        stdout=subprocess.PIPE, text=True, cwd=tmp_path,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        try:
            said = process.stdout.readline() + process.stdout.readline()
            link = re.search(r"(http://127\.0\.0\.1:\d+)/#token=(\S+)", said)
            assert link, said
            yield RunningHub(link[1], link[2], data_dir, tmp_path)
        finally:
            process.send_signal(signal.SIGINT)
            ended = process.wait(20)
    assert ended == 0
