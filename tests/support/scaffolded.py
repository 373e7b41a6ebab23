"""Packages that ``watchfloor-sdk new`` wrote, installed as an outsider would install them."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from watchfloor.adapters.environments import find_uv
from watchfloor_sdk.scaffold import DECLARATIVE, Kind, Plan, write

PLANS = {
    plan.name: plan
    for plan in [
        *(Plan(f"sim-{kind}", kind, "Example contributors") for kind in Kind),
        *(Plan(f"file-{kind}", kind, "Example contributors", True) for kind in DECLARATIVE),
    ]
}
"""One package a kind, and those that a mapping file is enough for once more, as ``file-<kind>``."""

COMMAND = ("-c", "from watchfloor_sdk.cli import main; main()")


@dataclass(frozen=True)
class Outside:
    """A folder of generated packages, and an environment that has them."""

    folder: Path
    python: Path

    def run(self, name: str, *words: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
        """Python with these words, in that package's folder."""
        return subprocess.run(
            [self.python, *words],
            cwd=self.folder / name, capture_output=True, text=True, timeout=timeout,
        )  # fmt: skip

    def command(
        self, name: str, *words: str, timeout: float = 60
    ) -> subprocess.CompletedProcess[str]:
        """``watchfloor-sdk`` with these words, in that package's folder."""
        return self.run(name, *COMMAND, *words, timeout=timeout)


def generated(folder: Path, *names: str) -> Path:
    """These packages of ``PLANS``, or all."""
    for name in names or PLANS:
        write(PLANS[name], folder / name)
    return folder


def installed(folder: Path, *names: str) -> Outside:
    """These packages of ``PLANS``, or all, and an environment that has them."""
    generated(folder, *names)
    return environment(folder, names or PLANS)


def environment(folder: Path, names: Iterable[str]) -> Outside:
    """An environment of its own that sees this one's packages, with those in the folder in it."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", ".venv"], cwd=folder, check=True)
    python = folder / ".venv" / "bin" / "python"
    ours, theirs = sysconfig.get_path("purelib"), next(folder.glob(".venv/lib/*/site-packages"))
    developed = (file.read_text().splitlines() for file in Path(ours).glob("*.pth"))
    paths = (line for lines in developed for line in lines if line.startswith("/"))
    (theirs / "outer.pth").write_text("\n".join([ours, *paths]) + "\n")
    editable = [word for name in names for word in ("-e", f"./{name}")]
    subprocess.run(
        [find_uv(), "pip", "install", "-q", "--python", python, "--no-deps",
         "--no-build-isolation", *editable],
        cwd=folder, check=True,
    )  # fmt: skip
    return Outside(folder, python)
