"""What the hub does with what the gate hands over: keeps the genuine, answers handshakes."""

from types import SimpleNamespace

from watchfloor.contracts import WebhookRecipe
from watchfloor.gate import Knock
from watchfloor.web import receive
from watchfloor.webhooks import Door

RECIPE = WebhookRecipe(
    algorithm="shared-token", header="x-token", credential="t", handshake="X-Hook-Secret",
    id_header="X-Id",
)  # fmt: skip


class Inbox:
    """Keeps deliveries, as the store would."""

    def __init__(self):
        self.kept = []

    async def accept(self, deliveries):
        self.kept += deliveries


class Sources:
    """One source, and who was told that something came."""

    def __init__(self):
        self.told = []

    async def door(self, source):
        return Door(RECIPE, {"t": "abc"}, {})

    def cleansed(self, source, body):
        return body

    def arrived(self, source):
        self.told.append(source)


def hub():
    store = SimpleNamespace(inbox=Inbox())
    return SimpleNamespace(
        store=store, sources=Sources(), clock=SimpleNamespace(now=lambda: 1_790_000_000_000_000)
    )


async def test_each_knock_has_its_own_answer_and_only_the_genuine_is_kept():
    here = hub()
    replies = await receive(
        here,
        [
            Knock(1, "alta", {"x-hook-secret": "word"}, b""),
            Knock(2, "alta", {"x-token": "abc", "x-id": "d-1"}, b"{}"),
            Knock(3, "alta", {"x-token": "no"}, b"{}"),
            Knock(4, "alta", {"x-hook-secret": "word"}, b"{}"),
        ],
    )
    by_number = {reply.number: reply for reply in replies}
    assert {number: reply.status for number, reply in by_number.items()} == {
        1: 200, 2: 202, 3: 403, 4: 403,
    }  # fmt: skip
    assert by_number[1].headers == {"x-hook-secret": "word"}
    assert [(each.body, each.dedupe) for each in here.store.inbox.kept] == [(b"{}", "d-1")]
    assert here.sources.told == ["alta"]


async def test_a_handshake_alone_keeps_nothing_and_wakes_nobody():
    here = hub()
    [reply] = await receive(here, [Knock(1, "alta", {"x-hook-secret": "word"}, b"")])
    assert (reply.status, here.store.inbox.kept, here.sources.told) == (200, [], [])
