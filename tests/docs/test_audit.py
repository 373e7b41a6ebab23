"""docs/audit.md: fields and findings are those of the code; its commands check a real log."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from audit_logs import KEY, Ticking, audit_log, entry

from watchfloor.audit import Entry, frames
from watchfloor.audit.scanning import Wrong
from watchfloor.contracts import micros

ANSWER = b'{"hits": []}\n'


@pytest.fixture(scope="module")
def page(pages):
    return pages["docs/audit.md"]


def named(page, header: str) -> list[str]:
    return [name for row in page.table(header) for name in re.findall(r"`(\w+)`", row[0])]


def test_every_field_of_the_record_is_there_in_its_order(page):
    fields = [field.name for field in msgspec.structs.fields(Entry)]
    assert sorted(named(page, "field")) == sorted(["v", *fields])


def test_every_finding_is_there(page):
    assert named(page, "finding") == [wrong.value for wrong in Wrong]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A data directory with the log of a morning, and what the page's reader has beside it."""
    folder = tmp_path_factory.mktemp("page")
    asyncio.run(_a_morning(folder))
    (folder / "key.txt").write_text(f"{KEY}\n")
    (folder / "answer.json").write_bytes(ANSWER)
    (folder / "kept.txt").write_bytes(bytes(frames.last_checkpoint(folder / "audit") or b""))
    return folder


async def _a_morning(folder: Path) -> None:
    clock = Ticking(micros("2026-11-01T09:00:00Z"))
    async with audit_log(folder, clock=clock) as log:
        for number in range(8):
            await log.record(entry(number, sha256=hashlib.sha256(ANSWER).hexdigest()))


@pytest.mark.slow
def test_its_commands_find_a_sound_log_sound(page, folder: Path):
    blocks = [block.text for block in page.blocks("sh") if block.info == "run"]
    assert len(blocks) > 3
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join(blocks)],
        cwd=folder, env={"PATH": path, "WATCHFLOOR_DATA_DIR": str(folder)},
        capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert done.stdout.count("holds") == 4
    assert {path.name for path in (folder / "audit").iterdir()} == {"keys", "records", "lock"}
