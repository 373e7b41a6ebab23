"""What a decision costs: an agency's hundred rules, questions of a day.

Run it by itself (``python tests/benchmarks/policy.py``) or with ``make bench``. Nothing is asserted.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from statistics import quantiles
from time import perf_counter
from typing import Any

sys.path.append(str(Path(__file__).parents[1] / "support"))

from asking import AGENCY, NOW, person, purpose
from hub_process import row

from watchfloor.adapters.cedar import read_rules
from watchfloor.identity import Permission
from watchfloor.policy import Engine, Question, load, packaged

RULES = 100
DOMAINS = ("cameras", "plate_readers", "records", "person_lookup", "cad")
ACTIONS = ("data:search", "data:export", "lookups:ask", "data:live", "alerts:read")


def hundred_rules() -> Engine:
    """The packaged rules and an agency's own, by role, action and kind of data, as many that look
    at the question's facts as that look at its head alone."""
    texts = dict(packaged())
    count = len(read_rules(texts).rules)
    own = [_forbid(n) if n % 3 else _permit(n) for n in range(RULES - count)]
    engine = Engine(load({**texts, "own.cedar": "".join(own)}, AGENCY, read_rules))
    assert len(engine.policy.rules.rules) == RULES
    return engine


def _permit(n: int) -> str:
    return (
        f'@id("own-{n}") permit(principal in Role::"analyst", action == Action::"'
        f'{ACTIONS[n % 5]}", resource == Data::"{DOMAINS[n % 4]}") when {{ '
        f'context.asker.agency == "pd-{n}" && principal.certified.contains("ncic") }};'
    )


def _forbid(n: int) -> str:
    group = 'in Action::"guarded"' if n % 2 else f'== Action::"{ACTIONS[n % 5]}"'
    about = "" if n % 4 else f' == Data::"{DOMAINS[n % 5]}"'
    return (
        f'@id("own-{n}") @reason("closed") @says("Closed.") forbid(principal, action {group}, '
        f'resource{about}) when {{ context.purpose.offence == "X{n}" && context.records > {n} '
        f"|| context.lookback_days > {400 + n} }};"
    )


def question(n: int) -> Question:
    """Of forty people: searches, exports, look-ups and pages, with and without a purpose. No two
    among thousands look alike to the rules."""
    return Question(
        replace(person("analyst"), id=f"p-{n % 40}"), Permission(ACTIONS[n % 5]), NOW + n,
        purpose() if n % 10 else None,
        {"domain": DOMAINS[n % 3], "subject": "plate", "lookback_days": n % 8, "records": n // 30},
    )  # fmt: skip


def decisions(count: int) -> list[dict[str, Any]]:
    """The time of each of so many decisions: asked for the first time, and asked again."""
    engine, asked = hundred_rules(), [question(n) for n in range(count)]
    for first in asked[:600]:
        engine.decide(first)
    fresh = times(engine, asked[600:])
    again = times(engine, asked[-2000:])
    return [
        row(f"policy: a decision by {RULES} rules, never asked before", fresh, "ms", 0.3, ""),
        row("  asked before", again, "ms", 0.3, ""),
    ]


def times(engine: Engine, asked: list[Question]) -> dict[str, float]:
    """Percentiles, in milliseconds."""
    took = []
    for each in asked:
        started = perf_counter()
        engine.decide(each)
        took.append((perf_counter() - started) * 1000)
    cuts = quantiles(took, n=100)
    return {"p50": round(cuts[49], 3), "p99": round(cuts[98], 3)}


if __name__ == "__main__":
    for each in decisions(20_000):
        print(each)
