"""Every route against its own description: thousands of requests, right ones and wrong ones.

The stream is left out: it does not end (``test_stream.py`` has it). What is made up is the same in
every run.
"""

from __future__ import annotations

import asyncio
import threading
from functools import partial

import pytest
import schemathesis
from hub import hub_here, session_of
from hypothesis import HealthCheck, Phase, settings
from made_up import call, read
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    positive_data_acceptance,
    unsupported_method,
)

from watchfloor.contracts.protocol import Emit
from watchfloor.ingest import Origin
from watchfloor.ports.store import Instance
from watchfloor.web import API, COOKIE, ROUTES, document
from watchfloor.web.limits import Limits, Rate

pytestmark = pytest.mark.slow


class Served:
    """A hub on a thread of its own: these tests are synchronous."""

    def __init__(self, data_dir):
        self._data_dir = data_dir
        self._up, self._stop = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))

    def __enter__(self):
        self._thread.start()
        assert self._up.wait(30)
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join(30)

    def session(self):
        return session_of(self.running)

    async def _run(self):
        async with hub_here(self._data_dir) as self.running:
            await _something_in_it(self.running.hub)
            self._up.set()
            await asyncio.to_thread(self._stop.wait)


async def _something_in_it(hub):
    import msgspec

    await hub.sources.put(Instance("a1", "push", "A", {}), "Casey Admin")
    events = [call(1, "a1"), read(1, "a1"), {"no": "event"}]
    raws = [msgspec.Raw(msgspec.json.encode(event)) for event in events]
    await hub.ingest.accept(Origin("a1", "a1", "push/1"), Emit(events=raws))


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        # So many attempts to sign in would be refused unseen.
        patch.setattr("watchfloor.web.app.Limits", partial(Limits, signing_in=Rate(10**6, 10**6)))
        yield from _served(tmp_path_factory)


def _served(tmp_path_factory):
    with Served(tmp_path_factory.mktemp("api") / "hub") as served:
        yield served


def _signed_in():
    """The description as a signed-in person sees it: sessions have tests of their own."""
    whole = document(ROUTES)
    return {name: part for name, part in whole.items() if name != "security"}


JUDGED = {
    f"{API}{path}"
    for path in (
        "/rules/{id}", "/alerts/{id}/{verb}", "/channels/{id}", "/hot-lists/{id}/entries",
        "/dead-letters/redrive", "/dead-letters/drop",
    )
}  # fmt: skip
"""A rule's YAML, a note, an address and a CSV are judged by more than their schema; and JSON Schema
takes 7.0 for an integer, which we do not."""

REFUSED = ["400", "401", "403", "404", "405", "409", "413", "415", "422"]
"""How a wrong request may be answered. 413 is not among what schemathesis expects by itself."""

schema = schemathesis.openapi.from_dict(
    _signed_in(),
    config=schemathesis.Config.from_dict(
        {"checks": {"negative_data_rejection": {"expected-statuses": REFUSED}}}
    ),
).exclude(path=f"{API}/stream")


def _not_checked(case):
    """Templates that overlap (``/alerts/1/context`` is no verb) have tests of their own."""
    excluded = [unsupported_method, allow_header_conformance]
    return [*excluded, positive_data_acceptance] if case.operation.path in JUDGED else excluded


@schema.parametrize()
@settings(
    max_examples=25,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_what_is_answered_is_what_is_described(case, served):
    case.call_and_validate(
        base_url=served.running.url,
        cookies={COOKIE: served.session()},
        excluded_checks=_not_checked(case),
        timeout=20,
    )
