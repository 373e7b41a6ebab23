"""A credential's value is what its kind is made of; what is wrong with it is said without it."""

import pytest

from watchfloor.contracts import AskAPerson, CredentialDeclaration

HUSH = "hush-SIM-0002"


def declared(kind):
    return CredentialDeclaration(name="login", kind=kind, title="Log-in")


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("ssh_key", {"username": "sim", "private_key": f"-----BEGIN\n{HUSH}\nEND-----"}),
        ("ssh_key", {"username": "sim", "password": HUSH}),
        ("refresh_token", {"refresh_token": HUSH}),
        ("service_principal", {"client_id": "sim", "tenant": "t", "client_secret": HUSH}),
        ("service_principal", {"client_id": "sim", "private_key": HUSH, "key_id": "1"}),
        ("password_totp", {"username": "sim", "password": HUSH, "totp_seed": "GEZDGNBV"}),
        ("basic", {"token": HUSH}),
    ],
)
def test_what_is_whole_is_taken(kind, value):
    assert declared(kind).fitting(value) == value


def test_parts_left_empty_are_none_and_the_first_needed_one_comes_first():
    """Webhooks are checked with the first part, however it was sent."""
    value = {"previous": "old", "key_id": " ", "secret": HUSH}
    assert list(declared("hmac_secret").fitting(value).items()) == [
        ("secret", HUSH), ("previous", "old"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "value", "code", "named"),
    [
        ("ssh_key", {"username": HUSH}, "credential_incomplete", "private_key"),
        ("ssh_key", {"private_key": HUSH}, "credential_incomplete", "username"),
        (
            "password_totp",
            {"username": "u", "password": HUSH},
            "credential_incomplete",
            "totp_seed",
        ),
        ("refresh_token", {"client_id": HUSH}, "credential_incomplete", "refresh_token"),
        ("service_principal", {"tenant": HUSH}, "credential_incomplete", "client_id"),
        ("token", {"tokne": HUSH}, "credential_part_unknown", "tokne"),
        ("token", {"token": "  "}, "credential_incomplete", "token"),
    ],
)
def test_what_lacks_or_is_strange_is_named_and_never_shown(kind, value, code, named):
    with pytest.raises(AskAPerson) as info:
        declared(kind).fitting(value)
    assert info.value.code == code
    assert named in info.value.detail
    assert HUSH not in f"{info.value!r} {info.value} {info.value.remedy}"
