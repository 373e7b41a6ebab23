"""Mapping files: which of a source's fields is what, written by whoever knows the source.

A connector for exports or registries needs no code for a new agency, only such a file: JSON, read
into a msgspec class of the connector's. An error names line and field.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import Struct

from watchfloor.contracts import AskAPerson

from .json_text import line_of

MAPPINGS = "mappings"
"""The folder of a package's mapping files."""

_ENDING = ".json"
_PLACED = re.compile(r"(.*?)(?: - at (?:`key` in )?`\$\.?(.*)`)?", re.S)
"""What msgspec says: the fault, and the path to it where it is not the whole document."""
_STEP = re.compile(r"[^.\[\]]+|\.\.\.")
_UNTOLD = "..."
"""Written as ``[...]`` for the key of a member of a ``dict``."""


class MappingPart(Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Base of a mapping file's parts: a word that is not known is a typing error."""


M = TypeVar("M", bound=MappingPart)


class MappingFiles(Generic[M]):
    """The mapping files of one connector: those that it ships, and an agency's own.

    Shipped ones lie as ``mappings/<name>.json`` in ``package``. ``form`` is the class of the whole
    file; what its ``__post_init__`` refuses with ``ValueError`` is an error of the file as well.

        MAPPINGS = MappingFiles(__package__, MappingFile)
        mapping = MAPPINGS.load(ctx.settings.mapping)
    """

    def __init__(self, package: str, form: type[M]) -> None:
        self._package = package
        self._form = form

    def load(self, name: str) -> M:
        """The mapping shipped under that name, or else the file at that path.

        Raises ``AskAPerson`` (code ``no_mapping`` or ``bad_mapping``), naming line and field.
        """
        return self.decode(self.text(name), name)

    def text(self, name: str) -> str:
        """The text of the mapping shipped under that name, or else of the file at that path.

        Raises ``AskAPerson`` (code ``no_mapping``).
        """
        try:
            return self._text(name)
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
            raise AskAPerson(
                f"The mapping {name!r} cannot be read: {reason}.",
                code="no_mapping",
                remedy=f"Name a mapping file, or one of: {', '.join(self.shipped())}.",
            ) from None

    def shipped(self) -> list[str]:
        """The names of the mappings that come with the connector."""
        folder = resources.files(self._package).joinpath(MAPPINGS)
        entries = folder.iterdir() if folder.is_dir() else ()
        return sorted(entry.name.removesuffix(_ENDING) for entry in entries)

    def decode(self, text: str, name: str) -> M:
        """Read a mapping; errors call it ``name``. Raises ``AskAPerson`` (``bad_mapping``)."""
        try:
            return msgspec.json.decode(text, type=self._form)
        except msgspec.ValidationError as error:
            raise self._refused(text, name, str(error)) from None
        except msgspec.DecodeError as error:
            found = re.search(r"byte (\d+)", str(error))
            before = text.encode()[: int(found[1])] if found else text.encode()
            raise _bad(name, before.count(b"\n") + 1, str(error)) from None

    def _refused(self, text: str, name: str, said: str) -> AskAPerson:
        placed = _PLACED.fullmatch(said)
        what, path = (placed[1], placed[2] or "") if placed else (said, "")
        document, steps = msgspec.json.decode(text), list[str | int]()
        for step in _STEP.findall(path):
            if step == _UNTOLD:
                step = self._culprit(document, steps, said)
                path = path.replace(f"[{_UNTOLD}]", f".{step}", 1)
            steps.append(int(step) if step.isdecimal() else step)
        unknown = re.findall(r"unknown field `(.+)`", what)
        return _bad(name, line_of(text, [*steps, *unknown]), what, path)

    def _culprit(self, document: Any, steps: Sequence[str | int], said: str) -> str:
        """The key that msgspec does not tell: without its member the fault is another, or none."""
        members = document
        for step in steps:
            members = members[step]
        for key in list(members):
            value = members.pop(key)
            if self._fault(document) != said:
                members[key] = value
                return str(key)
            members[key] = value
        return _UNTOLD

    def _fault(self, document: Any) -> str:
        try:
            msgspec.convert(document, self._form)
        except msgspec.ValidationError as error:
            return str(error)
        return ""

    def _text(self, name: str) -> str:
        if name in self.shipped():
            file = resources.files(self._package).joinpath(MAPPINGS, name + _ENDING)
            return file.read_text(encoding="utf-8")
        return Path(name).read_text(encoding="utf-8-sig")


def wrong_mapping(text: str, name: str, at: Sequence[str | int], what: str) -> AskAPerson:
    """The error of a mapping that is wrong ``at`` a part of it, with the part's line."""
    return _bad(name, line_of(text, at), what, ".".join(map(str, at)))


def _bad(name: str, line: int, what: str, path: str = "") -> AskAPerson:
    where = f", {path}" if path else ""
    return AskAPerson(
        f"The mapping {name!r} is wrong in line {line}{where}: {what}.",
        code="bad_mapping",
        remedy="Correct the mapping file; its schema is beside the code that reads it.",
    )
