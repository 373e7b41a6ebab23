"""A package's two files, read, checked and made ready: nothing of them is run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import structs

from watchfloor.contracts import AskAPerson, GiveUp, Manifest
from watchfloor_sdk.exports import Where
from watchfloor_sdk.finding import SOURCE_FILE, manifest_of
from watchfloor_sdk.mapping import moment
from watchfloor_sdk.mapping_files import MappingFiles, wrong_mapping

from .acting import Deed
from .answers import Judge
from .asking import Client, Filler, Turn, braces_of, known_to_sources, names_in
from .frames import At, Surroundings, Wrong
from .mapper import Mapped, Mapper
from .plan import NOW, Exports, Layout, Source, SourceFile
from .requests import Request

if TYPE_CHECKING:
    from watchfloor_sdk.connector import Connector
    from watchfloor_sdk.context import Context

SETTING = "mapping"
"""The setting by which an agency names a mapping file of its own."""

_JSON = Layout()
"""How answers to actions are written, and those that tell failures."""

_WAYS = {"path", "url", "sftp", "replica"}


@dataclass(frozen=True, slots=True)
class TableAt:
    """A table or view of a database, and the columns by which its rows are in order."""

    url: str
    table: str
    key: Sequence[str]


class Plan:
    """A mapping file, compiled for one source's settings."""

    def __init__(
        self,
        text: str,
        name: str,
        *,
        settings: Mapping[str, Any],
        source: str,
        manifest: Manifest,
        ctx: Context[Any] | None = None,
    ) -> None:
        self.settings = settings
        self.file = _FORM.decode(text, name)
        self._manifest = manifest
        self._source = source
        try:
            self.mappers = {
                one.name: self._mapper(one, ("sources", index))
                for index, one in enumerate(self.file.sources)
            }
            self.hook = self._hook()
            self.deeds = self._deeds()
            judge = self._judge()
            self._check_auth()
        except Wrong as wrong:
            raise wrong_mapping(text, name, _written(text, wrong.at), str(wrong)) from None
        if ctx is not None:
            self.client = Client(ctx, self.file, settings, judge)

    @classmethod
    def of(cls, package: str, ctx: Context[Any]) -> Plan:
        """The package's mapping file, or the one that the settings name: another that the package
        has, or the agency's own. Raises ``AskAPerson``."""
        settings = msgspec.structs.asdict(ctx.settings)
        named, text = settings.get(SETTING), mapping_text(package)
        name = named or SOURCE_FILE
        if named:
            text = MappingFiles(package, SourceFile).text(named)
        if text is None:
            raise _bad_settings("The settings name no mapping.")
        manifest = manifest_of(package)
        return cls(text, name, settings=settings, source=ctx.source, manifest=manifest, ctx=ctx)

    def has(self, source: Source, what: str) -> bool:
        """Whether a source has outputs that are events (``event``) or assets (``asset``)."""
        return any(getattr(output, what) is not None for output in source.outputs)

    def request(self, source: Source) -> Request:
        """Its request."""
        assert source.request is not None
        return source.request

    def where(self, source: Source) -> Where | TableAt:
        """The files or the table that it is read from. Raises ``AskAPerson`` where the settings
        name none, name it in two ways, or say only half of one."""
        filled = self._filled(source)
        given = {name for name, one in filled.items() if one}
        if len(given & _WAYS) != 1:
            raise _bad_settings("The settings name no file or table, or name it in two ways.")
        if "sftp" in given and "host_key" not in given:
            raise _bad_settings("An SFTP server is known by its host_key; the settings have none.")
        if "replica" not in given:
            names = Where.__dataclass_fields__.keys() & given
            return Where(**{name: str(filled[name]) for name in names})
        if not {"table", "key"} <= given:
            raise _bad_settings("A replica is read by table and key; the settings have not both.")
        key = filled["key"] if isinstance(filled["key"], list) else [filled["key"]]
        return TableAt(str(filled["replica"]), str(filled["table"]), key)

    def stalled_after_s(self, source: Source) -> float | None:
        """After how many seconds without a change its files are stalled."""
        limit = self._filled(source).get("stalled_after_s")
        return None if limit is None else float(limit)

    def _filled(self, source: Source) -> dict[str, Any]:
        fill = Filler(Turn().named(self.settings))
        return {name: fill.whole(said) for name, said in self._exports(source).items()}

    def _exports(self, source: Source) -> dict[str, Any]:
        """Its templates by their names; one that is left out is the setting of that name."""
        if not isinstance(source.file, Exports):
            return {"path": source.file}
        said = structs.asdict(source.file).items()
        own = {name for name, one in said if one is None and name in self.settings}
        return {name: f"{{settings.{name}}}" if name in own else one for name, one in said}

    def moment(self, source: Source, mapped: Mapped) -> datetime | None:
        """Up to when the answer is whole, where it says so and can be understood."""
        if source.assured in (None, NOW):
            return None
        said = self.mappers[source.name].said(mapped.document, source.assured)
        try:
            return moment(said).time if said is not None else None
        except GiveUp:
            return None

    def _mapper(self, source: Source, at: At) -> Mapper:
        self._check_templates(source, at)
        paging = source.paging
        document = [paging.next, paging.more, paging.total] if paging else []
        return Mapper(
            self._around(source.layout),
            source.outputs,
            source.layout,
            at,
            newest=source.newest,
            document=[path for path in (*document, source.assured) if path and path != NOW],
        )

    def _hook(self) -> Mapper | None:
        hook = self.file.webhook
        if hook is None:
            return None
        at: At = ("webhook",)
        for index, output in enumerate(hook.outputs):
            if output.asset is not None:
                raise Wrong((*at, "outputs", index, "asset"), "assets cannot be pushed")
        around = self._around(hook.layout)
        return Mapper(around, hook.outputs, hook.layout, at, ignore=hook.ignore)

    def _around(self, layout: Layout) -> Surroundings:
        return Surroundings(
            self.file,
            self.settings,
            self._source,
            self._manifest.handling,
            dotted=layout.format != "csv",
        )

    def _deeds(self) -> dict[str, Deed]:
        """All actions, each as ``connector.json`` declares it."""
        declared = {one.name: one for one in self._manifest.actions}
        deeds: dict[str, Deed] = {}
        for index, action in enumerate(self.file.actions):
            at: At = ("actions", index)
            if action.action not in declared:
                raise Wrong((*at, "action"), "connector.json has no such action")
            deeds[action.action] = Deed(action, declared[action.action], self._around(_JSON), at)
        if missing := sorted(set(declared) - set(deeds)):
            raise Wrong(("actions",), f"there is no {missing[0]!r}, which connector.json declares")
        return deeds

    def _judge(self) -> Judge | None:
        failures, check = self.file.failures, self.file.check
        if check is not None:
            self._check_braces(braces_of(check.request), ("check", "request"))
        if failures is None:
            return None
        for index, known in enumerate(failures.known):
            if known.setting is not None and known.setting not in self.settings:
                at: At = ("failures", "known", index, "setting")
                raise Wrong(at, f"there is no setting {known.setting!r}")
        return Judge(self._around(_JSON), failures, self._manifest.name)

    def _check_templates(self, source: Source, at: At) -> None:
        if source.request is not None:
            self._check_braces(braces_of(source.request), (*at, "request"))
            return
        said = {name: one for name, one in self._exports(source).items() if one is not None}
        if _WAYS.isdisjoint(said):
            raise Wrong((*at, "file"), f"it names none of {', '.join(sorted(_WAYS))}")
        texts = [one for one in said.values() if isinstance(one, str)]
        self._check_braces({name for one in texts for name in names_in(one)}, (*at, "file"))

    def _check_braces(self, names: set[str], at: At) -> None:
        if unknown := sorted(names - known_to_sources(self.settings)):
            raise Wrong(at, f"nothing stands for {{{unknown[0]}}}")

    def _check_auth(self) -> None:
        auth = self.file.auth
        declared = {credential.name for credential in self._manifest.credentials}
        if auth is not None and auth.credential not in declared:
            raise Wrong(("auth", "credential"), "connector.json declares no such credential")


