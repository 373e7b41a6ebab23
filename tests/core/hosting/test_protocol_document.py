"""``docs/worker-protocol.md`` is read with the classes that the hub and the SDK use."""

import re
from pathlib import Path

import msgspec
import pytest

from watchfloor.contracts import (
    ActionReceipt,
    ActionRequest,
    AuditLogParams,
    LookupAnswer,
    LookupRequest,
    Sharing,
    UserParams,
    UserSignedInParams,
    UserSignIn,
    UserSignInParams,
    UserSignInState,
    VendorLog,
    rpc,
    schemas,
)
from watchfloor.contracts import protocol as p

TEXT = (Path(__file__).parents[3] / "docs" / "worker-protocol.md").read_text("utf-8")
SECTIONS = dict(re.findall(r"### `(\w+)` .*?\n(.*?)(?=\n##|\Z)", TEXT, re.DOTALL))
PARAMS = {
    "initialize": p.Initialize, "heartbeat": p.Heartbeat, "stop": p.StopParams, "emit": p.Emit,
    "credit": p.Credits, "assets": p.AssetsParams, "log": p.LogLine, "webhook": p.WebhookParams,
    "check": dict, "fetch_media": p.MediaParams, "credential": p.CredentialParams,
    "lookup": LookupRequest, "found": p.Found, "cancel_lookup": p.CancelParams,
    "act": ActionRequest, "credential_renewed": p.CredentialRenewed,
    "audit_log": AuditLogParams, "sharing": p.Message, "user_sign_in": UserSignInParams,
    "user_signed_in": UserSignedInParams, "user_sign_in_state": UserParams,
    "user_sign_out": UserParams,
}  # fmt: skip
RESULTS = {
    "initialize": p.Initialized, "emit": p.Emitted, "webhook": p.WebhookResult,
    "check": p.CheckResult, "fetch_media": p.MediaResult, "credential": dict[str, str],
    "lookup": LookupAnswer, "act": ActionReceipt, "credential_renewed": dict,
    "audit_log": VendorLog, "sharing": Sharing, "user_sign_in": UserSignIn,
    "user_signed_in": dict, "user_sign_in_state": UserSignInState, "user_sign_out": dict,
}  # fmt: skip


def examples(text):
    for block in re.findall(r"```json\n(.*?)```", text, re.DOTALL):
        yield from block.strip().splitlines()


def test_each_method_has_its_section_and_each_section_its_method():
    assert set(SECTIONS) == set(PARAMS)


@pytest.mark.parametrize("method", PARAMS)
def test_each_example_is_what_the_code_reads(method):
    lines = [rpc.read(line.encode()) for line in examples(SECTIONS[method])]
    assert any(frame.method == method for frame in lines)
    for frame in lines:
        if frame.method:
            msgspec.json.decode(frame.params, type=PARAMS[method])
        elif frame.error is None and method in RESULTS:
            msgspec.json.decode(frame.result, type=RESULTS[method])


@pytest.mark.parametrize("method", PARAMS)
def test_each_field_is_explained(method):
    wanted = [
        type_
        for type_ in (PARAMS[method], RESULTS.get(method))
        if hasattr(type_, "__struct_fields__")
    ]
    for type_ in wanted:
        for field in type_.__struct_fields__:
            assert f"`{field}`" in SECTIONS[method] or f'"{field}"' in SECTIONS[method]


def test_no_example_has_a_field_that_the_code_does_not_know():
    for method, type_ in PARAMS.items():
        if not hasattr(type_, "__struct_fields__"):
            continue
        for line in examples(SECTIONS[method]):
            frame = rpc.read(line.encode())
            if frame.method:
                given = msgspec.json.decode(frame.params)
                assert set(given) <= set(type_.__struct_fields__), method


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "/authorize", ""])
def test_nobody_is_sent_to_what_would_run_in_their_own_page(url):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"url": url}, UserSignIn)


def test_the_events_and_assets_in_it_fit_their_schemas():
    emit = next(examples(SECTIONS["emit"]))
    for event in msgspec.json.decode(emit)["params"]["events"]:
        assert schemas.explain("event", event) == []
    listed = next(examples(SECTIONS["assets"]))
    for asset in msgspec.json.decode(listed)["params"]["assets"]:
        assert schemas.explain("asset", asset) == []


def test_all_other_examples_are_json_rpc():
    for line in examples(TEXT):
        assert rpc.read(line.encode()).jsonrpc == "2.0"


def test_errors_travel_as_the_table_says():
    from watchfloor.contracts import AskAPerson, GiveUp, NotFound, Refused, RetryLater

    for error, number in (
        (RetryLater("later", retry_after=2.5), -32001),
        (AskAPerson("ask", code="x", remedy="y"), -32002),
        (Refused("no"), -32002),
        (GiveUp("never"), -32003),
        (NotFound("nothing"), -32003),
    ):
        sent = rpc.to_rpc(error)
        assert sent.code == number
        assert f"| {number} |" in TEXT
        back = rpc.to_error(sent)
        assert isinstance(error, type(back))
        assert (back.detail, back.code, back.remedy) == (error.detail, error.code, error.remedy)
        assert getattr(back, "retry_after", None) == getattr(error, "retry_after", None)
