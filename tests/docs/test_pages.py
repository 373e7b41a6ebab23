"""All pages: links lead somewhere, JSON is JSON and keeps to the contract that it names."""

from __future__ import annotations

import json
import posixpath
import re
from pathlib import Path

from watchfloor.contracts import schemas

_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"^```.*?^```$|`[^`\n]*`", re.MULTILINE | re.DOTALL)
OUTSIDE = ("http://", "https://", "mailto:")


def _links(text: str) -> list[str]:
    return [link for link in _LINK.findall(_CODE.sub("", text)) if not link.startswith(OUTSIDE)]


def _anchors(text: str) -> set[str]:
    """Headings as Markdown viewers name them: small letters, hyphens, no other signs."""
    headings = re.findall(
        r"^#+ (.+)$", _CODE.sub(lambda code: code[0].strip("`"), text), re.MULTILINE
    )
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_link_leads_to_a_file_and_every_anchor_to_a_heading(root: Path, pages):
    dead = []
    for page in pages.values():
        for link in _links(page.text):
            path, _, anchor = link.partition("#")
            there = posixpath.normpath(posixpath.join(posixpath.dirname(page.name), path))
            target = page.name if not path else there
            if not (root / target).exists():
                dead.append(f"{page.name}: {link}")
            elif anchor and anchor not in _anchors(pages[target].text):
                dead.append(f"{page.name}: {link} (no such heading)")
    assert dead == []


def test_every_page_of_the_documentation_is_in_its_index(pages):
    index = pages["docs/README.md"].text
    for name in pages:
        if name.startswith(("docs/", "sdk/docs/")) and name != "docs/README.md":
            assert posixpath.relpath(name, "docs") in index, name


def test_json_can_be_read_and_keeps_to_the_contract_it_names(blocks):
    found = [
        block for block in blocks
        if block.language in ("json", "jsonl") and not block.info.startswith("in ")  # excerpts
    ]  # fmt: skip
    assert len(found) > 10
    for block in found:
        for document in _documents(block.text):
            if block.info in schemas.names():
                assert schemas.explain(block.info, document) == [], block.where


def _documents(text: str) -> list[object]:
    """One document, or one a line, as the protocol has them."""
    lines = text.splitlines()
    each_line = len(lines) > 1 and all(line.startswith("{") for line in lines)
    return [json.loads(one) for one in (lines if each_line else [text])]


def test_no_page_names_a_real_plate_or_a_real_host(blocks):
    """Hosts in examples are reserved ones (RFC 2606) or loopback."""
    for block in blocks:
        for host in re.findall(r"https?://([^\s/:\"'<>)$]+)", block.text):
            assert re.fullmatch(
                r"127\.0\.0\.1|\{\w+\}|(.*\.)?example\.(org|com)|json-schema\.org", host
            ), block.where
