"""What can be done at all, each with one name; and which role may do it.

A permission says what kind of deed it is; whether this person may do it now, for this purpose, to
this data, is decided by policy. No role has both the data and the machine, nor both the machine and
the audit: who runs the hub reads nothing in it, and who reads the audit changes nothing.
"""

from __future__ import annotations

from enum import StrEnum


class Permission(StrEnum):
    """``scope:action``. Sorted; every route and every service's door names one of these."""

    ACTIONS_DO = "actions:do"
    ALERTS_ACT = "alerts:act"
    ALERTS_CONFIGURE = "alerts:configure"
    ALERTS_READ = "alerts:read"
    AUDIT_READ = "audit:read"
    CONNECTORS_INSTALL = "connectors:install"
    CREDENTIALS_SET = "credentials:set"
    DATA_BRING = "data:bring"
    DATA_EXPORT = "data:export"
    DATA_HISTORY = "data:history"
    DATA_LIVE = "data:live"
    DATA_SEARCH = "data:search"
    DISCLOSURE_MAKE = "disclosure:make"
    HOLDS_KEEP = "holds:keep"
    HUB_CONFIGURE = "hub:configure"
    HUB_READ = "hub:read"
    INTELLIGENCE_KEEP = "intelligence:keep"
    LOOKUPS_ASK = "lookups:ask"
    OVERRIDE_REVIEW = "override:review"
    PEOPLE_MANAGE = "people:manage"
    POLICY_CHANGE = "policy:change"
    POLICY_READ = "policy:read"
    RECORDS_REPAIR = "records:repair"
    REPORTS_READ = "reports:read"
    REQUESTS_ASK = "requests:ask"
    REQUESTS_READ = "requests:read"
    REQUESTS_WORK = "requests:work"
    RETENTION_CHANGE = "retention:change"
    RETENTION_READ = "retention:read"
    SETTINGS_APPROVE = "settings:approve"
    SOURCES_OPERATE = "sources:operate"
    SOURCES_READ = "sources:read"


_WORDS = {
    Permission.ACTIONS_DO: "have things done in other systems",
    Permission.ALERTS_ACT: "handle alerts",
    Permission.ALERTS_CONFIGURE: "set alert rules and hot lists",
    Permission.ALERTS_READ: "see alerts and their settings",
    Permission.AUDIT_READ: "read the audit log",
    Permission.CONNECTORS_INSTALL: "install connectors",
    Permission.CREDENTIALS_SET: "set and rotate credentials",
    Permission.DATA_BRING: "hand events over",
    Permission.DATA_EXPORT: "take data out",
    Permission.DATA_HISTORY: "see where one vehicle was",
    Permission.DATA_LIVE: "see the live board and the cameras",
    Permission.DATA_SEARCH: "search",
    Permission.DISCLOSURE_MAKE: "answer records requests and complaints",
    Permission.HOLDS_KEEP: "place holds on data",
    Permission.HUB_CONFIGURE: "change the hub's settings",
    Permission.HUB_READ: "see what this hub is",
    Permission.INTELLIGENCE_KEEP: "keep criminal intelligence",
    Permission.LOOKUPS_ASK: "ask other systems",
    Permission.OVERRIDE_REVIEW: "review what others did",
    Permission.PEOPLE_MANAGE: "see who is signed in, and sign people out",
    Permission.POLICY_CHANGE: "propose another policy",
    Permission.POLICY_READ: "read the policy",
    Permission.RECORDS_REPAIR: "correct what a source sent wrong",
    Permission.REPORTS_READ: "read reports",
    Permission.REQUESTS_ASK: "open requests",
    Permission.REQUESTS_READ: "read requests",
    Permission.REQUESTS_WORK: "work on requests",
    Permission.RETENTION_CHANGE: "change how long data is kept",
    Permission.RETENTION_READ: "see how long data is kept",
    Permission.SETTINGS_APPROVE: "agree to others' changes as the second person",
    Permission.SOURCES_OPERATE: "set sources up and operate them",
    Permission.SOURCES_READ: "see the sources and how they fare",
}


