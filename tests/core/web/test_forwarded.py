"""Who is at the other end: believed of the agency's own proxies, of nobody else."""

from __future__ import annotations

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from watchfloor.contracts import AskAPerson, Refused
from watchfloor.web import COOKIE
from watchfloor.web.cookies import cookie, set_cookie
from watchfloor.web.forwarded import PEER, Peer, Proxies


class _Transport:
    """Of a connection from an address."""

    def __init__(self, address: str) -> None:
        self._address = address

    def get_extra_info(self, name, default=None):
        return (self._address, 50_000) if name == "peername" else default


def seen(trusted, nearest, **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = make_mocked_request("GET", "/", headers=named, transport=_Transport(nearest))
    return Proxies(trusted).peer(request)


def test_a_stranger_s_word_counts_for_nothing():
    peer, passed_on = seen(
        ["10.0.0.5"], "203.0.113.9", X_Forwarded_For="10.1.1.1", X_Forwarded_Proto="https"
    )
    assert (peer.address, peer.secure, passed_on) == ("203.0.113.9", False, False)


def test_a_trusted_proxy_s_word_counts():
    peer, passed_on = seen(
        ["10.0.0.0/28"], "10.0.0.5", X_Forwarded_For="203.0.113.9", X_Forwarded_Proto="https"
    )
    assert (peer.address, peer.secure, passed_on) == ("203.0.113.9", True, True)


def test_what_the_client_wrote_in_front_is_not_believed():
    """It may send the header, too; the proxy appends whom it saw."""
    peer, _ = seen(["10.0.0.5"], "10.0.0.5", X_Forwarded_For="127.0.0.1, 203.0.113.9")
    assert peer.address == "203.0.113.9"


def test_several_proxies_of_ours_are_passed_over():
    trusted = ["10.0.0.5", "10.0.0.6"]
    peer, _ = seen(trusted, "10.0.0.5", X_Forwarded_For="192.0.2.1, 203.0.113.9, 10.0.0.6")
    assert peer.address == "203.0.113.9"


def test_what_is_no_address_is_nobody():
    """Not the proxy itself: limits and records must not take the one for the other."""
    peer, passed_on = seen(["10.0.0.5"], "10.0.0.5", X_Forwarded_For="unknown")
    assert (peer.address, passed_on) == ("", True)


@pytest.mark.parametrize("nearest", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
def test_this_very_machine_is_known_for_what_it_is(nearest):
    assert seen([], nearest)[0].here


def test_a_proxy_on_this_machine_that_nobody_named_is_not_this_machine():
    peer, passed_on = seen([], "127.0.0.1", X_Forwarded_For="203.0.113.9")
    assert (peer.here, passed_on) == (False, False)


def test_the_last_proxy_has_the_last_word_on_tls():
    peer, _ = seen(
        ["10.0.0.5"], "10.0.0.5", X_Forwarded_For="203.0.113.9", X_Forwarded_Proto="https, http"
    )
    assert not peer.secure


def test_what_is_no_network_is_refused_at_the_start():
    with pytest.raises(AskAPerson, match=r"proxy\.inside") as refused:
        Proxies(["proxy.inside"])
    assert refused.value.code == "bad_settings"


async def test_past_the_proxy_nobody_comes_in_clear():
    async def handler(_request):
        raise AssertionError("it came through")

    request = make_mocked_request("GET", "/", transport=_Transport("203.0.113.9"))
    with pytest.raises(Refused) as refused:
        await Proxies(["10.0.0.5"]).middleware(request, handler)
    assert refused.value.code == "past_the_proxy"


@pytest.mark.parametrize(("secure", "name"), [(True, f"__Host-{COOKIE}"), (False, COOKIE)])
def test_what_is_set_over_tls_is_called_so_that_nobody_else_sets_it(secure, name):
    request, response = make_mocked_request("GET", "/"), web.Response()
    request[PEER] = Peer("203.0.113.9", secure)
    set_cookie(request, response, COOKIE, "s3cret", max_age=None)
    kept = response.cookies[name]
    assert (kept.value, kept["path"], kept["domain"]) == ("s3cret", "/", "")
    assert (bool(kept["secure"]), kept["httponly"], kept["samesite"]) == (secure, True, "Strict")
    shown = make_mocked_request("GET", "/", headers={"Cookie": f"{name}=s3cret"})
    shown[PEER] = request[PEER]
    assert cookie(shown, COOKIE) == "s3cret"
