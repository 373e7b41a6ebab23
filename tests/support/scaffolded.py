"""Packages that ``watchfloor-sdk new`` wrote, installed as an outsider would install them."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from watchfloor_sdk.scaffold import Kind, Plan, write

COMMAND = ("-c", "from watchfloor_sdk.cli import main; main()")


@dataclass(frozen=True)
class Outside:
    """A folder of generated packages, and an environment that has them."""

    folder: Path
    python: Path

    def package(self, kind: str) -> Path:
        """The folder of that kind's package."""
        return self.folder / f"sim-{kind}"

    def run(self, kind: str, *words: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
        """Python with these words, in that kind's folder."""
        return subprocess.run(
            [self.python, *words],
            cwd=self.package(kind), capture_output=True, text=True, timeout=timeout,
        )  # fmt: skip

    def command(
        self, kind: str, *words: str, timeout: float = 60
    ) -> subprocess.CompletedProcess[str]:
        """``watchfloor-sdk`` with these words, in that kind's folder."""
        return self.run(kind, *COMMAND, *words, timeout=timeout)


def generated(folder: Path, kinds: tuple[Kind, ...] = tuple(Kind)) -> Path:
    """One package a kind, ``sim-<kind>``."""
    for kind in kinds:
        write(Plan(f"sim-{kind}", kind, "Example contributors"), folder / f"sim-{kind}")
    return folder


def installed(folder: Path, kinds: tuple[Kind, ...] = tuple(Kind)) -> Outside:
    """An environment of its own that sees this one's packages, with the generated ones in it."""
    generated(folder, kinds)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", ".venv"], cwd=folder, check=True)
    python = folder / ".venv" / "bin" / "python"
    ours, theirs = sysconfig.get_path("purelib"), next(folder.glob(".venv/lib/*/site-packages"))
    (theirs / "outer.pth").write_text(f"import site; site.addsitedir({ours!r})\n")
    editable = [word for kind in kinds for word in ("-e", f"./sim-{kind}")]
    subprocess.run(
        [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-deps",
         "--no-build-isolation", *editable],
        cwd=folder, check=True,
    )  # fmt: skip
    return Outside(folder, python)
