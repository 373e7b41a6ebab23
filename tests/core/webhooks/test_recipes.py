"""Every way in which vendors prove that a webhook is theirs: taken when genuine, refused when
anything about it is changed. The senders are the simulators' own, or a standard's own example."""

import base64
import json
from urllib.parse import urlsplit

import msgspec
import pytest
from joserfc.jwk import RSAKey

from watchfloor.contracts import AskAPerson, Refused, WebhookRecipe
from watchfloor.webhooks import Door, chosen
from watchfloor_sdk.simulation import signing

NOW_S = 1_790_000_000
BODY = b'{"plate": "ZZT1234", "at": "100 EXAMPLE ST"}'
FORM = b"MessageSid=SM1&To=%2B15555550100&Body=a+b%26c&Media=2&Media=1&Media=2&Empty=&Last=x"
URL = "https://hub.example.org/hooks/sms"
KEY = base64.b64encode(b"a synthetic key of some length").decode()
OTHER_KEY = base64.b64encode(b"another synthetic key of length").decode()
JWK = RSAKey.generate_key(2048, {"kid": "sim-1"})
JWK_OTHER = RSAKey.generate_key(2048, {"kid": "sim-1"})
JWK_SET = json.dumps({"keys": [JWK.as_dict(private=False), {"kty": "oct", "k": "c2VjcmV0"}]})


def clock():
    return NOW_S


def recipe(algorithm="hmac-sha256", header="X-Signature", **rest):
    return WebhookRecipe(algorithm=algorithm, header=header, credential="secret", **rest)


TWILIO = {
    "header": "X-Twilio-Signature", "signed": "{url}{params}", "url": "{public_url}",
    "body_hash": "bodySHA256", "encoding": "base64", "field": "password",
}  # fmt: skip
TWILIO_SECRET = {"username": "ACsim", "password": "abc"}
STANDARD = recipe(
    header="webhook-signature", signed="{id}.{timestamp}.{body}", encoding="base64", prefix="v1,",
    timestamp_header="webhook-timestamp", id_header="webhook-id", key="base64", key_prefix="whsec_",
)  # fmt: skip
JWT = recipe("jwt-rsa", "Authorization", prefix="Bearer ")
PUBLIC = JWK.as_dict(private=True)

CASES = {
    "hashed": (recipe(prefix="sha256="), {"s": "abc"},
        signing.hashed("abc", "X-Signature", prefix="sha256="), BODY, ""),
    "hashed with sha1": (recipe("hmac-sha1"), {"s": "abc"},
        signing.hashed("abc", "X-Signature", algorithm="sha1"), BODY, ""),
    "verkada": (recipe(header="Verkada-Signature", signed="{body}|{timestamp}", separator="|"),
        {"s": "abc"}, signing.verkada("abc", clock=clock), BODY, ""),
    "slack": (recipe(header="X-Slack-Signature", signed="v0:{timestamp}:{body}", prefix="v0=",
        timestamp_header="X-Slack-Request-Timestamp"), {"s": "abc"},
        signing.slack("abc", clock=clock), BODY, ""),
    "twilio form": (recipe("hmac-sha1", **TWILIO), TWILIO_SECRET,
        signing.twilio("abc", URL), FORM, ""),
    "twilio form with query": (recipe("hmac-sha1", **TWILIO), TWILIO_SECRET,
        signing.twilio("abc", f"{URL}?a=1&b=%20"), FORM, "a=1&b=%20"),
    "twilio form with port": (recipe(**TWILIO), TWILIO_SECRET,
        signing.twilio("abc", URL.replace("org/", "org:443/"), algorithm="sha256"), FORM, ""),
    "twilio json": (recipe("hmac-sha1", **TWILIO), TWILIO_SECRET,
        signing.twilio("abc", signing.with_body_hash(URL, BODY), form=False), BODY,
        urlsplit(signing.with_body_hash(URL, BODY)).query),
    "teams": (recipe(header="Authorization", prefix="HMAC ", encoding="base64", key="base64"),
        {"s": KEY}, signing.teams(KEY), BODY, ""),
    "standard webhooks": (STANDARD, {"s": f"whsec_{KEY}"},
        signing.standard_webhooks(OTHER_KEY, f"whsec_{KEY}", clock=clock), BODY, ""),
    "standard webhooks, secret being changed": (
        STANDARD, {"s": f"whsec_{OTHER_KEY}", "previous": f"whsec_{KEY}"},
        signing.standard_webhooks(KEY, clock=clock), BODY, ""),
}  # fmt: skip
SENDERS_ALONE = {
    "token": (recipe("shared-token", "X-Api-Key"), {"s": "abc"},
        signing.token("abc", "X-Api-Key"), BODY, ""),
    "bearer": (recipe("shared-token", "Authorization", prefix="Bearer "), {"s": "abc"},
        signing.token("abc", prefix="Bearer "), BODY, ""),
    "basic": (recipe("basic", "Authorization"), {"username": "flock", "password": "a:b é"},
        signing.basic("flock", "a:b é"), BODY, ""),
    "jwt": (JWT, {"jwks": JWK_SET}, signing.jwt(PUBLIC, clock=clock), BODY, ""),
}  # fmt: skip
"""These vouch for the sender and not for the body."""

