"""Recorded events as summaries, with what the hub knows about their source."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import orjson

from watchfloor.contracts import Near, Summary, nowhere, summarise
from watchfloor.policy import redact_event
from watchfloor.ports.store import Instance, RecordedEvent


class Summariser:
    """Makes summaries; told by bootstrap which sources are synthetic. ``near`` names the place of
    an event that has no address."""

    def __init__(self, near: Near = nowhere) -> None:
        self._near = near
        self._synthetic: set[str] = set()

    def know(self, instances: Iterable[Instance]) -> None:
        """The sources as they are configured now."""
        self._synthetic = {instance.id for instance in instances if instance.synthetic}

    def synthetic(self, source: str) -> bool:
        """Whether a source is a training source without real people."""
        return source in self._synthetic

    def __call__(self, recorded: RecordedEvent, redacts: Collection[str] = ()) -> Summary:
        """One recorded event in one line, made without the fields that policy ``redacts``."""
        return summarise(
            seq=recorded.seq,
            source=recorded.source,
            recorded=recorded.recorded,
            time=recorded.time,
            event=redact_event(orjson.loads(recorded.body), redacts),
            synthetic=recorded.source in self._synthetic,
            near=self._near,
        )
