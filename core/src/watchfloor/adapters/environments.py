"""The ``Environments`` port, by uv: one virtual environment a connector version.

Only wheels that were verified before go in, each again compared with its hash, none from anywhere
else, and nothing is built: no code of a vendor runs while it is installed.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from pathlib import Path, PurePosixPath
from zipfile import BadZipFile, ZipFile

from watchfloor.contracts import AskAPerson, Refused
from watchfloor.contracts.registry import Release

MOST_UNPACKED = 2 * 1024**3
"""Bytes that the wheels of one release may unpack to."""
DEADLINE_S = 300.0
_KEPT = ("PATH", "HOME", "LANG", "TMPDIR")
_LINK = 0o120000
_KIND = 0o170000


class UvEnvironments:
    """Environments made by uv, which is found beside this interpreter or on the path."""

    async def make(self, folder: Path, wheels: Path, release: Release) -> None:
        """Install a release's wheels into ``folder``."""
        pins = await asyncio.to_thread(_prepared, wheels, release)
        await _uv("venv", "--quiet", "--python", sys.executable, str(folder))
        await _uv(
            "pip", "install", "--quiet", "--python", str(self.python(folder)), "--no-index",
            "--find-links", str(wheels), "--only-binary", ":all:", "--no-deps", "--require-hashes",
            "--link-mode", "copy", "--compile-bytecode", "-r", str(pins),
        )  # fmt: skip

    def python(self, folder: Path) -> Path:
        """The environment's interpreter."""
        return folder / "bin" / "python"

    def packages(self, folder: Path) -> Path:
        """Where its packages lie."""
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        return folder / "lib" / version / "site-packages"


def _prepared(wheels: Path, release: Release) -> Path:
    refuse_tricks(sorted(wheels.glob("*.whl")))
    pins = wheels / "requirements.txt"
    pins.write_text(requirements(release), "utf-8")
    return pins


def requirements(release: Release) -> str:
    """The release's environment as pip and uv read it, with hashes."""
    lines = []
    for each in release.requirements:
        hashes = " ".join(f"--hash=sha256:{wheel.sha256}" for wheel in each.wheels)
        lines.append(f"{each.name}=={each.version} {hashes}\n")
    return "".join(lines)


def refuse_tricks(archives: list[Path]) -> None:
    """Raises ``Refused`` (code ``bad_archive``) for an archive with a link, a path that leads out
    of it, or more in it than anybody needs."""
    left = MOST_UNPACKED
    for path in archives:
        try:
            with ZipFile(path) as archive:
                entries = archive.infolist()
        except (BadZipFile, ValueError) as error:
            raise _bad(path, f"it is no archive ({error})") from None
        for entry in entries:
            if entry.external_attr >> 16 & _KIND == _LINK:
                raise _bad(path, "it holds a symbolic link")
            if leads_out(entry.filename):
                raise _bad(path, "it holds a path that leads out of it")
            left -= entry.file_size
        if left < 0:
            raise _bad(path, "it unpacks to more than 2 GiB")


def leads_out(name: str) -> bool:
    """Whether a path in an archive is one that would be written elsewhere."""
    path = PurePosixPath(name)
    return path.is_absolute() or ".." in path.parts or "\\" in name or "\0" in name


def _bad(path: Path, why: str) -> Refused:
    return Refused(
        f"{path.name} is refused: {why}.",
        code="bad_archive",
        remedy="Do not use it; tell who published it.",
    )


def find_uv() -> str:
    """The program. Raises ``AskAPerson`` (code ``no_uv``)."""
    beside = Path(sys.executable).with_name("uv")
    found = str(beside) if beside.exists() else shutil.which("uv")
    if found is None:
        raise AskAPerson(
            "The program uv, which makes the environments of connectors, is not there.",
            code="no_uv",
            remedy="Install it into the hub's environment: pip install uv.",
        )
    return found


async def _uv(*arguments: str) -> None:
    """Run it without network, configuration, cache or downloads of its own."""
    process = await asyncio.create_subprocess_exec(
        find_uv(), "--offline", "--no-config", "--no-cache", "--no-python-downloads", *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env={name: os.environ[name] for name in _KEPT if name in os.environ},
    )  # fmt: skip
    try:
        async with asyncio.timeout(DEADLINE_S):
            _, said = await process.communicate()
    except (TimeoutError, asyncio.CancelledError):
        process.kill()
        await process.wait()
        raise
    if process.returncode:
        raise AskAPerson(
            f"The connector's environment cannot be made: {said.decode('utf-8', 'replace')[-500:]}",
            code="not_installable",
            remedy="The index may lack wheels for this machine and Python: tell its publisher.",
        )
