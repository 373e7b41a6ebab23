"""What connectors there are: offered by the index, and installed."""

from __future__ import annotations

from collections.abc import Sequence

from watchfloor.contracts import AskAPerson, NotFound, Refused, RetryLater
from watchfloor.contracts.registry import Registry, Release
from watchfloor.hosting import Catalogue, Installed
from watchfloor.ports.registry import Index
from watchfloor.sources import Sources

from .installations import Installations
from .versions import revoked, version_key
from .views import ConnectorInfo, ConnectorPage, Offer, best, fits, offer, release_named

_WITHOUT_INDEX = frozenset({"index_unreachable", "no_index"})


class Offers:
    """To look through; nothing is changed here."""

    def __init__(
        self, index: Index, installations: Installations, catalogue: Catalogue, sources: Sources
    ) -> None:
        self._index = index
        self._installations = installations
        self._catalogue = catalogue
        self._sources = sources

    async def search(self, text: str = "") -> Sequence[Offer]:
        """What the index offers, by its last signed copy where it cannot be reached."""
        registry = await self._newest()
        current = self._installations.current
        offers = [offer(registry, each, current(each.id)) for each in registry.connectors]
        return [each for each in offers if fits(each, text)]

    async def installed(self) -> Sequence[ConnectorInfo]:
        """What is installed."""
        registry = await self._index.last()
        return [await self._info(each, registry) for each in self._catalogue.all()]

    async def show(self, connector: str) -> ConnectorPage:
        """One connector, offered or installed. Raises ``NotFound`` (``no_such_connector``). What is
        installed is shown without an index as well."""
        here = next((each for each in self._catalogue.all() if each.id == connector), None)
        try:
            offered = await self._offered(connector)
        except (RetryLater, AskAPerson) as error:
            if error.code not in _WITHOUT_INDEX or here is None:
                raise
            offered = None
        # Compared with what the index says by now.
        installed = await self._info(here, await self._index.last()) if here else None
        if offered is None and installed is None:
            raise _unknown(connector)
        return ConnectorPage(connector, offered, installed)

    async def _newest(self) -> Registry:
        try:
            return await self._index.refresh()
        except (RetryLater, AskAPerson) as error:
            if error.code not in _WITHOUT_INDEX:
                raise
            if (last := await self._index.last()) is None:
                raise
            return last

    async def _offered(self, connector: str) -> Offer | None:
        return next((each for each in await self.search() if each.id == connector), None)

    async def _info(self, installed: Installed, registry: Registry | None) -> ConnectorInfo:
        connector = installed.id
        version = installed.manifest.version if installed.manifest else None
        newest = best(registry, connector)
        withdrawn = revoked(registry, connector, version) if version else None
        differs = await self._differs(installed)
        newer = version and newest and version_key(newest.version) > version_key(version)
        return ConnectorInfo(
            id=connector,
            version=version,
            manifest=installed.manifest,
            problem=installed.problem or differs,
            verified=not differs if installed.verified else None,
            previous=self._installations.previous(connector),
            newer=newest.version if newest and newer and installed.verified else None,
            revoked=withdrawn.reason if withdrawn and installed.verified else None,
            sources=[each.id for each in self._sources.all() if each.connector == connector],
        )

    async def _differs(self, installed: Installed) -> str:
        """What is not as the registry installed it, in words."""
        manifest = installed.manifest
        if not installed.verified or manifest is None:
            return ""
        try:
            await self._installations.verified(installed.id, manifest.version)
        except (Refused, NotFound) as error:
            return error.detail
        return ""


def chosen(registry: Registry, connector: str, version: str | None) -> Release:
    """The release of that version, or the newest that may run. Raises ``NotFound``
    (``no_such_connector``)."""
    if version is not None:
        release = release_named(registry, connector, version)
    else:
        release = best(registry, connector)
    if release is None:
        raise _unknown(connector, version)
    return release


def _unknown(connector: str, version: str | None = None) -> NotFound:
    which = f"{connector} {version}" if version else f"{connector} that may run"
    return NotFound(
        f"The index has no {which}.",
        code="no_such_connector",
        remedy="See what there is: watchfloor connector search",
    )
