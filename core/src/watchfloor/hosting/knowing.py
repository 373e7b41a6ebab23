"""What a worker is told, by what it knows: contracts grow, and workers of before go on unchanged.

A worker says in its first answer what it has learnt (``Initialized.knows``). One from before a
field came refuses what it has no name for, so it is not sent that.
"""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from watchfloor.contracts import ActionRequest, LookupRequest, Purpose

_FIRST_FORM = ("code", "requester", "case_number", "on_behalf_of", "reason")
"""The fields of ``Purpose`` that every worker knows."""


def lookup_told(request: LookupRequest, knows: Collection[str]) -> LookupRequest:
    """A question, as this worker can read it."""
    if "person" in knows:
        return request
    told = {name: getattr(request.purpose, name) for name in _FIRST_FORM}
    return msgspec.structs.replace(request, purpose=Purpose(**told))


def action_told(request: ActionRequest, knows: Collection[str]) -> ActionRequest:
    """An action, as this worker can read it."""
    return request if "person" in knows else msgspec.structs.replace(request, purpose=None)
