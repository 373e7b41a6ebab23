"""Actions: something done outside, once, with a receipt.

The normative forms are ``schemas/action-request.schema.json`` and ``action-receipt.schema.json``.
"""

from __future__ import annotations

from typing import Any, Literal

from .event import Contract, Identifier, Instant, ShortText
from .lookup import Purpose


class ActionRequest(Contract):
    """Asked for by a person or a rule. The same ``idempotency_key`` is done at most once.
    ``purpose`` is a person's; a rule has none."""

    idempotency_key: Identifier
    action: Identifier
    requested_by: Identifier
    parameters: dict[str, Any]
    expires: Instant | None = None
    purpose: Purpose | None = None


class ActionReceipt(Contract):
    """What became of it, in the other system's own reference where it gave one."""

    idempotency_key: Identifier
    outcome: Literal["done", "refused", "failed"]
    done: Instant
    reference: ShortText | None = None
    detail: ShortText | None = None


class ActionDeclaration(Contract):
    """One thing that a connector can do outside. ``parameters`` is the JSON Schema of what it is
    told; ``undo`` the action that takes it back, told the receipt's ``reference``.

    The name ``deliver-alert`` is the hub's: a connector that declares it takes alerts to people,
    and its ``parameters`` are the alert's message.
    """

    name: Identifier
    title: ShortText
    parameters: dict[str, Any]
    help: ShortText | None = None
    undo: Identifier | None = None