every = pytest.mark.parametrize("case", [*CASES, *SENDERS_ALONE])
every_signature = pytest.mark.parametrize("case", CASES)


def made(case):
    """Its door, and a genuine delivery: headers in small letters, body, query."""
    recipe, secret, sign, body, query = {**CASES, **SENDERS_ALONE}[case]
    headers = {"content-type": "application/json"}
    headers |= {name.lower(): value for name, value in sign(body).items()}
    return Door(recipe, secret, {"public_url": URL}), headers, body, query


def check(door, headers, body, query="", at=NOW_S):
    door.check(headers, body, at * 1_000_000, query=query)


def refusal(door, headers, body, query="", at=NOW_S):
    with pytest.raises(Refused) as caught:
        check(door, headers, body, query, at)
    return caught.value.code


@every
def test_a_genuine_delivery_is_taken(case):
    check(*made(case))


@every
def test_without_any_of_its_headers_it_is_refused(case):
    door, headers, body, query = made(case)
    for missing in set(headers) - {"content-type"}:
        rest = {name: value for name, value in headers.items() if name != missing}
        assert refusal(door, rest, body, query) == "bad_signature"


@every
def test_with_another_secret_it_is_refused(case):
    recipe, secret, _, _, _ = {**CASES, **SENDERS_ALONE}[case]
    _, headers, body, query = made(case)
    others = {name: _other(value) for name, value in secret.items()}
    assert refusal(Door(recipe, others, {"public_url": URL}), headers, body, query)


def _other(value):
    if "keys" in value:
        return json.dumps({"keys": [JWK_OTHER.as_dict(private=False)]})
    return base64.b64encode(b"wholly different").decode()


@every_signature
def test_with_another_body_it_is_refused(case):
    door, headers, body, query = made(case)
    for other in (body + b"&x=1", body[:-1], b""):
        assert refusal(door, headers, other, query) == "bad_signature"


@pytest.mark.parametrize("case", ["verkada", "slack", "standard webhooks", "jwt"])
def test_later_than_the_window_it_is_a_replay(case):
    door, headers, body, query = made(case)
    check(door, headers, body, query, NOW_S + 299)
    for at in (NOW_S + 301, NOW_S - 301):
        assert refusal(door, headers, body, query, at) == "replayed"


@every
def test_half_of_the_proof_is_not_enough(case):
    door, headers, body, query = made(case)
    name = {**CASES, **SENDERS_ALONE}[case][0].header.lower()
    for cut in (headers[name][:-3], headers[name] + "x", "é", " "):
        assert refusal(door, {**headers, name: cut}, body, query) == "bad_signature"


def test_a_form_sent_as_something_else_is_not_covered():
    """The form's parameters are signed, a body of another type only by its hash."""
    door, headers, _, _ = made("twilio form")
    plain = {**headers, "content-type": "application/json"}
    bare = signing.twilio("abc", URL, form=False)(b"")["X-Twilio-Signature"]
    assert refusal(door, {**plain, "x-twilio-signature": bare}, FORM) == "bad_signature"
    assert refusal(door, plain, FORM) == "bad_signature"


