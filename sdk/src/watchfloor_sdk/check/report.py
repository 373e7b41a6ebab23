"""What is written of a check: JSON for scripts and the registry, the page of all rules."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec

from .rule import RULES, Level
from .runner import Report

FILE = "conformance.json"


def document(report: Report) -> dict[str, Any]:
    """The report as JSON: ``level``, when and with what it was checked, every rule's outcome."""
    return {
        "connector": report.connector,
        "version": report.version,
        "level": report.level.name,
        "checked": datetime.now(UTC).isoformat(timespec="seconds"),
        "sdk": version("watchfloor-sdk"),
        "rules": {
            one.code: {
                "state": one.state,
                "level": RULES[one.code].level.name,
                "what": RULES[one.code].what,
                "detail": one.detail,
                "took_s": one.took_s,
                **({"mend": RULES[one.code].mend} if one.state == "failed" else {}),
            }
            for one in report.outcomes
        },
    }


def write(report: Report, folder: Path) -> Path:
    """Write ``conformance.json`` into the connector's folder: what the registry shows of it."""
    whole = document(report)
    whole["rules"] = {
        one.code: {"state": one.state}
        | ({"reason": one.detail} if one.state in ("exempt", "inapplicable", "failed") else {})
        for one in report.outcomes
    }
    path = folder / FILE
    path.write_bytes(msgspec.json.format(json.dumps(whole).encode(), indent=2) + b"\n")
    return path


def page() -> str:
    """The list of all rules in Markdown, as it stands at the end of ``sdk/docs/rules.md``."""
    parts = []
    for level in list(Level)[1:]:
        parts.append(f"## {level.name.capitalize()}\n")
        for rule in RULES.values():
            if rule.level == level:
                fixed = "" if rule.exemptable else " No connector is exempt from it."
                parts.append(
                    f"### {rule.code}\n\n{rule.what}\n\n"
                    f"*Why:* {rule.why}{fixed}\n\n*How to mend it:* {rule.mend}\n"
                )
    return "\n".join(parts)
