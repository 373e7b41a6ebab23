"""Fills in the templates. They are real files under ``templates/``, named with ``.tmpl``.

``templates/common`` belongs to every kind; ``templates/<kind>`` is laid over it, and over that, for
a connector without code, ``templates/declarative/<kind>``. ``__package__``
in a path, and ``${...}`` in a text, are filled in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from string import Template

from watchfloor.contracts import AskAPerson


class Kind(StrEnum):
    """How a vendor's data comes, or what is asked of the vendor."""

    POLL = "poll"
    WEBHOOK = "webhook"
    STREAM = "stream"
    LOOKUP = "lookup"
    ASSETS = "assets"
    ACTION = "action"


DECLARATIVE = (Kind.POLL, Kind.WEBHOOK, Kind.ASSETS, Kind.ACTION)
"""Kinds that are written without Python."""

_SDK = {Kind.STREAM: "watchfloor-sdk[websocket]"}
"""What a package of a kind needs, where that is more than the SDK itself."""

_SUFFIX = ".tmpl"
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_CODE = re.compile(r"src/__package__/(?!__init__)\w+\.py")
"""What a declarative connector has none of."""
_LONGEST = 28
"""Letters of a name: with more, lines of the package would be longer than its linter allows."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to write. ``name`` is the connector's id; ``owner`` is who answers for it.

    Raises ``AskAPerson`` (``bad_name``, ``not_declarative``).
    """

    name: str
    kind: Kind
    owner: str
    declarative: bool = False

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or not 2 <= len(self.name) <= _LONGEST:
            raise AskAPerson(
                f"{self.name!r} cannot be a connector's name.",
                code="bad_name",
                remedy=f"Take 2 to {_LONGEST} small letters, digits and single hyphens, "
                "a letter first: north-light.",
            )
        if self.declarative and self.kind not in DECLARATIVE:
            raise AskAPerson(
                f"There is no beginning without Python for a connector of kind {self.kind.value}.",
                code="not_declarative",
                remedy=f"Leave --declarative out; it is for {', '.join(DECLARATIVE)}.",
            )

    @property
    def package(self) -> str:
        """The Python package: ``watchfloor_north_light``."""
        return f"watchfloor_{self.name.replace('-', '_')}"

    @property
    def words(self) -> Mapping[str, str]:
        """What stands in for each placeholder."""
        parts = self.name.split("-")
        return {
            "id": self.name,
            "package": self.package,
            "plugin": self.package if self.declarative else f"{self.package}.plugin",
            "Class": "".join(part.capitalize() for part in parts),
            "title": " ".join(parts).capitalize(),
            "sdk": _SDK.get(self.kind, "watchfloor-sdk"),
            "owner": json.dumps(self.owner)[1:-1],
        }


def write(plan: Plan, folder: Path) -> list[Path]:
    """Write the package into a new ``folder``. Answers its files, in order.

    Raises ``AskAPerson`` (``folder_exists``) and touches nothing when there is one already.
    """
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        raise AskAPerson(
            f"There is something at {folder} already.",
            code="folder_exists",
            remedy="Take another name, or move it away.",
        ) from None
    return sorted(_write(plan, folder, path, text) for path, text in _texts(plan).items())


def _write(plan: Plan, folder: Path, path: str, text: str) -> Path:
    target = folder / path.replace("__package__", plan.package)
    target.parent.mkdir(parents=True, exist_ok=True)
    # What is no placeholder of ours ("$schema", a workflow's variables) stays as it is.
    target.write_text(Template(text).safe_substitute(plan.words), "utf-8")
    if target.suffix == ".sh":
        target.chmod(0o755)
    return target


def _texts(plan: Plan) -> dict[str, str]:
    templates = files(__package__) / "templates"
    texts = {**_read(templates / "common"), **_read(templates / plan.kind)}
    if plan.declarative:
        code = [path for path in texts if _CODE.fullmatch(path)]
        for path in code:
            del texts[path]
        texts |= _read(templates / "declarative" / plan.kind)
    return texts


def _read(folder: Traversable) -> dict[str, str]:
    return {path: file.read_text("utf-8") for path, file in _walk(folder)}


def _walk(folder: Traversable, above: str = "") -> Iterator[tuple[str, Traversable]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _walk(entry, f"{above}{entry.name}/")
        elif entry.name.endswith(_SUFFIX):
            yield above + entry.name.removesuffix(_SUFFIX), entry
