"""A gunshot's recording in the console: it plays, or says why it does not."""

from __future__ import annotations

import io
import json
import math
import struct
import wave
from datetime import UTC, datetime

import pytest

pytestmark = pytest.mark.browser

MEDIA = "**/api/v1/media/**"
RATE = 8000


def tone(seconds: float) -> bytes:
    """A recording that is not silent."""
    sound = io.BytesIO()
    with wave.open(sound, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        for n in range(round(seconds * RATE)):
            out.writeframesraw(struct.pack("<h", round(9000 * math.sin(n / 4))))
    return sound.getvalue()


@pytest.fixture
def shots_page(open_page, city):
    """The console on a gunshot that has a recording."""
    city.client.send("PUT", "/sources/push", {"connector": "push", "name": "Push"})
    shots = {
        "specversion": "1.0", "id": "g-1", "source": "push", "subject": "gunshot/g-1",
        "type": "watchfloor.gunshot.detection.v1", "time": datetime.now(UTC).isoformat(),
        "dataclassification": "agency",
        "data": {
            "incident": "G-1", "state": "created", "classification": "multiple gunshots",
            "place": {"point": [-90.07, 29.95]},
            "media": [{"handle": "g-1.wav", "kind": "audio", "content_type": "audio/wav",
                       "owner": "Example PD", "retention_class": "none", "state": "referenced"}],
        },
    }  # fmt: skip
    city.client.send("POST", "/events", json.dumps([shots]).encode(), source="push")
    [known] = [e for e in city.client.get("/events", kind="gunshot")["items"] if e["id"] == "g-1"]
    page = open_page()
    page.goto(f"{city.url}/#/live?sel=event:{known['seq']}")
    page.get_by_role(
        "heading", name="Recording", exact=True
    ).click()  # only people may start a sound
    return page


def play(page, answer):
    """Start the recording, which the hub answers with ``answer``."""
    page.route(MEDIA, lambda route: route.fulfill(**answer))
    player = page.get_by_label("Recording", exact=True)
    player.evaluate("player => void player.play().catch(() => {})")
    return player


def test_a_recording_plays_to_its_end(shots_page):
    player = play(shots_page, {"body": tone(0.6), "content_type": "audio/wav"})
    player.evaluate(
        "player => player.ended || new Promise((done) => player.addEventListener('ended', done))"
    )
    duration, at = player.evaluate("player => [player.duration, player.currentTime]")
    assert duration == pytest.approx(0.6, abs=0.05)
    assert at == duration


def test_a_recording_that_can_no_longer_be_had_says_so_with_the_code(shots_page):
    gone = {"error": {"code": "media_expired", "detail": "It has expired.", "remedy": "Ask."}}
    play(shots_page, {"status": 410, "body": json.dumps(gone)})
    shots_page.get_by_text("It has expired.", exact=True).wait_for()
    shots_page.get_by_text("media_expired", exact=True).wait_for()


def test_a_recording_that_the_browser_cannot_play_can_be_saved(shots_page):
    play(shots_page, {"body": b"\x00not a sound", "content_type": "audio/wav"})
    shots_page.get_by_text("This browser cannot play it.", exact=True).wait_for()
    with shots_page.expect_download() as saved:
        shots_page.get_by_role("link", name="save it", exact=True).click()
    assert saved.value.path().read_bytes() == b"\x00not a sound"
