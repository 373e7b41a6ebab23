"""May they: one decision a request, by rules that the agency owns."""

from .agencies import Agency, AgencyList, ListedAgency
from .asked import Asked, context_of
from .book import Entry, PolicyBook, Running
from .cases import Outcome, run_cases
from .changed import changed
from .differences import Difference, Direction, differences, unified
from .engine import Engine, Policy
from .facts import DATA, GROUPS, GUARDED, Domain, Facts, Subject, groups_of
from .floor import WHATEVER_FOR
from .folder import load, packaged, read_folder, version_of
from .gates import CONFIRM, GATES, Gate
from .lint import TOPICS, NamedTopic, topics_in
from .model import WHOLE, Decision, Obligation, ObligationKind, PolicyEngine, Question, Sight
from .presets import PRESETS, Preset
from .redaction import concerns, hides, redact, redact_at, redact_event, touches
from .rules import Rule, RuleReader, Rules, Verdict, rule_of
from .scope import LIVE, MOVEMENTS, NOTHING, ONE_SUBJECT, World, live_only
from .settings import Confirmed, Limits, PolicySettings
from .zones import PLATE_TYPES, Zone, Zones, read_zones

__all__ = [
    "CONFIRM",
    "DATA",
    "GATES",
    "GROUPS",
    "GUARDED",
    "LIVE",
    "MOVEMENTS",
    "NOTHING",
    "ONE_SUBJECT",
    "PLATE_TYPES",
    "PRESETS",
    "TOPICS",
    "WHATEVER_FOR",
    "WHOLE",
    "Agency",
    "AgencyList",
    "Asked",
    "Confirmed",
    "Decision",
    "Difference",
    "Direction",
    "Domain",
    "Engine",
    "Entry",
    "Facts",
    "Gate",
    "Limits",
    "ListedAgency",
    "NamedTopic",
    "Obligation",
    "ObligationKind",
    "Outcome",
    "Policy",
    "PolicyBook",
    "PolicyEngine",
    "PolicySettings",
    "Preset",
    "Question",
    "Rule",
    "RuleReader",
    "Rules",
    "Running",
    "Sight",
    "Subject",
    "Verdict",
    "World",
    "Zone",
    "Zones",
    "changed",
    "concerns",
    "context_of",
    "differences",
    "groups_of",
    "hides",
    "live_only",
    "load",
    "packaged",
    "read_folder",
    "read_zones",
    "redact",
    "redact_at",
    "redact_event",
    "rule_of",
    "run_cases",
    "topics_in",
    "touches",
    "unified",
    "version_of",
]