def test_a_hash_in_the_address_counts_for_a_form_too():
    door, headers, _, query = made("twilio json")
    as_form = {**headers, "content-type": "application/x-www-form-urlencoded"}
    assert refusal(door, as_form, b"", query) == "bad_signature"


def test_another_query_than_the_signed_one_is_refused():
    door, headers, body, _ = made("twilio form with query")
    assert refusal(door, headers, body, "a=2") == "bad_signature"
    assert refusal(door, headers, body, "") == "bad_signature"


def test_a_form_of_too_many_fields_is_refused_unread():
    door, headers, _, _ = made("twilio form")
    assert refusal(door, headers, b"a=1&" * 5000) == "bad_signature"


def test_the_example_of_standard_webhooks():
    """From the standard's own libraries (standard-webhooks, tests)."""
    door = Door(STANDARD, {"s": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}, {})
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    check(door, headers, b'{"test": 2432232314}', at=1614265330)
    asymmetric = headers["webhook-signature"].replace("v1,", "v1a,")
    wrong = {**headers, "webhook-signature": asymmetric}
    assert refusal(door, wrong, b'{"test": 2432232314}', at=1614265330) == "bad_signature"


def test_an_id_that_reads_on_into_the_timestamp_is_refused():
    door, headers, body, _ = made("standard webhooks")
    sent = f"{headers['webhook-timestamp']}.".encode() + body
    longer = {**headers, "webhook-id": f"{headers['webhook-id']}.{NOW_S}"}
    assert refusal(door, longer, sent[len(str(NOW_S)) + 1 :]) == "bad_signature"


def test_the_scheme_may_be_written_in_any_letters():
    door, headers, body, _ = made("bearer")
    check(door, {**headers, "authorization": "bearer abc"}, body)
    for wrong in ("abc", "Basic abc", "Bearer", "Bearer  "):
        assert refusal(door, {**headers, "authorization": wrong}, body) == "bad_signature"


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"exp": NOW_S - 301}, "replayed"),
        ({"nbf": NOW_S + 301}, "replayed"),
        ({"iat": NOW_S - 301}, "replayed"),
        ({"iat": "soon"}, "bad_signature"),
        ({"iat": None}, "bad_signature"),
        ({"iat": None, "exp": NOW_S - 301}, "replayed"),
    ],
)
def test_a_token_holds_for_its_time_only(claims, code):
    door, _, _, _ = made("jwt")
    sign = signing.jwt(PUBLIC, claims=claims, clock=clock)
    assert refusal(door, {"authorization": sign(b"")["Authorization"]}, BODY) == code


def test_a_token_may_vouch_for_the_body():
    door = Door(msgspec.structs.replace(JWT, body_hash="sha256"), {"jwks": JWK_SET}, {})
    fits = urlsplit(signing.with_body_hash(URL, BODY)).query.partition("=")[2]
    sign = signing.jwt(PUBLIC, claims={"sha256": fits}, clock=clock)
    headers = {"authorization": sign(b"")["Authorization"]}
    check(door, headers, BODY)
    assert refusal(door, headers, BODY + b" ") == "bad_signature"
    assert refusal(door, *made("jwt")[1:3]) == "bad_signature"


def _jose(head, payload=b'{"iat": 1790000000}', signature=b""):
    parts = (json.dumps(head).encode(), payload, signature)
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


