"""``make bench``: measures everything, prints a table and JSON. Nothing is asserted.

Choose parts by name: ``make bench ARGS="poll webhooks"``; ``--quick`` for short runs.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
sys.path.append(str(Path(__file__).parents[1] / "support"))

import audit
import console
import declarative_mapping
import extraction
import footprint
import idle
import ingest
import latency
import policy
import purge
import search

PARTS: dict[str, Callable[[Path, bool], Any]] = {
    "sqlite": lambda _, quick: ingest.raw_sqlite(20_000 if quick else 100_000),
    "aiohttp": lambda _, quick: ingest.bare_aiohttp(2 if quick else 5),
    "poll": lambda folder, quick: ingest.poll(folder, 50_000 if quick else 200_000),
    "webhooks": lambda folder, quick: ingest.webhooks(folder, 5 if quick else 60),
    "batches": lambda folder, quick: ingest.batches(folder, 5 if quick else 20),
    "stream": lambda folder, quick: latency.to_stream(folder, 5 if quick else 20),
    "alert": lambda folder, quick: latency.to_alert(folder, 5 if quick else 20),
    "search": lambda folder, quick: search.search(folder, 200_000 if quick else 5_000_000),
    "audit": lambda folder, quick: audit.audit(
        folder, 20_000 if quick else 100_000, 100_000 if quick else 1_000_000
    ),
    "purge": lambda folder, quick: purge.purge(folder, 50_000 if quick else 1_000_000),
    "footprint": lambda folder, _: footprint.footprint(folder),
    "extraction": lambda folder, quick: extraction.extraction(folder, 20_000 if quick else 100_000),
    "declarative": lambda _, quick: declarative_mapping.declarative(50 if quick else 200),
    "idle": lambda folder, quick: idle.idle(folder, 5 if quick else 50),
    "install": lambda folder, _: extraction.first_event(folder),
    "policy": lambda _, quick: policy.decisions(2_000 if quick else 20_000),
    "console": lambda folder, quick: console.console(folder, *((12, 2) if quick else ())),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="all when none is named")
    parser.add_argument("--quick", action="store_true", help="short runs, for a first look")
    chosen = parser.parse_args()
    rows: list[dict[str, Any]] = []
    for name in chosen.parts or PARTS:
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory(prefix="watchfloor-bench-") as folder:
            found = PARTS[name](Path(folder), chosen.quick)
        rows += found if isinstance(found, list) else [found]
        show(rows[-1:] if not isinstance(found, list) else found)
    print(json.dumps(rows))


def show(rows: list[dict[str, Any]]) -> None:
    for one in rows:
        figure = one["figure"]
        text = (
            " ".join(f"{k} {v}" for k, v in figure.items()) if isinstance(figure, dict) else figure
        )
        print(f"{one['what']:<62} {text!s:>28} {one['unit']:<9} {_beside(one)}", flush=True)


def _beside(one: dict[str, Any]) -> str:
    """Bounds, and the ratio to the baseline above."""
    bound = "at most" if one["unit"] in ("ms", "s", "MiB", "x") else "at least"
    said = {bound: one["least"], "aim": one["aim"], "ratio to baseline": one.get("ratio", "")}
    return ", ".join(f"{word} {figure}" for word, figure in said.items() if figure != "")


if __name__ == "__main__":
    main()
