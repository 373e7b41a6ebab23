"""Sign-on by SAML 2.0, against a provider made here, and against what was tampered with."""

import base64
import gc
import re
import time
import warnings
import zlib
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT, saml
from saml2.assertion import Policy
from saml2.config import IdPConfig, SPConfig
from saml2.metadata import entity_descriptor

from watchfloor.adapters.saml import PERSISTENT, TRANSIENT, SamlSignOn
from watchfloor.contracts import AskAPerson, Refused
from watchfloor.identity.claims import attributes
from watchfloor.settings_sign_on import MultiFactor, SignOnSettings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the provider's side, which the hub never imports
    from saml2.server import Server

IDP, HUB = "https://idp.example.org/saml", "https://hub.example.org"
CALLBACK = f"{HUB}/api/v1/sign-in/callback"
STRONG = "https://refeds.org/profile/mfa"
WEAK = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
SHA1 = ("http://www.w3.org/2000/09/xmldsig#rsa-sha1", "http://www.w3.org/2000/09/xmldsig#sha1")
SHA256 = (
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    "http://www.w3.org/2001/04/xmlenc#sha256",
)
SECOND = 1_000_000
PERSON = {
    "gfipm:2.0:user:LocalId": "aruiz", "gfipm:2.0:user:GivenName": "Ana",
    "gfipm:2.0:user:SurName": "Ruiz", "gfipm:2.0:user:EmployerORI": "ZZ0000000",
    "gfipm:2.0:user:28CFRCertificationIndicator": "true", "groups": ["RTCC Analysts", "Staff"],
}  # fmt: skip

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # pysaml2 leaves files to the collector
]


@pytest.fixture(scope="module", autouse=True)
def collected():
    """What is left open is closed here, and not in somebody else's test."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gc.collect()


class Clock:
    def now(self):
        return int(time.time() * SECOND)


def certified(folder, name):
    """A key and its certificate, as files."""
    key = rsa.generate_private_key(65537, 2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number(),
                                now - timedelta(days=1), now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    (folder / f"{name}.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / f"{name}.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
    )
    return {"cert_file": str(folder / f"{name}.pem"), "key_file": str(folder / f"{name}.key")}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Metadata of both sides."""
    place = tmp_path_factory.mktemp("saml")
    hub = {
        "entityid": HUB,
        "service": {
            "sp": {"endpoints": {"assertion_consumer_service": [(CALLBACK, BINDING_HTTP_POST)]}}
        },
    }
    (place / "hub.xml").write_text(str(entity_descriptor(SPConfig().load(hub))))
    provider = provider_config(place, "idp")
    (place / "idp.xml").write_text(str(entity_descriptor(IdPConfig().load(provider))))
    return place


def provider_config(folder, name):
    endpoint = (f"{IDP}/sso", BINDING_HTTP_REDIRECT)
    return {
        "entityid": IDP,
        "service": {"idp": {"endpoints": {"single_sign_on_service": [endpoint]},
                            "policy": {"default": {"lifetime": {"minutes": 5},
                                                   "attribute_restrictions": None}}}},
        "metadata": {"local": [str(folder / "hub.xml")]},
        "allow_unknown_attributes": True,
        **certified(folder, name),
    }  # fmt: skip


class Provider:
    """Answers requests; ``told`` is what was in the last one."""

    def __init__(self, config):
        self._server = Server(config=IdPConfig().load(config))

    def answer(self, departure, **changes):
        """The form that its page posts: what the browser brings to the hub."""
        query = parse_qs(urlsplit(departure.url).query)
        self.told = zlib.decompress(base64.b64decode(query["SAMLRequest"][0]), -15).decode()
        sign = changes.pop("sign_alg", SHA256[0]), changes.pop("digest_alg", SHA256[1])
        wanted = {
            "identity": PERSON,
            "in_response_to": re.search(r' ID="([^"]+)"', self.told)[1],
            "destination": CALLBACK,
            "sp_entity_id": HUB,
            "name_id": saml.NameID(format=PERSISTENT, text="8f1"),
            "authn": {"class_ref": STRONG, "authn_instant": int(time.time())},
            "sign_assertion": True,
            **changes,
        }
        text = str(
            self._server.create_authn_response(sign_alg=sign[0], digest_alg=sign[1], **wanted)
        )
        return form(text, query["RelayState"][0])


def form(text, state):
    return {"SAMLResponse": base64.b64encode(text.encode()).decode(), "RelayState": state}


def opened(brought):
    return base64.b64decode(brought["SAMLResponse"]).decode()


