"""What a connected system is told of who asks and why: the person, and the purpose of the request
that is open."""

from __future__ import annotations

from watchfloor.contracts import Purpose

from .routes import Call


def purpose_told(call: Call) -> Purpose:
    """Of a call that needs a purpose. ``record`` is what the hub's audit log has of this call: by
    it the vendor's own log is compared with the hub's."""
    stated, person = call.grant.purpose, call.person
    assert stated is not None
    return Purpose(
        code=stated.code,
        requester=person.handle,
        requester_name=person.name or None,
        agency=person.agency or None,
        ori=person.ori,
        asked_by=stated.requester,
        case_number=stated.case_number or stated.call_number,
        call_number=stated.call_number,
        order=stated.order,
        offence=stated.offence,
        on_behalf_of=stated.on_behalf_of,
        on_behalf_of_person=stated.on_behalf_of_person,
        reason=stated.reason,
        request=stated.request,
        record=call.grant.entry,
    )
