"""Builds the wheels of a connector's whole environment, for who publishes one."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from configparser import ConfigParser
from pathlib import Path
from zipfile import ZipFile

from packaging.utils import canonicalize_name, parse_wheel_filename

from watchfloor.contracts import AskAPerson
from watchfloor.contracts.registry import Requirement, Wheel

from .environments import find_uv

DEADLINE_S = 600.0
_PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;]+)", re.M)


class Wheelhouse:
    """Wheels in ``folder``: what is built here, and what it needs, for this machine's platform."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._built: dict[str, Path] = {}

    def build(self, project: Path) -> Path:
        """The wheel of a project's folder. Raises ``AskAPerson`` (code ``build_failed``)."""
        out = self._folder / "built" / project.resolve().name
        _run("build_failed", find_uv(), "build", "--quiet", "--wheel", "-o", str(out), str(project))
        wheel = next(out.glob("*.whl"))
        place = self._folder / wheel.name
        shutil.copyfile(wheel, place)
        self._built[_name(place)] = place
        return place

    def closure(self, wheel: Path) -> Sequence[Path]:
        """The wheel, first, and all that it needs. Raises ``AskAPerson`` (``not_resolvable``)."""
        pins = self._pins(wheel)
        have = {(_name(path), _version(path)): path for path in self._folder.glob("*.whl")}
        if missing := [pin for pin in pins if pin not in have]:
            self._download(missing)
        have = {(_name(path), _version(path)): path for path in self._folder.glob("*.whl")}
        others = [have[pin] for pin in pins if pin[0] != _name(wheel)]
        return [wheel, *sorted(others)]

    def _pins(self, wheel: Path) -> list[tuple[str, str]]:
        """Names and versions. What was built here is taken from here: a package of the same name
        elsewhere must not slip in."""
        own = self._folder / "own.txt"
        own.write_text("".join(f"{name}=={_version(path)}\n" for name, path in self._built.items()))
        found = _run(
            "not_resolvable", find_uv(), "pip", "compile", "--quiet", "--no-header",
            "--no-annotate", "--only-binary", ":all:", "--python", sys.executable,
            "--find-links", str(self._folder), "--override", str(own), "-",
            said=f"{_name(wheel)}=={_version(wheel)}",
        )  # fmt: skip
        return [(canonicalize_name(pin["name"]), pin["version"]) for pin in _PIN.finditer(found)]

    def _download(self, pins: Sequence[tuple[str, str]]) -> None:
        foreign = [f"{name}=={version}" for name, version in pins if name not in self._built]
        _run(
            "not_resolvable", sys.executable, "-m", "pip", "download", "--quiet",
            "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:",
            "--dest", str(self._folder), *foreign,
        )  # fmt: skip


def requirement(wheel: Path) -> Requirement:
    """A wheel as the registry pins it."""
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    pinned = Wheel(file=wheel.name, sha256=digest)
    return Requirement(name=_name(wheel), version=_version(wheel), wheels=[pinned])


def manifest_in(wheel: Path, group: str) -> bytes | None:
    """The ``connector.json`` of a wheel that has an entry point of ``group``."""
    with ZipFile(wheel) as archive:
        names = archive.namelist()
        declared = next((n for n in names if n.endswith(".dist-info/entry_points.txt")), None)
        parser = ConfigParser(delimiters=("=",))
        parser.read_string(archive.read(declared).decode() if declared else "")
        if not parser.has_section(group):
            return None
        package = next(iter(parser[group].values())).partition(".")[0]
        return archive.read(f"{package}/connector.json")


def _name(wheel: Path) -> str:
    return str(parse_wheel_filename(wheel.name)[0])


def _version(wheel: Path) -> str:
    return str(parse_wheel_filename(wheel.name)[1])


def _run(code: str, *command: str, said: str = "") -> str:
    try:
        done = subprocess.run(  # noqa: S603 - our own command
            command, input=said, capture_output=True, text=True, check=True, timeout=DEADLINE_S
        )
    except subprocess.CalledProcessError as failed:
        why = failed.stderr.strip()[-800:]
    except subprocess.TimeoutExpired:
        why = f"it has not ended within {DEADLINE_S:.0f} s."
    else:
        return done.stdout
    raise AskAPerson(
        f"{Path(command[0]).name} failed: {why}",
        code=code,
        remedy="Mend the project; the message above is the builder's own.",
    )
