"""deploy/: systemd takes the units and finds them confined; the image runs without root, and its
health check tells a hub that answers from one that does not."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from watchfloor.settings_listening import ListeningSettings

SYSTEMD = shutil.which("systemd-analyze")
MOST_EXPOSED = 2.0
"""Of 10, in systemd's own reckoning (systemd-analyze(1)); an unconfined service has 9.6."""

needs_systemd = pytest.mark.skipif(SYSTEMD is None, reason="systemd is not installed")


def _analyze(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(SYSTEMD), *map(str, words)], capture_output=True, text=True, timeout=30
    )


@pytest.fixture
def units(root: Path, tmp_path: Path) -> Path:
    """A folder of the units, with programs that this machine has."""
    for unit in root.glob("deploy/watchfloor*.*"):
        text = unit.read_text("utf-8").replace("/opt/watchfloor/bin/watchfloor", "/bin/true")
        (tmp_path / unit.name).write_text(text)
    return tmp_path


@needs_systemd
@pytest.mark.parametrize(
    "unit", ["watchfloor.service", "watchfloor-backup.service", "watchfloor-backup.timer"]
)
def test_systemd_takes_the_unit_without_a_word(units: Path, unit: str):
    done = _analyze("verify", units / unit)
    complaints = [line for line in done.stderr.splitlines() if "watchfloor" in line]
    assert complaints == []


@needs_systemd
@pytest.mark.parametrize("unit", ["watchfloor.service", "watchfloor-backup.service"])
def test_the_service_is_confined(units: Path, unit: str):
    done = _analyze("security", "--offline=yes", "--no-pager", units / unit)
    level = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    assert level, done.stdout + done.stderr
    assert float(level[1]) <= MOST_EXPOSED


def _containerfile(root: Path) -> str:
    return (root / "deploy" / "Containerfile").read_text("utf-8")


def test_the_image_copies_what_is_there_and_runs_without_root(root: Path):
    text = _containerfile(root)
    copied = re.findall(r"^COPY (?!--from)(\S+) ", text, re.MULTILINE)
    assert copied
    assert [source for source in copied if not (root / source).exists()] == []
    for package in re.findall(r"\./(\w+)", text):
        assert (root / package / "pyproject.toml").exists()
    [user] = re.findall(r"^USER (\d+)$", text, re.MULTILINE)
    assert int(user) > 0
    assert text.index("\nUSER ") < text.index("\nENTRYPOINT ")


def test_the_health_check_tells_whether_the_hub_answers(root: Path, running_hub):
    [words] = re.findall(r"^ +CMD (\[.*\])$", _containerfile(root), re.MULTILINE)
    program, *arguments = json.loads(words)
    assert program == "python"

    def healthy() -> bool:
        environment = {"WATCHFLOOR_DATA_DIR": str(running_hub.data_dir)}
        done = subprocess.run(
            [sys.executable, *arguments], env=environment, capture_output=True, timeout=30
        )
        return done.returncode == 0

    assert healthy()
    (running_hub.data_dir / "run.json").unlink()
    assert not healthy()


def test_the_proxy_s_example_passes_on_what_the_hub_reads(root: Path):
    text = (root / "deploy" / "nginx.conf").read_text("utf-8")
    for header in ("Host $host", "X-Forwarded-For $proxy_add_x_forwarded_for",
                   "X-Forwarded-Proto $scheme"):  # fmt: skip
        assert f"proxy_set_header {header};" in text
    named = set(re.findall(r"^#   (\w+) =", text, re.MULTILINE))
    assert named
    assert named <= set(ListeningSettings.__struct_fields__)
