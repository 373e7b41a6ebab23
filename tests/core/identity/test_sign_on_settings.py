"""Settings that would open the door by mistake can't be written."""

import msgspec
import pytest

from watchfloor.settings_sign_on import SignOnSettings

RIGHT = {"issuer": "https://login.example.org/realms/ex-pd", "client_id": "hub"}


def made(**changes):
    return msgspec.convert({**RIGHT, **changes}, SignOnSettings)


def test_left_out_is_strict():
    settings = made()
    assert settings.roles == {}
    assert not settings.multi_factor.met_by(None, ["pwd"])
    assert {alg[:2] for alg in settings.algorithms} == {"RS", "PS", "ES"}


@pytest.mark.parametrize(
    "changes",
    [
        {"algorithms": ["none"]},
        {"algorithms": ["HS256"]},
        {"algorithms": []},
        {"roles": {"Vendors": "vendor_service"}},
        {"roles": {"Everyone": "admin"}},
        {"issuer": "login.example.org"},
        {"issuer": "https://login.example.org/?realm=1"},
        {"issuer": "https://user:password@login.example.org"},
        {"multi_factor": {"amr": [[]]}},
        {"multi_factor": {"acrs": ["aal2"]}},
        {"client_secret": "in clear"},
    ],
    ids=str,
)
def test_what_would_open_the_door_is_refused(changes):
    with pytest.raises(msgspec.ValidationError):
        made(**changes)


def test_one_claim_name_can_be_changed_alone():
    claims = made(claims={"ori": ["department_ori"]}).claims
    assert claims.ori == ("department_ori",)
    assert "preferred_username" in claims.handle