def _bad_settings(detail: str) -> AskAPerson:
    return AskAPerson(detail, code="bad_settings", remedy="Correct the source's settings.")


def _written(text: str, at: At) -> At:
    """``at`` in the keys as they are written: ``vehicle.make`` is one key of ``fields``."""
    value, found, steps = msgspec.json.decode(text), list[str | int](), list(at)
    while steps:
        step = steps.pop(0)
        if isinstance(value, dict) and step not in value:
            wanted = f"{step}.{'.'.join(map(str, steps))}".rstrip(".")
            keys = [key for key in value if key.startswith(f"{step}.")]
            step = next((key for key in keys if wanted.startswith(key)), keys[0] if keys else step)
            del steps[: str(step).count(".")]
        found.append(step)
        value = value.get(step) if isinstance(value, dict) else _member(value, step)
    return tuple(found)


def _member(value: Any, index: Any) -> Any:
    return value[index] if isinstance(value, list) and index in range(len(value)) else None


_FORM = MappingFiles("watchfloor_sdk", SourceFile)


def mapping_text(package: str) -> str | None:
    """A package's mapping file; ``None`` where the settings always name one."""
    file = files(package) / SOURCE_FILE
    return file.read_text(encoding="utf-8") if file.is_file() else None


def connector_of(package: str) -> type[Connector[Any]]:
    """The connector class that a package's files make. Raises ``AskAPerson``."""
    from .connector import Declarative

    manifest, text = manifest_of(package), mapping_text(package)
    about: dict[str, Any] = {
        "__module__": package,
        "__doc__": manifest.description,
        "package": package,
        "settings": settings_of(manifest),
    }
    if text is not None:
        file = _FORM.decode(text, SOURCE_FILE)
        about |= {"inventory_every_s": file.inventory_every_s, "watched": tuple(file.watched)}
    return type("DeclarativeConnector", (Declarative,), about)


_TYPES: dict[str, Any] = {
    "string": str, "number": float, "integer": int, "boolean": bool,
    "array": list[Any], "object": dict[str, Any],
}  # fmt: skip


def settings_of(manifest: Manifest) -> type[msgspec.Struct]:
    """The settings as the manifest's ``config_schema`` has them; the hub has checked the rest."""
    schema = manifest.config_schema
    required = set(schema.get("required", ()))
    fields: list[Any] = []
    for name, about in schema.get("properties", {}).items():
        if name == "every_s":  # the worker's own
            continue
        type_ = _TYPES.get(about.get("type"), Any)
        if name in required:
            fields.append((name, type_))
        else:
            fields.append((name, type_ | None, about.get("default")))
    return msgspec.defstruct("Settings", fields, kw_only=True, forbid_unknown_fields=True)
