"""From claims to a person: what is clear counts, what is not gives nothing."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, get_args

import msgspec
import pytest

from watchfloor.contracts import Refused
from watchfloor.identity import LIFE, Role
from watchfloor.identity.claims import attributes, person_id, require_two_factors
from watchfloor.settings_sign_on import RoleName, SignOnSettings

NOW = 1_900_000_000 * 1_000_000
ISSUER = "https://login.example.org"


@dataclass
class Told:
    claims: dict[str, Any] = field(default_factory=dict)
    issuer: str = ISSUER
    subject: str = "8f1"
    acr: str | None = "aal2"
    amr: tuple[str, ...] = ("hwk", "pin")


ROLES = {
    "RTCC Analysts": "analyst",
    "RTCC Supervisors": "supervisor",
    "Agency IT": "agency_it",
    "Auditors": "auditor",
}
STANDARDS = {
    "given_name": "Ana", "family_name": "Ruiz", "email": "aruiz@ex-pd.example.org",
    "preferred_username": "aruiz", "groups": ["RTCC Analysts", "Staff"],
    "employer_ori": "ZZ0000000", "employer_state": "ZZ", "sworn_leo": True,
    "cert_28cfr23": True, "cert_ncic": "2030-04-01",
    "federation_id": "NIEF:IDP:EXPD:USER:aruiz",
}  # fmt: skip
G = "gfipm:2.0:user:"
GFIPM = {
    f"{G}GivenName": ["Ana"], f"{G}SurName": ["Ruiz"],
    f"{G}EmailAddressText": ["aruiz@ex-pd.example.org"], f"{G}LocalId": ["aruiz"],
    "groups": ["RTCC Analysts", "Staff"], f"{G}EmployerORI": ["ZZ0000000"],
    f"{G}EmployerStateCode": ["ZZ"], f"{G}SwornLawEnforcementOfficerIndicator": ["true"],
    f"{G}28CFRCertificationIndicator": ["1"], f"{G}NCICCertificationIndicator": ["2030-04-01"],
    f"{G}FederationId": ["NIEF:IDP:EXPD:USER:aruiz"],
}  # fmt: skip


def made(claims, **settings):
    wanted = {"issuer": ISSUER, "client_id": "hub", "roles": ROLES, **settings}
    return attributes(Told(claims), msgspec.convert(wanted, SignOnSettings), "ex-pd", NOW)


@pytest.mark.parametrize("amr", [(), ("pwd",), ("pwd", "pin")])
def test_one_factor_is_not_enough(amr):
    settings = msgspec.convert({"issuer": ISSUER, "client_id": "hub"}, SignOnSettings)
    require_two_factors(Told(amr=("pwd", "otp")), settings)
    with pytest.raises(Refused) as raised:
        require_two_factors(Told(amr=amr), settings)
    assert raised.value.code == "weak_sign_on"


def refused(claims, **settings):
    with pytest.raises(Refused) as raised:
        made(claims, **settings)
    return raised.value


def micros(*when):
    return int(datetime(*when, tzinfo=UTC).timestamp()) * 1_000_000


@pytest.mark.parametrize("claims", [STANDARDS, GFIPM], ids=["oidc", "gfipm by saml"])
def test_both_sets_of_names_make_the_same_person(claims):
    found = made(claims)
    person = found.person
    assert person.id == f"{ISSUER}#8f1"
    assert (person.handle, person.name, person.agency) == ("aruiz", "Ana Ruiz", "ex-pd")
    assert person.roles == {Role.ANALYST}
    assert (person.ori, person.sworn) == ("ZZ0000000", True)
    assert (person.acr, person.amr) == ("aal2", ("hwk", "pin"))
    assert found.email == "aruiz@ex-pd.example.org"
    assert found.state == "ZZ"
    assert found.federation_id == "NIEF:IDP:EXPD:USER:aruiz"


def test_a_training_ends_with_its_day_and_one_without_an_end_with_the_session():
    certified = made(STANDARDS).person.certified
    assert certified == {"28cfr23": NOW + LIFE, "ncic": micros(2030, 4, 2)}


@pytest.mark.parametrize(
    ("value", "until"),
    [
        (True, NOW + LIFE),
        ("TRUE", NOW + LIFE),
        (False, None),
        ("false", None),
        ("", None),
        (0, None),
        ([], None),
        (None, None),
        ("2020-01-31", micros(2020, 2, 1)),
        ("2030-01-31T12:00:00Z", micros(2030, 1, 31, 12)),
        ("2030-01-31T12:00:00-05:00", micros(2030, 1, 31, 17)),
        (1_950_000_000, 1_950_000_000 * 1_000_000),
        (["2030-01-31"], micros(2030, 2, 1)),
    ],
)
def test_ways_to_say_until_when(value, until):
    assert made({**STANDARDS, "cert_ncic": value}).person.certified.get("ncic") == until


@pytest.mark.parametrize("value", ["soon", "2030-01-31T12:00:00", "2030-13-01", ["2030-01-01", ""]])
def test_a_date_that_can_t_be_read_is_refused(value):
    assert refused({**STANDARDS, "cert_ncic": value}).code == "claims_unclear"


def test_of_two_ends_the_earlier_counts():
    both = {**STANDARDS, f"{G}NCICCertificationIndicator": "false"}
    assert "ncic" not in made(both).person.certified


@pytest.mark.parametrize(
    "more",
    [
        {f"{G}EmployerORI": "ZZ9999999"},
        {f"{G}SwornLawEnforcementOfficerIndicator": "false"},
        {"employer_ori": ["ZZ0000000", "ZZ9999999"]},
        {"employer_ori": {"ori": "ZZ0000000"}},
        {"sworn_leo": "yes, sir"},
        {"sworn_leo": 2},
        {"groups": [{"name": "RTCC Analysts"}]},
        {"groups": 7},
        {"preferred_username": "a\nforged line"},
        {"preferred_username": "x" * 201},
        {"groups": None, "_claim_names": {"groups": "src1"}},
    ],
    ids=str,
)
def test_what_is_unclear_gives_nothing_and_quotes_nothing(more):
    error = refused({**STANDARDS, **more})
    assert error.code == "claims_unclear"
    assert "ZZ" not in error.detail
    assert "forged" not in error.detail


@pytest.mark.parametrize("groups", [None, [], ["Staff"], "Staff", ["rtcc analysts"]])
def test_who_is_in_no_group_of_ours_has_no_role_and_is_told_whom_to_ask(groups):
    error = refused({**STANDARDS, "groups": groups}, contact="the help desk, 555-0142")
    assert error.code == "no_role"
    assert "the help desk, 555-0142" in error.remedy


def test_roles_add_up():
    groups = ["RTCC Analysts", "RTCC Supervisors"]
    assert made({**STANDARDS, "groups": groups}).person.roles == {Role.ANALYST, Role.SUPERVISOR}


def test_groups_and_roles_of_the_provider_count_alike():
    claims = {**STANDARDS, "groups": None, "roles": "RTCC Supervisors"}
    assert made(claims).person.roles == {Role.SUPERVISOR}


def test_admin_and_auditor_can_t_be_one_person():
    assert refused({**STANDARDS, "groups": ["Agency IT", "Auditors"]}).code == "roles_apart"


def test_nobody_is_let_in_where_no_group_is_mapped():
    assert refused(STANDARDS, roles={}).code == "no_role"


def test_mass_assignment_what_a_provider_says_of_our_own_words_is_no_claim():
    """``agency`` and ``certified`` are ours; only mapped names count."""
    more = {"agency": "other-pd", "certified": {"ndex": 9e15}, "role": "auditor", "id": "x"}
    assert made({**STANDARDS, **more}).person == made(STANDARDS).person


def test_the_agency_is_that_of_the_employer_where_several_sign_in():
    agencies = {"ZZ0000000": "ex-pd", "ZZ0000001": "north-so"}
    north = {**STANDARDS, "employer_ori": "ZZ0000001"}
    assert made(north, agencies=agencies).person.agency == "north-so"
    for ori in (None, "ZZ7777777"):
        error = refused({**STANDARDS, "employer_ori": ori}, agencies=agencies)
        assert error.code == "no_agency"


def test_whoever_is_of_another_agency_runs_and_oversees_nothing_here():
    agencies = {"ZZ0000000": "ex-pd", "ZZ0000001": "north-so"}
    north = {**STANDARDS, "employer_ori": "ZZ0000001"}
    both = {**north, "groups": ["RTCC Analysts", "RTCC Supervisors"]}
    assert made(both, agencies=agencies).person.roles == {Role.ANALYST}
    for group in ("RTCC Supervisors", "Agency IT", "Auditors"):
        error = refused({**north, "groups": [group]}, agencies=agencies)
        assert error.code == "no_role", group


def test_somebody_without_a_name_is_called_by_what_the_provider_calls_them():
    person = made({"groups": "RTCC Analysts"}).person
    assert (person.handle, person.name) == ("8f1", "8f1")


def test_the_same_subject_of_another_issuer_is_another_person():
    assert person_id("https://a.example.org", "1") != person_id("https://b.example.org", "1")


def test_every_role_that_can_be_mapped_is_one_of_the_hub_s_own_and_none_is_a_service_s():
    assert {*get_args(RoleName)} == {role.value for role in Role} - {"vendor_service", "developer"}


@pytest.mark.parametrize(
    ("said", "level"),
    [(2, 2), ("2", 2), ("AAL2", 2), (["aal3"], 3), ("https://id.example.org/aal/1", 1),
     ("high", 0), ("12", 0), ("800-63", 0), ("", 0), (4, 0), (True, 0)],
    ids=str,
)  # fmt: skip
def test_levels_are_read_as_providers_write_them(said, level):
    person = made({**STANDARDS, "aal": said, "ial": "IAL2"}).person
    assert (person.authenticator_assurance, person.identity_assurance) == (level, 2)


@pytest.mark.parametrize(
    ("assurance", "said", "enough"),
    [({"authenticator": 2}, {"aal": 1}, False), ({"authenticator": 2}, {}, False),
     ({"authenticator": 2}, {"aal": 2}, True), ({"identity": 2}, {"ial": 1, "aal": 3}, False),
     ({}, {"aal": 1}, True)],
    ids=str,
)  # fmt: skip
def test_below_the_least_level_nobody_signs_in_whatever_the_methods(assurance, said, enough):
    claims = {**STANDARDS, **said}
    if enough:
        assert made(claims, assurance=assurance).person.amr == ("hwk", "pin")
    else:
        assert refused(claims, assurance=assurance).code == "low_assurance"


def test_levels_that_contradict_each_other_are_none():
    claims = {**STANDARDS, "aal": 3, f"{G}AuthenticatorAssuranceLevel": ["AAL1"]}
    assert refused(claims).code == "claims_unclear"
