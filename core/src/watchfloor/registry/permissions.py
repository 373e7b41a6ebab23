"""What a connector touches as a source is configured, and what of it grew since it was approved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct, structs

from watchfloor.contracts import Manifest
from watchfloor.hosting import allowed_hosts, named_paths

_PLACES = ("/", "./", "../", "~", "file:")
_NAMES = ("path", "folder", "directory")


class Touches(Struct, frozen=True):
    """What the connector reaches and does. Lists are sorted.

    ``hosts``: ``host:port`` with the settings filled in. ``paths``: files and folders of this
    machine that the settings name. ``assets``: kinds of asset. ``actions`` and ``lookups``: what
    it does outside and asks others. ``credentials``: by name. ``hosts`` and ``paths`` are ``None``
    where there are some, for whoever is not told which.
    """

    hosts: list[str] | None = []
    event_types: list[str] = []
    assets: list[str] = []
    credentials: list[str] = []
    actions: list[str] = []
    lookups: list[str] = []
    paths: list[str] | None = []

    def beyond(self, approved: Touches) -> Touches:
        """What is touched and was not approved."""
        return Touches(
            *(
                sorted(set(ours) - set(theirs))
                for ours, theirs in zip(
                    structs.astuple(self), structs.astuple(approved), strict=True
                )
            )
        )

    def without_places(self) -> Touches:
        """That there are hosts and paths, and not which."""
        return structs.replace(
            self, hosts=None if self.hosts else [], paths=None if self.paths else []
        )

    def __bool__(self) -> bool:
        return any(structs.astuple(self))


def touches(manifest: Manifest, config: Mapping[str, Any]) -> Touches:
    """What a connector touches with these settings. Raises ``AskAPerson`` for a bad address."""
    return Touches(
        hosts=_sorted(allowed_hosts(manifest.hosts, config).allowed),
        event_types=_sorted(manifest.event_types),
        assets=_sorted(manifest.asset_kinds),
        credentials=_sorted(credential.name for credential in manifest.credentials),
        actions=_sorted(action.name for action in manifest.actions),
        lookups=_sorted(lookup.name for lookup in manifest.lookups),
        paths=_sorted([*named_paths(manifest.config_schema, config), *_paths(config)]),
    )


def _sorted(words: Any) -> list[str]:
    return sorted(set(words))


def _paths(config: Mapping[str, Any]) -> Iterator[str]:
    """Settings that name a place on this machine's disk, by what they say or are called."""
    for name, value in config.items():
        if isinstance(value, Mapping):
            yield from _paths(value)
            continue
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, str) and (each.startswith(_PLACES) or name.endswith(_NAMES)):
                yield each
