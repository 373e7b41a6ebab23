"""What a mapping reads of a document, as classes into which msgspec decodes it.

Only what is read is decoded, and what is of the expected type is checked while it is decoded: that
is where most of the speed comes from. A document that does not fit the strict class is decoded
into the loose one, where every value may be anything.

Attributes are called ``f0``, ``f1`` ...: no word of a mapping file becomes a name in Python.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from watchfloor.contracts import known

ANYTHING: Any = Any


class Shape:
    """What is read of one object: its fields by their names, each a value, an object or a list."""

    def __init__(self) -> None:
        self._fields: dict[str, _Part] = {}

    @property
    def names(self) -> list[str]:
        """The names of the fields that are read."""
        return list(self._fields)

    def value(self, steps: Sequence[str], type_: Any = ANYTHING) -> list[str]:
        """Note that the value at these names is read. Answers the attributes that lead to it."""
        name, attribute = self._part(steps[0])
        if len(steps) == 1:
            name.types.append(type_)
            return [attribute]
        if name.inner is None:
            name.inner = Shape()
        return [attribute, *name.inner.value(steps[1:], type_)]

    def members(self, steps: Sequence[str], shape: Shape) -> list[str]:
        """Note that a list of objects of ``shape`` is read there."""
        attributes = self.value(steps)
        part, _ = self._part(steps[0])
        for step in steps[1:]:
            assert part.inner is not None
            part, _ = part.inner._part(step)
        part.listed = shape
        return attributes

    def struct(self, *, strict: bool) -> type[msgspec.Struct]:
        """The class. Absent fields are ``None``."""
        fields = [
            (f"f{index}", part.type(strict=strict), None)
            for index, part in enumerate(self._fields.values())
        ]
        rename = {f"f{index}": name for index, name in enumerate(self._fields)}
        made = msgspec.defstruct("Row", fields, rename=rename, gc=False)
        known(made)  # files are read in threads
        return made

    def _part(self, name: str) -> tuple[_Part, str]:
        if name not in self._fields:
            self._fields[name] = _Part()
        return self._fields[name], f"f{list(self._fields).index(name)}"


class _Part:
    def __init__(self) -> None:
        self.types: list[Any] = []
        self.inner: Shape | None = None
        self.listed: Shape | None = None

    def type(self, *, strict: bool) -> Any:
        if self.listed is not None:
            return list[self.listed.struct(strict=strict)] | None  # type: ignore[misc]
        if self.inner is not None:
            return self.inner.struct(strict=strict) | None
        alike = all(one == self.types[0] for one in self.types)
        return self.types[0] | None if strict and alike and self.types[0] is not Any else Any
