"""A client certificate: the vendor asks for one in TLS, and lets in who has it."""

import datetime as dt
import ipaddress
import ssl
from base64 import b64encode

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from msgspec import Struct

from watchfloor_sdk import AskAPerson, WatchfloorError
from watchfloor_sdk.auth import certificate
from watchfloor_sdk.auth.certificate import ClientCertificate
from watchfloor_sdk.testing import context

LOOPBACK = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])


class NoSettings(Struct):
    """None."""


class Authority:
    """A certificate authority of the test's own."""

    def __init__(self):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "SIM authority")])
        self.certificate = self.signed(self.name, self.key, x509.BasicConstraints(True, None))

    def signed(self, subject, key, extension):
        now = dt.datetime.now(dt.UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject).issuer_name(self.name).public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(hours=1))
            .not_valid_after(now + dt.timedelta(hours=1))
            .add_extension(extension, critical=False)
        )  # fmt: skip
        return builder.sign(self.key, SHA256())

    def issued(self, name):
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        return key, self.signed(subject, key, LOOPBACK)


def pem(key, issued, password=None):
    hidden = BestAvailableEncryption(password.encode()) if password else NoEncryption()
    return (
        issued.public_bytes(Encoding.PEM).decode(),
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, hidden).decode(),
    )


@pytest.fixture(scope="module")
def authority():
    return Authority()


@pytest.fixture
async def vendor(authority, tmp_path, monkeypatch):
    """Says whose certificate it was shown."""
    ca = authority.certificate.public_bytes(Encoding.PEM).decode()
    own = tmp_path / "server.pem"
    own.write_text("".join(pem(*authority.issued("server"))))
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cadata=ca)
    tls.load_cert_chain(own)
    tls.verify_mode = ssl.CERT_REQUIRED

    async def who(request):
        [((_, name),)] = request.transport.get_extra_info("peercert")["subject"]
        return web.Response(text=name)

    app = web.Application()
    app.router.add_get("/who", who)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
    trusting = ssl.create_default_context
    monkeypatch.setattr(certificate.ssl, "create_default_context", lambda **_: trusting(cadata=ca))
    yield f"127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.fixture
async def ctx(vendor):
    one = context(NoSettings(), hosts=[vendor])
    yield one
    await one.aclose()


async def who(ctx, vendor, auth):
    return (await ctx.http.get(f"https://{vendor}/who", auth=auth)).text


@pytest.mark.parametrize("password", ["", "opens-SIM"])
@pytest.mark.parametrize("form", ["pem", "pkcs12"])
async def test_the_certificate_is_shown(authority, vendor, ctx, form, password):
    key, issued = authority.issued("sim-agency")
    if form == "pem":
        shown, private = pem(key, issued, password)
        fields = {"certificate": shown, "private_key": private}
    else:
        hidden = BestAvailableEncryption(password.encode()) if password else NoEncryption()
        packed = serialize_key_and_certificates(b"x", key, issued, None, hidden)
        fields = {"pkcs12": b64encode(packed).decode()}
    ctx._hub.credentials["c"] = fields | {"password": password}
    assert await who(ctx, vendor, ClientCertificate(ctx, "c")) == "sim-agency"


async def test_a_changed_certificate_is_used_without_a_restart(authority, vendor, ctx):
    auth = ClientCertificate(ctx, "c")
    for name in ("one", "two", "two"):
        shown, private = pem(*authority.issued(name))
        ctx._hub.credentials["c"] = {"certificate": shown, "private_key": private}
        assert await who(ctx, vendor, auth) == name


async def test_without_one_the_vendor_is_not_reached(vendor, ctx):
    with pytest.raises(WatchfloorError):
        await ctx.http.get(f"https://{vendor}/who")


@pytest.mark.parametrize("wrong", ["other key", "password", "junk", "pkcs12"])
async def test_what_cannot_be_read_is_said_without_the_key(authority, ctx, vendor, wrong):
    shown, private = pem(*authority.issued("sim"), "right" if wrong == "password" else None)
    fields = {
        "other key": {"certificate": shown, "private_key": pem(*authority.issued("b"))[1]},
        "password": {"certificate": shown, "private_key": private, "password": "wrong"},
        "junk": {"certificate": "hush", "private_key": "hush"},
        "pkcs12": {"pkcs12": "aHVzaA=="},
    }[wrong]
    ctx._hub.credentials["c"] = fields
    with pytest.raises(AskAPerson) as caught:
        await who(ctx, vendor, ClientCertificate(ctx, "c"))
    assert caught.value.code == "credential_incomplete"
    assert not {"hush", "BEGIN"} & set(str(caught.value).split())
