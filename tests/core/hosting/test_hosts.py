"""Which hosts follow from a manifest and a configuration."""

import pytest

from watchfloor.contracts import AskAPerson
from watchfloor.hosting import allowed_hosts


def test_fixed_hosts_may_not_be_internal_and_configured_ones_may():
    hosts = allowed_hosts(
        ["api.example.org", "cdn.example.org:8443", "{base_url}", "{host}:{port}", "{absent}"],
        {"base_url": "http://127.0.0.1:8080/v1", "host": "cad.local", "port": 502, "absent": ""},
    )
    assert hosts.internal == ["127.0.0.1:8080", "cad.local:502"]
    assert hosts.allowed == ["api.example.org:443", "cdn.example.org:8443", *hosts.internal]


def test_a_list_of_addresses_allows_each():
    hosts = allowed_hosts(["{urls}"], {"urls": ["https://a.example.org/x", "http://b.example.org"]})
    assert hosts.allowed == ["a.example.org:443", "b.example.org:80"]


def test_ipv6_addresses_keep_their_brackets():
    assert allowed_hosts(["{u}"], {"u": "http://[::1]:80"}).allowed == ["[::1]:80"]


@pytest.mark.parametrize("url", ["http://", "http://a:b", "file:///etc/passwd", "http://a:99999"])
def test_an_address_that_names_no_host_is_a_matter_for_a_person(url):
    with pytest.raises(AskAPerson):
        allowed_hosts(["{url}"], {"url": url})