def in_words(permission: Permission) -> str:
    """What it allows, as people ask for it: "May I read the audit log?"."""
    return _WORDS[permission]


class Role(StrEnum):
    """What somebody is at this hub. A developer is at a hub for development alone, whose data are
    made up; no identity provider can make one."""

    ANALYST = "analyst"
    SUPERVISOR = "supervisor"
    AGENCY_IT = "agency_it"
    AUDITOR = "auditor"
    RECORDS_OFFICER = "records_officer"
    VENDOR_SERVICE = "vendor_service"
    PARTNER_AGENCY = "partner_agency"
    DEVELOPER = "developer"


_P = Permission

_WATCHING = {
    _P.DATA_LIVE, _P.ALERTS_READ, _P.SOURCES_READ, _P.HUB_READ, _P.REQUESTS_ASK, _P.REQUESTS_READ,
    _P.REPORTS_READ, _P.POLICY_READ,
}  # fmt: skip
_ANALYST = _WATCHING | {
    _P.DATA_SEARCH, _P.DATA_EXPORT, _P.LOOKUPS_ASK, _P.ACTIONS_DO, _P.ALERTS_ACT,
    _P.REQUESTS_WORK, _P.DATA_HISTORY, _P.INTELLIGENCE_KEEP,
}  # fmt: skip

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.ANALYST: frozenset(_ANALYST),
    Role.SUPERVISOR: frozenset(
        _ANALYST
        | {
            _P.ALERTS_CONFIGURE, _P.OVERRIDE_REVIEW, _P.SETTINGS_APPROVE, _P.RETENTION_READ,
            _P.RECORDS_REPAIR, _P.HUB_CONFIGURE,
        }
    ),
    Role.AGENCY_IT: frozenset(
        {
            _P.HUB_READ, _P.HUB_CONFIGURE, _P.SOURCES_READ, _P.SOURCES_OPERATE,
            _P.CONNECTORS_INSTALL,
            _P.CREDENTIALS_SET, _P.PEOPLE_MANAGE, _P.POLICY_READ, _P.POLICY_CHANGE,
            _P.RETENTION_READ, _P.RETENTION_CHANGE, _P.SETTINGS_APPROVE, _P.REPORTS_READ,
            _P.HOLDS_KEEP,
        }
    ),
    Role.AUDITOR: frozenset(
        {
            _P.HUB_READ, _P.AUDIT_READ, _P.OVERRIDE_REVIEW, _P.POLICY_READ, _P.RETENTION_READ,
            _P.REPORTS_READ, _P.SOURCES_READ, _P.REQUESTS_READ,
        }
    ),
    Role.RECORDS_OFFICER: frozenset(
        {
            _P.HUB_READ, _P.AUDIT_READ, _P.DISCLOSURE_MAKE, _P.POLICY_READ, _P.RETENTION_READ,
            _P.REPORTS_READ, _P.REQUESTS_ASK, _P.REQUESTS_READ, _P.HOLDS_KEEP,
        }
    ),
    Role.VENDOR_SERVICE: frozenset({_P.DATA_BRING}),
    Role.PARTNER_AGENCY: frozenset({_P.REQUESTS_ASK, _P.REQUESTS_READ, _P.HUB_READ}),
    Role.DEVELOPER: frozenset(_P) - {_P.AUDIT_READ, _P.DISCLOSURE_MAKE},
}  # fmt: skip

APART: tuple[frozenset[Role], ...] = (
    frozenset({Role.AGENCY_IT, Role.AUDITOR}),
    frozenset({Role.AGENCY_IT, Role.RECORDS_OFFICER}),
)
"""Roles that one person never has at once: who keeps the machine does not also read the record of
what was done with it (CJISSECPOL AU-9(4))."""
