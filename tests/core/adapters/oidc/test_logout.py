"""Leaving: here, and at the provider."""

import pytest
from relying import HOME, through
from sign_on import Visitor

from watchfloor.contracts import Refused


async def test_leaving_ends_the_provider_s_session_and_comes_home(there, hub):
    sign_on = hub()
    async with Visitor() as browser:
        departure = await sign_on.begin("/")
        brought = await browser.sign_in(departure.url, "aruiz")
        signed = await sign_on.finish(brought, departure.pending)
        _, _, leads = await browser.open(await sign_on.leave_url(signed.ticket))
    assert leads == HOME
    assert there.desk.logins == {}


async def test_a_provider_without_an_end_of_sessions_has_no_such_address(there, hub):
    there.faults.metadata = {"end_session_endpoint": None}
    assert await hub().leave_url("ticket") is None


class TestBackChannelLogout:
    @pytest.fixture
    async def signed(self, there, hub):
        """The hub's side, and the login at the provider."""
        sign_on = hub()
        await through(sign_on)
        [login] = there.desk.logins.values()
        return sign_on, login

    async def test_the_session_that_ended_is_named(self, there, signed):
        sign_on, login = signed
        told = await sign_on.logged_out(there.desk.logout_token(there.desk.clients["hub"], login))
        assert (told.issuer, told.subject, told.sid) == (there.issuer, "aruiz", login.sid)

    async def test_a_token_counts_once(self, there, signed):
        sign_on, login = signed
        token = there.desk.logout_token(there.desk.clients["hub"], login)
        await sign_on.logged_out(token)
        with pytest.raises(Refused) as raised:
            await sign_on.logged_out(token)
        assert raised.value.code == "sign_on_replayed"

    async def test_a_token_for_another_client_is_refused(self, there, signed):
        sign_on, login = signed
        with pytest.raises(Refused):
            await sign_on.logged_out(there.desk.logout_token(there.desk.clients["other"], login))

    @pytest.mark.parametrize(
        "lies",
        [
            {"events": {}},
            {"events": {"http://schemas.openid.net/event/backchannel-logout": True}},
            {"events": None},
            {"nonce": "n"},
            {"sub": None, "sid": None},
            {"jti": None},
            {"exp": 1},
            {"exp": None},
            {"iat": 1},
            {"iss": "https://other.example.org"},
        ],
        ids=str,
    )
    async def test_a_token_with_a_wrong_claim_is_refused(self, there, signed, lies):
        sign_on, login = signed
        keys = there.desk.keys
        honest = keys.read(there.desk.logout_token(there.desk.clients["hub"], login))
        claims = {k: v for k, v in {**honest, **lies}.items() if v is not None}
        with pytest.raises(Refused) as raised:
            await sign_on.logged_out(keys.sign(claims))
        assert raised.value.code == "sign_on_refused"

    async def test_an_id_token_ends_no_session(self, hub):
        sign_on = hub()
        signed = await through(sign_on)
        with pytest.raises(Refused):
            await sign_on.logged_out(signed.ticket)

    @pytest.mark.parametrize("token", ["", "x", "a.b.c", "é.é.é", "x" * 100_000])
    async def test_what_is_no_token_is_refused(self, signed, token):
        with pytest.raises(Refused) as raised:
            await signed[0].logged_out(token)
        assert raised.value.code == "sign_on_refused"