@pytest.fixture(scope="module")
def provider(folder):
    config = provider_config(folder, "again")
    config |= {"cert_file": str(folder / "idp.pem"), "key_file": str(folder / "idp.key")}
    return Provider(config)


@pytest.fixture(scope="module")
def settings(folder):
    return SignOnSettings(
        issuer=IDP,
        client_id=HUB,
        saml_metadata=str(folder / "idp.xml"),
        multi_factor=MultiFactor(acr=[STRONG]),
        roles={"RTCC Analysts": "analyst"},
    )


@pytest.fixture(scope="module")
def hub(settings):
    return SamlSignOn(settings, Clock(), CALLBACK)


async def refused(hub, departure, brought):
    with pytest.raises(Refused) as raised:
        await hub.finish(brought, departure.pending)
    return raised.value


async def test_who_signs_in_is_a_person_with_gfipm_attributes(hub, provider, settings):
    departure = await hub.begin("/search")
    signed = await hub.finish(provider.answer(departure), departure.pending)
    assert (signed.issuer, signed.subject, signed.acr) == (IDP, "8f1", STRONG)
    assert abs(signed.auth_time / SECOND - time.time()) < 10
    assert departure.pending.return_to == "/search"
    person = attributes(signed, settings, "ex-pd", Clock().now()).person
    assert (person.handle, person.name, person.ori) == ("aruiz", "Ana Ruiz", "ZZ0000000")
    assert {role.value for role in person.roles} == {"analyst"}
    assert person.is_certified("28cfr23", Clock().now())


async def test_two_factors_are_asked_for_and_who_shall_show_it_again_is_asked_to(hub, provider):
    departure = await hub.begin("/")
    provider.answer(departure)
    assert STRONG in provider.told
    assert "ForceAuthn" not in provider.told
    provider.answer(await hub.begin("/", max_age_s=60))
    assert 'ForceAuthn="true"' in provider.told


async def test_one_factor_is_known_as_one(hub, provider):
    departure = await hub.begin("/")
    authn = {"class_ref": WEAK, "authn_instant": int(time.time())}
    signed = await hub.finish(provider.answer(departure, authn=authn), departure.pending)
    assert signed.acr == WEAK


async def test_a_provider_that_did_not_ask_again_is_not_believed(hub, provider):
    departure = await hub.begin("/", max_age_s=60)
    authn = {"class_ref": STRONG, "authn_instant": int(time.time()) - 3600}
    error = await refused(hub, departure, provider.answer(departure, authn=authn))
    assert "longer ago" in error.detail


async def test_replayed_answer_counts_once(hub, provider):
    departure = await hub.begin("/")
    brought = provider.answer(departure)
    await hub.finish(brought, departure.pending)
    assert (await refused(hub, departure, brought)).code == "sign_on_replayed"


async def test_session_fixation_an_answer_to_another_request_is_refused(hub, provider):
    mine, theirs = await hub.begin("/"), await hub.begin("/")
    brought = provider.answer(theirs)
    await refused(hub, mine, brought)
    pushed = {**brought, "RelayState": mine.pending.state}
    assert (await refused(hub, mine, pushed)).code == "sign_on_refused"


@pytest.mark.parametrize(
    "changes",
    [
        {"sign_assertion": False},
        {"sign_assertion": False, "sign_response": True},
        {"sign_alg": SHA1[0]},
        {"digest_alg": SHA1[1]},
        {"destination": "https://other.example.org/callback"},
        {"name_id": saml.NameID(format=TRANSIENT, text="once")},
        {"in_response_to": "made-up"},
        {"issuer": saml.Issuer(text="https://other.example.org")},
    ],
    ids=lambda changes: next(reversed(changes)),
)
async def test_token_confusion_an_answer_that_is_not_for_us_is_refused(hub, provider, changes):
    departure = await hub.begin("/")
    error = await refused(hub, departure, provider.answer(departure, **changes))
    assert error.code == "sign_on_refused"


async def test_token_confusion_an_assertion_for_another_hub_is_refused(settings, provider):
    """Signed rightly, for an entity that is not this one."""
    other = SamlSignOn(
        SignOnSettings(**{**_fields(settings), "client_id": "https://other.example.org"}),
        Clock(),
        CALLBACK,
    )
    departure = await other.begin("/")
    assert (await refused(other, departure, provider.answer(departure))).code == "sign_on_refused"


