"""The conformance check: numbered rules, run against a connector's worker as a black box.

The worker is driven over its protocol against its own simulator, so it may be written in any
language. ``sdk/docs/rules.md`` lists the rules. Needs the extra ``[testing]``.
"""

from . import rules as _entered  # noqa: F401 - enters the rules into the table
from .chaos import Cost, run_chaos, table, write_table
from .report import document, page, write
from .rule import RULES, Broken, Inapplicable, Level, Rule
from .runner import Outcome, Report, run
from .subject import Subject, open_subject

__all__ = [
    "RULES",
    "Broken",
    "Cost",
    "Inapplicable",
    "Level",
    "Outcome",
    "Report",
    "Rule",
    "Subject",
    "document",
    "open_subject",
    "page",
    "run",
    "run_chaos",
    "table",
    "write",
    "write_table",
]
