"""``watchfloor-camera-registry serve``, as agency IT starts it."""

import re
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest

from watchfloor_camera_registry_desk import read_settings

COMMAND = (sys.executable, "-c", "from watchfloor_camera_registry_desk.command import main; main()")
DESK = """
agency = "Example Police Department"
contact = "cameras@police.example.org"
evidence = "Bring it to any station."
sender = "cameras@police.example.org"
time_zone = "America/Chicago"
"""


def started(*more):
    return subprocess.Popen(
        [*COMMAND, "serve", *more], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def link(folder):
    """The one to confirm, from the first letter."""
    deadline = time.monotonic() + 10
    while not (letters := list(folder.glob("letters/*.eml"))):
        assert time.monotonic() < deadline, "no letter came"
        time.sleep(0.05)
    return re.search(r"http://\S+/confirm/\S+", letters[0].read_text())[0]


def test_it_serves_on_this_machine_and_logs_nobody(tmp_path, form):
    (tmp_path / "desk.toml").write_text(DESK)
    with started("--data", str(tmp_path), "--port", "0") as process:
        said = process.stdout.readline()
        url = re.search(r"http://127\.0\.0\.1:\d+", said)[0]
        with urlopen(url, timeout=10) as answer:
            assert b"Register a camera" in answer.read()
        token = (tmp_path / "hub-token").read_text()
        asked = Request(f"{url}/hub/cameras", headers={"Authorization": f"Bearer {token}"})
        with urlopen(asked, timeout=10) as answer:
            assert b'"numberMatched":0' in answer.read()
        with urlopen(url, urlencode(form).encode(), timeout=10) as answer:
            assert b"Look into your mail" in answer.read()
        with urlopen(link(tmp_path), timeout=10) as answer:
            assert b"Confirm your camera" in answer.read()
        process.send_signal(signal.SIGTERM)
        said, logged = process.communicate(timeout=10)
        assert (process.returncode, said, logged) == (0, "", "")
    for name in ("hub-token", "registry.sqlite3"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("more", "settings", "words"),
    [
        (("--host", "192.0.2.1"), DESK, "not an address of this machine alone"),
        ((), None, "There is no"),
    ],
)
def test_why_it_does_not_start_is_told_in_words(tmp_path, more, settings, words):
    if settings is not None:
        (tmp_path / "desk.toml").write_text(settings)
    with started("--data", str(tmp_path), *more) as process:
        _, said = process.communicate(timeout=20)
    assert process.returncode == 1
    assert words in said
    assert "Traceback" not in said


def test_the_settings_in_the_readme_are_sound(tmp_path):
    readme = Path(__file__).parents[1].joinpath("README.md").read_text("utf-8")
    path = tmp_path / "desk.toml"
    path.write_text(re.search(r"```toml\n(.*?)```", readme, re.S)[1].replace("# server", "server"))
    assert read_settings(path).server == "smtps://mail.example.org:465"


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (DESK + 'colour = "red"', "unknown field `colour`"),
        (DESK.replace("America/Chicago", "Chicago"), "time_zone must be"),
        (DESK.replace("cameras@", ""), "sender must be"),
        (DESK + 'server = "http://mail.example.org"', "server must be"),
        (DESK + 'username = "u"', "go together"),
        (DESK.replace("Example Police", r"Example\nPolice"), "one line"),
        ("=", "Invalid"),
    ],
)
def test_settings_that_cannot_be_are_told_in_words(tmp_path, settings, words):
    path = tmp_path / "desk.toml"
    path.write_text(settings)
    with pytest.raises(ValueError, match=words):
        read_settings(path)
