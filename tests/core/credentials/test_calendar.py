"""The calendar knows when a credential runs out: by itself, or because somebody said so."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from watchfloor.adapters.clock import SettableClock
from watchfloor.adapters.keyring_file import SealedSecrets
from watchfloor.adapters.sqlite import SqliteStore
from watchfloor.contracts import CredentialDeclaration, NotFound
from watchfloor.credentials import Calendar, upkeep
from watchfloor.credentials.expiry import expiry
from watchfloor.sources import Credentials

NOW = datetime(2026, 5, 2, 12, tzinfo=UTC)
TOKEN = CredentialDeclaration(name="token", kind="token", title="Token")
CLIENT = CredentialDeclaration(name="client", kind="client_certificate", title="Certificate")


def micros(moment: datetime) -> int:
    return int(moment.timestamp()) * 1_000_000


def certificate(ends: datetime, password: bytes | None = None) -> dict[str, str]:
    """A client certificate that ends then: in PEM, or with a password in PKCS #12."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "SIM-hub")])
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name)
        .public_key(key.public_key()).serial_number(1)
        .not_valid_before(ends - timedelta(days=365)).not_valid_after(ends)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    if password is not None:
        encryption = serialization.BestAvailableEncryption(password)
        file = serialization.pkcs12.serialize_key_and_certificates(
            b"sim", key, made, None, encryption
        )
        return {"pkcs12": base64.b64encode(file).decode(), "password": password.decode()}
    pem = made.public_bytes(serialization.Encoding.PEM).decode()
    return {"certificate": pem, "private_key": "-----BEGIN …"}


def jwt(**claims: float) -> str:
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"eyJhbGciOiJSUzI1NiJ9.{body}.c2ln"


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(micros(NOW))


@pytest.fixture
async def store(tmp_path, clock):
    one = SqliteStore(tmp_path / "hub.sqlite", clock)
    await one.open()
    yield one
    await one.close()


@pytest.fixture
def secrets(tmp_path) -> SealedSecrets:
    return SealedSecrets(tmp_path / "secrets")


@pytest.fixture
def credentials(secrets, store) -> Credentials:
    return Credentials(secrets, store.ledger)


@pytest.fixture
def calendar(secrets, store, clock) -> Calendar:
    declared = [("gate", [TOKEN, CLIENT]), ("lpr", [TOKEN])]
    return Calendar(lambda: declared, secrets, store.terms, store.ledger, clock)


@pytest.mark.parametrize("password", [None, b"sim-pass"])
def test_a_certificate_says_so_itself(password):
    ends = datetime(2026, 6, 1, tzinfo=UTC)
    assert expiry(certificate(ends, password)) == (micros(ends), "certificate")


def test_a_signed_token_says_so_itself():
    assert expiry({"token": jwt(exp=1_780_000_000)}) == (1_780_000_000_000_000, "token")


@pytest.mark.parametrize(
    "value",
    [
        {}, {"token": "sim-1"}, {"token": "a.b.c"}, {"token": jwt(iat=1)}, {"token": jwt(exp=-1)},
        {"token": jwt(exp=1e300)}, {"token": "..".join("abc")}, {"certificate": "no PEM"},
        {"pkcs12": "AAAA"}, {"pkcs12": "é"}, {"api_key": "x.W10.y"},
        {"token": "x." + base64.urlsafe_b64encode(b"[" * 9).decode() + ".y"},
    ],
)  # fmt: skip
def test_what_cannot_be_read_has_no_end(value):
    assert expiry(value) is None


@pytest.mark.parametrize(
    ("left", "stage"),
    [(31, None), (30, 30), (14.5, 30), (14, 14), (7, 7), (1.5, 7), (1, 1), (0.1, 1), (-1, 0)],
)
async def test_it_is_spoken_of_30_14_7_and_1_days_ahead(calendar, secrets, left, stage):
    ends = NOW + timedelta(days=left)
    await secrets.put("gate", "client", certificate(ends))
    [due] = await calendar.due()
    assert (due.owner, due.name, due.known, due.stage) == ("gate", "client", "certificate", stage)
    repairs = upkeep([due], [], {"gate": "Gate"})
    assert [one.code for one in repairs] == (
        [] if stage is None else ["credential_ran_out" if stage == 0 else "credential_runs_out"]
    )
    assert all(one.source_name == "Gate" for one in repairs)


async def test_what_somebody_says_counts_until_it_is_set_anew(
    calendar, secrets, credentials, clock
):
    await credentials.set("lpr", TOKEN, {"token": "sim-1"}, "alex")
    assert await calendar.due() == []
    clock.advance(1)
    await calendar.say("lpr", "token", micros(NOW + timedelta(days=10)), "alex")
    [due] = await calendar.due(within_days=30)
    assert (due.days, due.known, due.said_by) == (9, "person", "alex")
    assert await calendar.due(within_days=9) == []
    clock.advance(1)
    await credentials.set("lpr", TOKEN, {"token": "sim-2"}, "alex")
    assert await calendar.due() == []


async def test_it_can_be_taken_back_and_is_said_of_nothing_else(calendar, secrets):
    await secrets.put("lpr", "token", {"token": "sim-1"})
    await calendar.say("lpr", "token", micros(NOW), "alex")
    await calendar.say("lpr", "token", None, "alex")
    assert await calendar.due() == []
    with pytest.raises(NotFound):
        await calendar.say("lpr", "other", micros(NOW), "alex")


async def test_a_renewed_one_is_known_at_once_and_the_next_comes_first(calendar, secrets):
    late, soon = NOW + timedelta(days=20), NOW + timedelta(days=2)
    await secrets.put("gate", "client", certificate(late))
    await secrets.put("lpr", "token", {"token": jwt(exp=soon.timestamp())})
    assert [each.owner for each in await calendar.due()] == ["lpr", "gate"]
    later = NOW + timedelta(days=200)
    await secrets.put("lpr", "token", {"token": jwt(exp=later.timestamp())})
    assert [each.owner for each in await calendar.due(within_days=30)] == ["gate"]


async def test_it_tells_no_secret(calendar, secrets):
    await secrets.put("lpr", "token", {"token": jwt(exp=1_780_000_000)})
    assert "eyJ" not in str(await calendar.due())
