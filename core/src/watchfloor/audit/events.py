"""What can be recorded: one closed list, by the parts of the hub.

CJISSECPOL AU-2 asks for a list of events to log; this is it. A name is ``subject.done``; what
happened to it, denials and failures included, is the entry's outcome. Names are only ever added:
entries of years ago must still be readable.
"""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """How it ended."""

    DONE = "done"
    DENIED = "denied"
    FAILED = "failed"


class AuditEvent(StrEnum):
    """What was done, or tried."""

    # Signing in
    SESSION_BEGUN = "session.begun"
    SESSION_CONFIRMED = "session.confirmed"
    SESSION_LOCKED = "session.locked"
    SESSION_ENDED = "session.ended"
    SESSION_REVOKED = "session.revoked"
    BANNER_ACKNOWLEDGED = "banner.acknowledged"
    PERSON_CHANGED = "person.changed"
    PERSON_CUT_OFF = "person.cut_off"
    ACCOUNT_CHANGED = "account.changed"
    TOKEN_MADE = "token.made"  # noqa: S105 - the name of an event
    TOKEN_REVOKED = "token.revoked"  # noqa: S105

    # Being let in, and by whom
    ACCESS_ASKED = "access.asked"
    APPROVAL_ASKED = "approval.asked"
    APPROVAL_GIVEN = "approval.given"
    OVERRIDE_OPENED = "override.opened"
    OVERRIDE_REVIEWED = "override.reviewed"

    # The request desk
    REQUEST_OPENED = "request.opened"
    REQUEST_CHANGED = "request.changed"
    REQUEST_TIED = "request.tied"
    REQUEST_CHOSEN = "request.chosen"
    REQUEST_CLOSED = "request.closed"
    REQUEST_VIEWED = "request.viewed"

    # Reading
    SEARCH_PREVIEWED = "search.previewed"
    SEARCH_ASKED = "search.asked"
    SEARCH_NAMED = "search.named"
    PLATE_MATCHED = "plate.matched"
    ANSWER_GIVEN = "answer.given"
    LOOKUP_ASKED = "lookup.asked"
    HISTORY_VIEWED = "history.viewed"
    EVENT_LISTED = "event.listed"
    EVENT_VIEWED = "event.viewed"
    EVENT_RAW_VIEWED = "event.raw_viewed"
    ASSET_VIEWED = "asset.viewed"
    MEDIA_VIEWED = "media.viewed"
    LIVE_VIEWED = "live.viewed"
    FEED_OPENED = "feed.opened"
    FEED_CLOSED = "feed.closed"
    HUB_VIEWED = "hub.viewed"
    SETTING_VIEWED = "setting.viewed"
    LISTED_VIEWED = "hot_list.viewed"
    DEAD_LETTER_VIEWED = "dead_letter.viewed"

    # Alerts and what follows
    ALERT_VIEWED = "alert.viewed"
    ALERT_ACTED = "alert.acted"
    ALERT_SENT = "alert.sent"
    ACTION_DONE = "action.done"
    ACTION_UNDONE = "action.undone"
    ACTION_VIEWED = "action.viewed"

    # Going out
    EXPORT_MADE = "export.made"
    DISCLOSURE_MADE = "disclosure.made"
    REPORT_MADE = "report.made"
    BUNDLE_MADE = "bundle.made"
    RELEASE_RECORDED = "release.recorded"

    # Configuration
    SETTING_CHANGED = "setting.changed"
    BANNER_CHANGED = "banner.changed"
    SOURCE_CHANGED = "source.changed"
    CONNECTOR_CHANGED = "connector.changed"
    IMPACT_APPROVED = "impact.approved"
    RULE_CHANGED = "rule.changed"
    HOT_LIST_CHANGED = "hot_list.changed"
    PLATE_LISTED = "plate.listed"
    CHANNEL_CHANGED = "channel.changed"
    DEAD_LETTER_ACTED = "dead_letter.acted"
    EVENT_ACCEPTED = "event.accepted"

    # Policy and sharing
    POLICY_PROPOSED = "policy.proposed"
    POLICY_APPROVED = "policy.approved"
    POLICY_CHANGED = "policy.changed"
    GATE_CHANGED = "gate.changed"
    ZONE_CHANGED = "zone.changed"
    SHARING_CHANGED = "sharing.changed"

    # Credentials
    CREDENTIAL_SET = "credential.set"
    CREDENTIAL_LEASED = "credential.leased"
    CREDENTIAL_ROTATED = "credential.rotated"
    CREDENTIAL_EXPIRED = "credential.expired"
    BUDGET_REACHED = "budget.reached"
    VENDOR_LOG_COMPARED = "vendor_log.compared"
    VENDOR_SETTING_FOUND = "vendor_setting.found"

    # Retention
    RETENTION_PROPOSED = "retention.proposed"
    RETENTION_APPROVED = "retention.approved"
    RETENTION_CHANGED = "retention.changed"
    HOLD_PLACED = "hold.placed"
    HOLD_EXTENDED = "hold.extended"
    HOLD_LET_GO = "hold.let_go"
    HOLD_RELEASED = "hold.released"
    DATA_PURGED = "data.purged"
    KEY_DESTROYED = "key.destroyed"
    INTELLIGENCE_VIEWED = "intelligence.viewed"
    INTELLIGENCE_CHANGED = "intelligence.changed"
    CORRECTION_SENT = "correction.sent"

    # Oversight
    REVIEW_OPENED = "review.opened"
    REVIEW_SIGNED = "review.signed"
    FINDING_RAISED = "finding.raised"
    COMPLAINT_OPENED = "complaint.opened"
    COMPLAINT_ANSWERED = "complaint.answered"
    AUDIT_READ = "audit.read"
    AUDIT_UNSEALED = "audit.unsealed"
    AUDIT_EXPORTED = "audit.exported"
    AUDIT_VERIFIED = "audit.verified"

    # The hub itself, and its log
    HUB_STARTED = "hub.started"
    HUB_STOPPED = "hub.stopped"
    BACKUP_MADE = "backup.made"
    BACKUP_RESTORED = "backup.restored"
    CLOCK_SET_BACK = "clock.set_back"
    AUDIT_RESUMED = "audit.resumed"
    AUDIT_ACCEPTED = "audit.accepted"
    AUDIT_LEFT_OUT = "audit.left_out"
    AUDIT_KEY_CHANGED = "audit.key_changed"
    AUDIT_WITNESSED = "audit.witnessed"
