"""Where the hub may be reached: on loopback, and beyond it only when it is guarded."""

from __future__ import annotations

import socket

import pytest
from certificates import certificate_in

from watchfloor.adapters import listening
from watchfloor.adapters.listening import Guards
from watchfloor.bootstrap.doors import opened
from watchfloor.contracts import AskAPerson, Refused
from watchfloor.settings_listening import ListeningSettings


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_free_port_is_bound_and_named(host):
    with listening.bound(host, 0, "--port") as listener:
        assert listening.url_of(host, listener) == f"http://{host}:{listener.getsockname()[1]}"


def test_an_ipv6_address_stands_in_brackets():
    """Of any socket: a machine may have no IPv6."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        assert listening.url_of("::1", listener) == f"http://[::1]:{port}"


@pytest.mark.parametrize(
    ("guards", "missing"),
    [
        (Guards(), "sign-on"),
        (Guards(tls=True), "sign-on"),
        (Guards(proxied=True), "sign-on"),
        (Guards(known=True), "TLS"),
    ],
)
@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7"])
def test_beyond_loopback_what_is_missing_is_said(host, guards, missing):
    with pytest.raises(Refused) as refused:
        listening.bound(host, 0, "--port", guards)
    assert refused.value.code == "not_loopback"
    assert missing in refused.value.remedy


@pytest.mark.parametrize("guards", [Guards(known=True, tls=True), Guards(known=True, proxied=True)])
def test_guarded_it_may_be_reached_from_elsewhere(guards):
    with listening.bound("0.0.0.0", 0, "--port", guards) as listener:
        assert listener.getsockname()[0] == "0.0.0.0"


def test_a_name_is_no_address():
    with pytest.raises(Refused):
        listening.bound("hub.example.org", 0, "--port", Guards(known=True, tls=True))


def test_the_public_url_is_what_the_agency_says_else_where_it_listens():
    with listening.bound("127.0.0.1", 0, "--port") as listener:
        port = listener.getsockname()[1]
        given = listening.public_url("https://hub.example.org", "0.0.0.0", listener, "https")
        assert given == "https://hub.example.org"
        plain = listening.public_url("", "127.0.0.1", listener, "http")
        assert plain == f"http://127.0.0.1:{port}"
        with pytest.raises(AskAPerson, match="which name") as refused:
            listening.public_url("", "192.0.2.7", listener, "https")
    assert refused.value.code == "bad_settings"


def test_a_hub_in_clear_on_loopback_has_one_door_for_people_and_programs():
    with opened(ListeningSettings(), "127.0.0.1", 0, 0, sign_on=False) as doors:
        assert doors.own is doors.console
        assert doors.tls is None
        assert doors.hooks.url.startswith("http://127.0.0.1:")


def test_with_tls_programs_on_this_machine_have_a_door_of_their_own(tmp_path):
    files = certificate_in(tmp_path)
    chosen = ListeningSettings(
        public_url="https://hub.example.org",
        tls_certificate=str(files.certificate),
        tls_key=str(files.key),
    )
    with opened(chosen, "0.0.0.0", 0, 0, sign_on=True) as doors:
        assert doors.console.url == "https://hub.example.org"
        assert doors.tls is not None
        assert doors.own.url.startswith("http://127.0.0.1:")
        assert doors.own.listener.getsockname()[0] == "127.0.0.1"


def test_vendors_are_let_in_from_elsewhere_by_the_gate_s_own_certificate_only():
    chosen = ListeningSettings(hooks_host="0.0.0.0", trusted_proxies=["192.0.2.1"])
    with (
        pytest.raises(Refused) as refused,
        opened(chosen, "127.0.0.1", 0, 0, sign_on=True),
    ):
        pass
    assert refused.value.code == "not_loopback"
