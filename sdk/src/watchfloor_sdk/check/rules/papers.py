"""What can be said of a connector without running it: its manifest, its README, its types."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from tempfile import TemporaryDirectory
from typing import Any

from watchfloor.contracts import schemas
from watchfloor_sdk.check.rule import Broken, Inapplicable, rule
from watchfloor_sdk.check.subject import Subject

SECTIONS = ("Set-up", "Limits", "Simulator")
_LEAST_WORDS = 8
_UNWRITTEN = "is a guess belongs here."
"""How a sentence ends that ``watchfloor-sdk new`` leaves to whoever knows the vendor."""


@rule(
    "WF101",
    why="The hub reads what a connector is and wants from its manifest, before any of its code.",
    mend="Correct connector.json as the detail says; give each setting a title and a description.",
    exemptable=False,
)
async def manifest_is_valid(subject: Subject) -> str:
    """The manifest fits its schema, names licence and owner, and explains every setting."""
    if wrong := schemas.explain("manifest", dict(subject.document)):
        raise Broken(f"connector.json: {wrong[0]}")
    manifest = subject.manifest
    for name in ("licence", "owner", "vendor", "name", "description"):
        if not getattr(manifest, name).strip():
            raise Broken(f"{name} is empty.")
    if mute := sorted(_unexplained(manifest.config_schema)):
        raise Broken(f"Settings without title or description: {', '.join(mute)}.")
    return f"{manifest.id} {manifest.version}, {manifest.licence}, {manifest.owner}"


@rule(
    "WF111",
    why="Agency IT decides from it, and is left alone with it at night.",
    mend=f"Write the sections {', '.join(f'## {name}' for name in SECTIONS)}, each with what a "
    "stranger needs; say how to remove it under Set-up, and what of the vendor's interface is "
    "documented and what is a guess.",
)
async def readme_has_sections(subject: Subject) -> str:
    """README.md says how to set it up, what its limits are, and what its simulator does."""
    try:
        text = (subject.folder / "README.md").read_text("utf-8")
    except OSError:
        raise Broken("There is no README.md.") from None
    sections = dict(_sections(text))
    for name in SECTIONS:
        if len(sections.get(name, "").split()) < _LEAST_WORDS:
            raise Broken(f"Nothing is said under ## {name}.")
    if _UNWRITTEN in text:
        raise Broken("It still has the sentence that says what belongs there.")
    return f"{len(text.split())} words, {len(sections)} sections"


@rule(
    "WF401",
    why="Types find what tests forget, above all where a vendor's field may be absent.",
    mend="Run mypy --strict src, mend what it finds, and ship py.typed.",
)
async def types_are_strict(subject: Subject) -> str:
    """Its code passes mypy --strict and ships py.typed."""
    source = subject.folder / "src"
    if not source.is_dir():
        raise Inapplicable("It has no Python in src.")
    if find_spec("mypy") is None:
        raise Broken("mypy is not installed beside the check.")
    if not list(source.glob("*/py.typed")):
        raise Broken("There is no py.typed in its package.")
    with TemporaryDirectory() as cache:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "mypy", "--strict", "--cache-dir", cache, "src",
            cwd=subject.folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        told, _ = await process.communicate()
    lines = told.decode().strip().splitlines() or [""]
    if process.returncode:
        raise Broken(lines[0])
    return lines[-1]


@rule(
    "WF403",
    why="What a connector costs when things break is the first question of those who depend on it.",
    mend="Run watchfloor-sdk chaos --write for this version, and mend what it finds lost.",
)
async def chaos_is_published(subject: Subject) -> str:
    """CHAOS.md beside the README says of this version what each blow cost: nothing lost, nothing
    doubled."""
    try:
        text = (subject.folder / "CHAOS.md").read_text("utf-8")
    except OSError:
        raise Broken("There is no CHAOS.md.") from None
    if not text.startswith(f"# Chaos: {subject.id} {subject.document.get('version')}\n"):
        raise Broken("CHAOS.md is of another version.")
    rows = [line.split("|")[1:-1] for line in text.splitlines() if line.startswith("| ")][1:]
    if bad := [row[0].strip() for row in rows if row[2].strip() != "0" or row[3].strip() != "0"]:
        raise Broken(f"Something was lost or doubled: {', '.join(bad)}.")
    if len(rows) < 3:
        raise Broken("CHAOS.md tells of fewer than three blows.")
    return f"{len(rows)} blows"


@rule(
    "WF402",
    why="The highest level is for connectors of which nothing has to be excused.",
    mend="Keep the rules that quality.json exempts.",
    exemptable=False,
)
async def nothing_is_exempt(subject: Subject) -> str:
    """No rule is exempt."""
    if exempt := sorted(subject.quality.rules):
        raise Broken(f"Exempt: {', '.join(exempt)}.")
    return "No exemption is asked for."


def _unexplained(config_schema: Mapping[str, Any]) -> Iterator[str]:
    for name, setting in config_schema.get("properties", {}).items():
        if not (setting.get("title") and setting.get("description")):
            yield name


def _sections(text: str) -> Iterator[tuple[str, str]]:
    for part in text.split("\n## ")[1:]:
        title, _, body = part.partition("\n")
        yield title.strip(), body
