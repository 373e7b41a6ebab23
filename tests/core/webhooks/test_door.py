"""A webhook is taken only with the vendor's signature and a fresh timestamp."""

import base64
import hashlib
import hmac

import pytest
from multidict import CIMultiDict

from watchfloor.contracts import Refused, WebhookRecipe
from watchfloor.webhooks import verify

SECRET = b"a synthetic secret"
BODY = b'{"webhook_type": "lpr"}'
NOW_S = 1_790_000_000
NOW = NOW_S * 1_000_000

TIMED = WebhookRecipe(
    algorithm="hmac-sha256", header="Vendor-Signature", credential="secret",
    signed="{body}|{timestamp}", separator="|", tolerance_s=60,
)  # fmt: skip

STANDARD = WebhookRecipe(
    algorithm="hmac-sha256", header="webhook-signature", credential="secret",
    signed="{id}.{timestamp}.{body}", encoding="base64", prefix="v1,",
    timestamp_header="webhook-timestamp", id_header="webhook-id",
)  # fmt: skip


def timed_header(timestamp: str, body: bytes = BODY, secret: bytes = SECRET) -> CIMultiDict[str]:
    digest = hmac.new(secret, body + b"|" + timestamp.encode(), hashlib.sha256).hexdigest()
    return CIMultiDict({"vendor-signature": f"{timestamp}|{digest}"})


def standard_headers(signature: str | None = None) -> CIMultiDict[str]:
    message = f"msg_1.{NOW_S}.".encode() + BODY
    good = base64.b64encode(hmac.new(SECRET, message, hashlib.sha256).digest()).decode()
    return CIMultiDict({
        "webhook-id": "msg_1", "webhook-timestamp": str(NOW_S),
        "webhook-signature": signature or f"v1,AAAA v1,{good}",
    })  # fmt: skip


@pytest.mark.parametrize("timestamp", [str(NOW_S), str(NOW_S - 59), str(NOW_S * 1000 + 500)])
def test_a_genuine_delivery_passes_in_seconds_and_milliseconds(timestamp):
    verify(TIMED, SECRET, timed_header(timestamp), BODY, NOW)


def test_one_good_signature_among_several_is_enough():
    verify(STANDARD, SECRET, standard_headers(), BODY, NOW)


def test_a_shared_token_is_compared_whole():
    recipe = WebhookRecipe(algorithm="shared-token", header="x-token", credential="token")
    verify(recipe, b"letmein", CIMultiDict({"X-Token": "letmein"}), BODY, NOW)
    with pytest.raises(Refused):
        verify(recipe, b"letmein", CIMultiDict({"X-Token": "letmei"}), BODY, NOW)


@pytest.mark.parametrize(
    ("headers", "body", "code"),
    [
        (CIMultiDict(), BODY, "bad_signature"),
        (timed_header(str(NOW_S)), BODY + b" ", "bad_signature"),
        (timed_header(str(NOW_S), secret=b"other"), BODY, "bad_signature"),
        (timed_header(str(NOW_S - 61)), BODY, "replayed"),
        (timed_header(str(NOW_S + 61)), BODY, "replayed"),
        (timed_header("soon"), BODY, "bad_signature"),
        (timed_header("nan"), BODY, "replayed"),
        (timed_header("inf"), BODY, "replayed"),
        (CIMultiDict({"vendor-signature": str(NOW_S)}), BODY, "bad_signature"),
        (CIMultiDict({"vendor-signature": "|"}), BODY, "bad_signature"),
    ],
)
def test_anything_else_is_refused_with_its_reason(headers, body, code):
    with pytest.raises(Refused) as caught:
        verify(TIMED, SECRET, headers, body, NOW)
    assert caught.value.code == code


def test_a_timestamp_changed_after_signing_does_not_pass():
    headers = standard_headers()
    headers["webhook-timestamp"] = str(NOW_S + 1)
    with pytest.raises(Refused):
        verify(STANDARD, SECRET, headers, BODY, NOW)
