"""A worker of before a field came goes on unchanged: it is not sent what it has no name for."""

import msgspec
import pytest

from watchfloor.contracts import ActionRequest, LookupRequest, Purpose
from watchfloor.hosting.knowing import action_told, lookup_told

WHOLE = Purpose(
    code="investigation", requester="analyst-1", case_number="SIM-1", reason="Exercise",
    requester_name="Ann Example", ori="ZZ0000000", record="0" * 32,
)  # fmt: skip
QUESTION = LookupRequest(
    id="q-1", offer="o", subject_kind="plate", subject="ZZT1234", purpose=WHOLE, deadline_s=1.0
)
DEED = ActionRequest(
    idempotency_key="a-1", action="x", requested_by="analyst-1", parameters={}, purpose=WHOLE
)


class FirstForm(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """``Purpose`` as workers of before know it."""

    code: str
    requester: str
    case_number: str | None = None
    on_behalf_of: str | None = None
    reason: str | None = None


def test_an_old_worker_reads_what_it_is_told_and_would_refuse_the_whole():
    told = msgspec.json.encode(lookup_told(QUESTION, ()).purpose)
    assert msgspec.json.decode(told, type=FirstForm).reason == "Exercise"
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode(WHOLE), type=FirstForm)
    assert b"purpose" not in msgspec.json.encode(action_told(DEED, ()))


def test_a_worker_that_knows_the_person_is_told_all():
    assert lookup_told(QUESTION, ["person"]) == QUESTION
    assert action_told(DEED, ["person"]) == DEED