@pytest.mark.parametrize("audiences", [[], [HUB, "https://other.example.org"]], ids=len)
async def test_token_confusion_an_assertion_for_nobody_or_for_several_is_refused(
    hub, provider, monkeypatch, audiences
):
    """Both are good SAML, and pysaml2 takes them."""
    usual = Policy.conditions

    def conditions(policy, entity):
        made = usual(policy, entity)
        meant = [saml.Audience(text=audience) for audience in audiences]
        made.audience_restriction = [saml.AudienceRestriction(audience=meant)] if meant else []
        return made

    monkeypatch.setattr(Policy, "conditions", conditions)
    departure = await hub.begin("/")
    error = await refused(hub, departure, provider.answer(departure))
    assert "others, too" in error.detail


async def test_a_stranger_s_signature_is_refused(hub, folder):
    stranger = Provider(provider_config(folder, "stranger"))
    departure = await hub.begin("/")
    await refused(hub, departure, stranger.answer(departure))


@pytest.mark.parametrize(
    ("this", "that"),
    [
        (">8f1<", ">9a2<"),
        ("RTCC Analysts", "Auditors"),
        (STRONG, f"{STRONG}x"),
        ("SignatureValue>", "SignatureValue>AAAA"),
    ],
)
async def test_a_changed_assertion_is_refused(hub, provider, this, that):
    departure = await hub.begin("/")
    brought = provider.answer(departure)
    text = opened(brought)
    assert this in text
    await refused(hub, departure, form(text.replace(this, that), brought["RelayState"]))


@pytest.mark.parametrize("first", [True, False])
async def test_signature_wrapping_is_refused(hub, provider, first):
    """The signed assertion is left whole, and a forged one stands beside it."""
    departure = await hub.begin("/")
    brought = provider.answer(departure)
    text = opened(brought)
    [whole] = re.findall(r"<ns\d:Assertion .*</ns\d:Assertion>", text, re.DOTALL)
    forged = re.sub(r"<ns\d:Signature .*?</ns\d:Signature>", "", whole, flags=re.DOTALL)
    forged = forged.replace(">8f1<", ">9a2<").replace(' ID="', ' ID="x')
    assert forged != whole
    both = forged + whole if first else whole + forged
    await refused(hub, departure, form(text.replace(whole, both), brought["RelayState"]))


async def test_signature_wrapping_inside_is_refused(hub, provider):
    """The forged assertion carries the signature, and the signed one within it."""
    departure = await hub.begin("/")
    brought = provider.answer(departure)
    text = opened(brought)
    [whole] = re.findall(r"<ns\d:Assertion .*</ns\d:Assertion>", text, re.DOTALL)
    [signature] = re.findall(r"<ns\d:Signature .*?</ns\d:Signature>", whole, re.DOTALL)
    inner = whole.replace(signature, "")
    outer = whole.replace(">8f1<", ">9a2<").replace(' ID="', ' ID="x', 1)
    prefix = re.match(r"<(ns\d):", signature)[1]
    end = f"</{prefix}:Signature>"
    boxed = outer.replace(end, f"<{prefix}:Object>{inner}</{prefix}:Object>{end}")
    await refused(hub, departure, form(text.replace(whole, boxed), brought["RelayState"]))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no xml",
        "<a/>",
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
        "x" * 400_000,
    ],
    ids=["empty", "text", "other", "entity", "long"],
)
async def test_what_is_no_answer_is_refused(hub, text):
    departure = await hub.begin("/")
    error = await refused(hub, departure, form(text, departure.pending.state))
    assert error.code == "sign_on_refused"


async def test_nothing_of_a_person_is_logged(hub, provider, caplog):
    departure = await hub.begin("/")
    await hub.finish(provider.answer(departure), departure.pending)
    departure = await hub.begin("/")
    await refused(hub, departure, provider.answer(departure, sign_assertion=False))
    assert "8f1" not in caplog.text
    assert "Ruiz" not in caplog.text


@pytest.mark.parametrize("metadata", ["hub.xml", "idp.pem", "none.xml"])
def test_metadata_that_is_not_the_issuer_s_is_named(settings, folder, metadata):
    wrong = {**_fields(settings), "saml_metadata": str(folder / metadata)}
    with pytest.raises(AskAPerson) as raised:
        SamlSignOn(SignOnSettings(**wrong), Clock(), CALLBACK)
    assert raised.value.code == "sign_on_misconfigured"


def test_without_the_program_it_says_what_to_install(settings, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(AskAPerson, match="xmlsec1"):
        SamlSignOn(settings, Clock(), CALLBACK)


async def test_there_is_no_way_to_leave_by_saml(hub):
    assert await hub.leave_url("") is None
    with pytest.raises(Refused):
        await hub.logged_out("token")


def _fields(settings):
    return {name: getattr(settings, name) for name in settings.__struct_fields__}
