"""Bodies of every format that vendors speak, scrubbed and ready to be kept: as JSON where they are
JSON, so that a cassette can be read and compared, else as text. What cannot be read is not kept.
"""

from __future__ import annotations

import csv
import io
import json
import re
from html import unescape
from itertools import chain, repeat
from typing import Any
from urllib.parse import quote, urlencode
from xml.sax.saxutils import escape, quoteattr

from msgspec import Struct

from . import pictures
from .scrubber import Path, Scrubber

FORM = "application/x-www-form-urlencoded"
_PART = re.compile(
    r"<!--.*?-->|<!\[CDATA\[(?P<cdata>.*?)\]\]>|<[?!][^>]*>"
    r"|<(?P<closes>/?)(?P<name>[\w:.-]+)(?P<rest>[^<>]*)>|(?P<text>[^<]+)",
    re.S,
)
_ATTRIBUTE = re.compile(r"([\w:.-]+)(\s*=\s*)(?:\"([^\"]*)\"|'([^']*)')")
_DELIMITERS = ",;\t|"


class Body(Struct, kw_only=True, omit_defaults=True):
    """A kept body: one of ``json``, ``text`` and ``picture`` (a media type), or that it was
    ``dropped``, and why."""

    json: Any = None
    text: str | None = None
    picture: str | None = None
    dropped: str | None = None

    def raw(self) -> bytes:
        """As it goes over the wire again."""
        if self.picture is not None:
            return pictures.synthetic(self.picture)
        if self.text is not None:
            return self.text.encode()
        return b"" if self.dropped else json.dumps(self.json, ensure_ascii=False).encode()


def scrubbed(scrubber: Scrubber, raw: bytes, content_type: str) -> Body:
    """What is kept of a body."""
    kind = content_type.partition(";")[0].strip().lower()
    picture = pictures.kind_of_picture(raw)
    if picture or kind.startswith(("image/", "video/", "audio/")):
        return Body(picture=picture or kind)
    if kind.startswith("multipart/"):
        return Body(dropped="multipart")
    try:
        text = raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("latin-1") if kind.startswith("text/") or "csv" in kind else ""
        if not text:
            return Body(dropped="not text")
    if "\x00" in text:
        return Body(dropped="not text")
    return _of_text(scrubber, text, kind)


def _of_text(scrubber: Scrubber, text: str, kind: str) -> Body:
    if not text:
        return Body(text="")
    try:
        return Body(json=scrubber.tree(json.loads(text)))
    except (ValueError, RecursionError):
        pass
    if kind == FORM:
        return Body(text=urlencode(scrubber.pairs(text), quote_via=quote))
    if text.lstrip()[:1] == "<":
        return Body(text=_xml(scrubber, text))
    if "csv" in kind or "tab-separated" in kind or _looks_like_csv(text):
        return Body(text=_csv(scrubber, text))
    if lines := _json_lines(text):
        made = (json.dumps(scrubber.tree(line), ensure_ascii=False) for line in lines)
        return Body(text="".join(f"{line}\n" for line in made))
    return Body(text=scrubber.text(text))


def _json_lines(text: str) -> list[Any]:
    try:
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    except ValueError:
        return []


# --- CSV -------------------------------------------------------------------------------------


def _looks_like_csv(text: str) -> bool:
    lines = text.splitlines()[:5]
    counts = {line.count(_delimiter(text)) for line in lines}
    return len(lines) > 1 and len(counts) == 1 and counts != {0}


def _delimiter(text: str) -> str:
    first = text.partition("\n")[0]
    return max(_DELIMITERS, key=first.count)


def _csv(scrubber: Scrubber, text: str) -> str:
    """The first line has the fields' names."""
    delimiter = _delimiter(text)
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    names: list[str] = rows[0]
    out = io.StringIO(newline="")
    write = csv.writer(out, delimiter=delimiter, lineterminator="\n").writerow
    write(names)
    for row in rows[1:]:
        cells = [((name,), cell) for name, cell in zip(chain(names, repeat("")), row, strict=False)]
        personal = any(scrubber.is_personal(cell, path) for path, cell in cells)
        write([scrubber.leaf(path, cell, personal) for path, cell in cells])
    return out.getvalue()


# --- XML -------------------------------------------------------------------------------------


class _Xml:
    """Rewrites values where they stand; the document is not resolved and keeps its form."""

    def __init__(self, scrubber: Scrubber, personal: bool) -> None:
        self.met_person = False
        self._scrubber = scrubber
        self._personal = personal
        self._path: list[str] = []

    def part(self, found: re.Match[str]) -> str:
        if found["name"]:
            return self._tag(found)
        if found["cdata"] is not None:
            return self._value(tuple(self._path), found["cdata"])
        if found["text"] and found["text"].strip():
            return self._value(tuple(self._path), unescape(found["text"]))
        return "" if found[0].startswith("<!--") else found[0]

    def _value(self, path: tuple[str, ...], value: str) -> str:
        inner = value.strip()
        self.met_person |= self._scrubber.is_personal(inner, path)
        made = str(self._scrubber.leaf(path, inner, self._personal))
        return escape(value.replace(inner, made, 1) if inner else value)

    def _tag(self, found: re.Match[str]) -> str:
        local = found["name"].rpartition(":")[2]
        if found["closes"]:
            if local in self._path:
                del self._path[len(self._path) - 1 - self._path[::-1].index(local) :]
            return found[0]
        rest = self._attributes(found["rest"], local)
        if not rest.rstrip().endswith("/"):
            self._path.append(local)
        return f"<{found['name']}{rest}>"

    def _attributes(self, rest: str, local: str) -> str:
        values = {name: two or one for name, _, two, one in _ATTRIBUTE.findall(rest)}

        def attribute(found: re.Match[str]) -> str:
            name = found[1]
            if name.startswith("xmlns") or (name in ("Name", "name") and "Value" in values):
                return found[0]
            shown = str(values.get("Name", name)) if name in ("Value", "value") else name
            value = unescape(found[3] if found[3] is not None else found[4])
            path: Path = (*self._path, local, shown)
            self.met_person |= self._scrubber.is_personal(value, path)
            made = self._scrubber.leaf(path, value, self._personal)
            return f"{name}{found[2]}{quoteattr(str(made))}"

        return _ATTRIBUTE.sub(attribute, rest)


def _xml(scrubber: Scrubber, text: str) -> str:
    """Where the document tells of a person, all its coordinates are coarse."""
    first = _Xml(scrubber, personal=False)
    _PART.sub(first.part, text)
    return _PART.sub(_Xml(scrubber, first.met_person).part, text)
