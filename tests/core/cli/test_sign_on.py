"""``watchfloor sign-on check``: what does not fit is found before somebody can't get in."""

import json
from datetime import date
from urllib.parse import urlsplit

import pytest

from watchfloor.adapters.keyring_file import SealedSecrets
from watchfloor_city.demo.provider import GROUPS, Client, demo_people, start_provider

CALLBACK = "http://127.0.0.1:9/"


@pytest.fixture
async def there():
    people = demo_people(date.today())
    async with start_provider("127.0.0.1", 0, [Client("hub", [CALLBACK], "s3cret")], people) as up:
        yield up


@pytest.fixture
def written(there, data_dir):
    """Writes ``hub.toml`` for that provider, with other settings where a test needs them."""

    def write(issuer=there.issuer, roles=GROUPS, more=""):
        data_dir.mkdir(exist_ok=True)
        (data_dir / "hub.toml").write_text(
            f'agency = "ex-pd"\noutgoing_hosts = ["{urlsplit(there.issuer).netloc}"]\n'
            f'[sign_on]\nissuer = "{issuer}"\nclient_id = "hub"\n{more}[sign_on.roles]\n'
            + "".join(f'"{group}" = "{role}"\n' for role, group in roles.items())
        )

    return write


async def findings(run, *arguments):
    ran = await run("sign-on", "check", *arguments, "--json")
    return ran.code, {line["what"]: line for line in ran.lines}


async def test_a_provider_that_fits_is_described(run, there, written, data_dir):
    written()
    await SealedSecrets(data_dir / "secrets").put("hub", "sign_on", {"client_secret": "s3cret"})
    code, found = await findings(run)
    assert code == 0
    assert there.issuer in found["Provider"]["detail"]
    assert "back-channel logout: yes" in found["Provider"]["detail"]
    assert "ES256" in found["Keys"]["detail"]
    assert "partner_agency" in found["Settings"]["detail"], "a role that nobody can have"
    assert "/api/v1/sign-in/callback" in found["To register at the provider"]["detail"]


async def test_what_is_missing_is_said_with_what_to_do(run, written):
    written(roles={}, more='algorithms = ["PS256"]\n')
    code, found = await findings(run)
    assert code == 4
    troubled = {what for what, each in found.items() if not each["ok"]}
    assert troubled == {"Settings", "Keys", "Credential"}
    assert all(found[what]["remedy"] for what in troubled)


async def test_saml_metadata_that_can_t_be_used_is_named(run, written):
    written(more='saml_metadata = "/nowhere/idp.xml"\n')
    code, found = await findings(run)
    assert code == 4
    assert not found["Provider"]["ok"]
    assert "Keys" not in found


async def test_without_a_table_it_says_which(run):
    code, found = await findings(run)
    assert code == 4
    assert "[sign_on]" in found["Settings"]["remedy"]


async def test_a_provider_that_does_not_answer_is_no_crash(run, there, written):
    written()
    there.faults.status = 503
    code, found = await findings(run)
    assert code == 4
    assert "did not answer" in found["Provider"]["detail"]


@pytest.mark.parametrize("form", ["json", "token"])
async def test_a_sample_says_what_it_makes_of_a_person(run, there, written, tmp_path, form):
    written()
    known = there.desk.people["aruiz"].claims
    claims = {**known, "sub": "aruiz", "amr": ["mfa"], "auth_time": 1_790_000_000}
    sample = tmp_path / "sample"
    sample.write_text(json.dumps(claims) if form == "json" else there.desk.keys.sign(claims))
    _, found = await findings(run, "--sample", str(sample))
    assert found["Sample"]["ok"]
    detail = found["Sample"]["detail"]
    assert "analyst" in detail
    assert "ncic" in detail
    assert "ZZ0000000" in detail


async def test_a_sample_that_does_not_say_when_they_signed_in_says_so(run, written, tmp_path):
    written()
    claims = {"sub": "x", "groups": ["Auditors"], "amr": ["mfa"], "iat": 1_790_000_000}
    (tmp_path / "sample").write_text(json.dumps(claims))
    code, found = await findings(run, "--sample", str(tmp_path / "sample"))
    assert (code, found["Sample"]["ok"]) == (4, False)
    assert "auth_time" in found["Sample"]["remedy"]


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ('{"sub": "x", "groups": ["Staff"], "amr": ["mfa"]}', "no group"),
        ('{"sub": "x", "groups": ["Auditors"], "amr": ["pwd"]}', "auditor"),
        ("no claims", "neither"),
        ("a.b.c", "neither"),
        ("[]", "neither"),
    ],
)
async def test_a_sample_that_lets_nobody_in_says_why(run, written, tmp_path, claims, why):
    written()
    (tmp_path / "sample").write_text(claims)
    code, found = await findings(run, "--sample", str(tmp_path / "sample"))
    assert code == 4
    assert not found["Sample"]["ok"]
    assert why in found["Sample"]["detail"]


async def test_settings_that_can_t_be_read_are_no_crash(run, written):
    written(more='algorithms = ["none"]\n')
    ran = await run("sign-on", "check", "--json")
    assert (ran.code, ran.error["code"]) == (4, "bad_settings")
    assert "none" in ran.error["detail"]
