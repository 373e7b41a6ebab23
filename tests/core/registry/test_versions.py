"""Which version is newer, what may run, and what grew."""

from __future__ import annotations

import msgspec
import pytest
from toy_index import manifest

from watchfloor.contracts import Manifest
from watchfloor.contracts.registry import Registry, Revocation
from watchfloor.registry import Touches, touches
from watchfloor.registry.versions import revoked, version_key


def test_versions_sort_as_semantic_versioning_says():
    """Section 11 of the specification has this very row."""
    row = ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2",
           "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.9.0", "1.10.0", "2.0.0"]  # fmt: skip
    assert sorted(set(row), key=version_key) == row


@pytest.mark.parametrize(
    ("lowest_good", "version", "stops"),
    [("1.2.0", "1.1.9", True), ("1.2.0", "1.2.0", False), ("1.2.0", "1.2.0-rc.1", True),
     (None, "9.0.0", True)],
)  # fmt: skip
def test_below_the_lowest_good_version_nothing_runs(lowest_good, version, stops):
    withdrawn = Revocation(connector="toy", reason="-", since="2026-05-02", lowest_good=lowest_good)
    registry = Registry(version=1, connectors=[], revoked=[withdrawn])
    assert bool(revoked(registry, "toy", version)) == stops
    assert revoked(registry, "other", version) is None
    assert revoked(None, "toy", version) is None


def test_what_a_source_touches_is_read_from_manifest_and_settings():
    toy = msgspec.convert(manifest("toy", "1.0.0"), Manifest)
    touched = touches(
        toy, {"url": "https://a.example.org", "path": "exports", "sub": {"x": "/srv"}}
    )
    assert touched.hosts == ["a.example.org:443"]
    assert touched.paths == ["/srv", "exports"]
    assert touched.event_types == ["watchfloor.lpr.read.v1"]


def test_what_grew_is_what_was_not_approved():
    approved = Touches(hosts=["a:443", "b:443"], credentials=["token"])
    wanted = Touches(hosts=["b:443", "c:443"], credentials=["token"])
    assert wanted.beyond(approved) == Touches(hosts=["c:443"])
    assert not approved.beyond(approved)
