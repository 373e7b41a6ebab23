"""WF207 proves a delivery as the hub does, and says what is missing from the proof."""

import json
import time

import pytest
from joserfc.jwk import RSAKey

from watchfloor.contracts import WebhookRecipe
from watchfloor.contracts.protocol import Delivery
from watchfloor_sdk.check.rule import Broken
from watchfloor_sdk.check.rules.webhooks import _proven
from watchfloor_sdk.simulation import signing

SECRET, BODY = "sim-secret", b'{"plate": "ZZT1"}'
TIMED = {
    "algorithm": "hmac-sha256", "credential": "c", "header": "X-Slack-Signature", "prefix": "v0=",
    "signed": "v0:{timestamp}:{body}", "timestamp_header": "X-Slack-Request-Timestamp",
}  # fmt: skip
PLAIN = {"algorithm": "hmac-sha256", "credential": "c", "header": "X-Sum", "prefix": "sha256="}


def delivered(sign, body=BODY):
    headers = {name.lower(): value for name, value in sign(body).items()}
    return Delivery(id=1, received="2026-05-01T00:00:00Z", headers=headers, body=body.decode())


def proven(sent, *recipes, settings=None, secret=None):
    made = [WebhookRecipe(**recipe) for recipe in recipes]
    return _proven(made, sent, {"c": secret or {"secret": SECRET}}, settings or {})


def test_what_the_hub_takes_is_proven():
    recipe = proven(delivered(signing.slack(SECRET)), TIMED)
    assert recipe.header == "X-Slack-Signature"


def test_it_is_the_recipe_that_the_settings_choose():
    sent, other = delivered(signing.slack(SECRET)), {**PLAIN, "when": {"way": "plain"}}
    assert proven(sent, other, {**TIMED, "when": {"way": "timed"}}, settings={"way": "timed"})
    with pytest.raises(Broken, match="choose no way"):
        proven(sent, other, settings={"way": "another"})


@pytest.mark.parametrize(
    ("sign", "recipe", "why"),
    [
        (signing.slack("other"), TIMED, "does not fit the manifest's recipe"),
        (signing.slack(SECRET, clock=lambda: time.time() - 900), TIMED, "does not fit"),
        (signing.hashed(SECRET, "X-Sum", prefix="sha256="), PLAIN, "holds no time"),
        (
            lambda body: {
                **signing.hashed(SECRET, "X-Sum", prefix="sha256=")(body),
                "X-Time": str(time.time()),
            },
            {**PLAIN, "timestamp_header": "X-Time"},
            "is not signed",
        ),
        (
            lambda _: {"X-Token": SECRET},
            {"algorithm": "shared-token", "credential": "c", "header": "X-Token"},
            "holds no time",
        ),
        (signing.slack(SECRET), {**TIMED, "tolerance_s": 86_400}, "86400 s"),
        (signing.slack(SECRET), {**TIMED, "key": "base64"}, "It is not base64"),
    ],
)
def test_what_is_missing_is_said(sign, recipe, why):
    with pytest.raises(Broken, match=why):
        proven(delivered(sign), recipe)


def test_a_token_signed_with_rsa_is_proven_too():
    key = RSAKey.generate_key(2048)
    recipe = {
        "algorithm": "jwt-rsa", "credential": "c", "header": "Authorization", "prefix": "Bearer ",
    }  # fmt: skip
    jwks = json.dumps({"keys": [key.as_dict(private=False)]})
    sent = delivered(signing.jwt(key.as_dict(private=True)))
    assert proven(sent, recipe, secret={"jwks": jwks})