@pytest.mark.parametrize(
    "token",
    [
        _jose({"alg": "none", "kid": "sim-1"}),
        _jose({"alg": "HS256", "kid": "sim-1"}, signature=b"x" * 32),
        _jose({"alg": "RS256", "kid": "sim-1"}, signature=b"x" * 256),
        _jose({"alg": "RS256", "kid": "unknown"}, signature=b"x" * 256),
        _jose({"alg": "RS256", "kid": ["sim-1"]}, signature=b"x" * 256),
        _jose({"alg": ["RS256"], "kid": "sim-1"}),
        _jose({"alg": "RS256", "jwk": JWK_OTHER.as_dict(private=False)}),
        _jose({"alg": "RS256", "crit": ["exp"], "kid": "sim-1"}),
        _jose({"alg": "RS256", "crit": 1, "kid": "sim-1"}),
        _jose({"alg": "RS256", "crit": [{}], "kid": "sim-1"}),
        _jose([]), _jose("RS256"), _jose({}, payload=b"[]"), "..", "a.b.c", "é.é.é", "{}",
    ],
)  # fmt: skip
def test_a_token_that_nobody_signed_is_refused(token):
    door, _, _, _ = made("jwt")
    assert refusal(door, {"authorization": f"Bearer {token}"}, BODY) == "bad_signature"


def test_a_handshake_is_answered_with_its_own_word_and_nothing_else_is():
    door = Door(recipe("shared-token", handshake="X-Hook-Secret"), {"s": "abc"}, {})
    assert door.echo({"x-hook-secret": "word-1"}, b"") == {"x-hook-secret": "word-1"}
    assert door.echo({"x-hook-secret": "word-1"}, b"{}") is None
    assert door.echo({}, b"") is None
    for odd in ("a b", "é", "x" * 257, "", "a\r\nb"):
        assert door.echo({"x-hook-secret": odd}, b"") is None
    assert Door(recipe("shared-token"), {"s": "abc"}, {}).echo({"x-hook-secret": "w"}, b"") is None


def test_the_settings_choose_the_recipe_and_name_the_header():
    """Flock: one of several schemes for each subscription, in a header of the agency's choice."""
    key = recipe("shared-token", "{header_name}", when={"scheme": "apiKey"})
    offered = [key, recipe("basic", "{header_name}", when={"scheme": "basic"})]
    settings = {"scheme": "apiKey", "header_name": "X-Flock-Key"}
    door = Door(chosen(offered, settings), {"s": "abc"}, settings)
    check(door, {"x-flock-key": "abc"}, BODY)
    assert chosen(offered, {"scheme": "basic"}) is offered[1]
    with pytest.raises(AskAPerson) as caught:
        chosen(offered, {"scheme": "none"})
    assert caught.value.code == "no_webhook_recipe"
    with pytest.raises(AskAPerson) as caught:
        Door(key, {"s": "abc"}, {})
    assert caught.value.code == "webhook_setting"


@pytest.mark.parametrize(
    ("recipe", "secret"),
    [
        (recipe(), {}),
        (recipe(), {"s": ""}),
        (recipe(field="auth_token"), {"account_sid": "ACsim"}),
        (recipe(key="base64"), {"s": "not base64!"}),
        (recipe(key="base64", key_prefix="whsec_"), {"s": "whsec_"}),
        (recipe("shared-token"), {"s": ""}),
        (recipe("basic"), {"username": "flock"}),
        (JWT, {"jwks": "[]"}),
        (JWT, {"jwks": "not json"}),
        (JWT, {"jwks": '{"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}'}),
        (JWT, {"jwks": '{"kty": "RSA"}'}),
    ],
)
def test_a_credential_that_is_no_key_opens_nothing(recipe, secret):
    with pytest.raises(AskAPerson) as caught:
        Door(recipe, secret, {})
    assert caught.value.code == "bad_webhook_key"


@pytest.mark.parametrize(
    "fields",
    [
        {"signed": "{timestamp}"},
        {"signed": "{url}", "url": "{public_url}"},
        {"signed": "{url}{params}", "url": "{public_url}"},
        {"signed": "{body}{secret}"},
        {"signed": "{body}{url}"},
        {"signed": "{body}", "url": "{public_url}"},
        {"signed": "{body"},
    ],
)
def test_a_recipe_whose_signature_leaves_the_body_open_is_no_recipe(fields):
    made = recipe(**fields)
    assert made.problem
    with pytest.raises(ValueError, match=r"signed|signature"):
        Door(made, {"s": "abc"}, {"public_url": URL})


@every
def test_a_recipe_that_can_be_used_has_no_problem(case):
    assert {**CASES, **SENDERS_ALONE}[case][0].problem == ""
