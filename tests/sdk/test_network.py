"""Which addresses count as internal, and how hosts are written."""

import pytest

from watchfloor_sdk import Refused, RetryLater
from watchfloor_sdk.network import Network, host_port, is_public


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.0", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1%eth0", "fc00::1",
        "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1",
        "2002:7f00:1::",
    ],
)  # fmt: skip
def test_internal_addresses_are_known_in_all_their_spellings(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"])
def test_public_addresses_are_public(address):
    assert is_public(address)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://API.example.org/v1?x=1", "api.example.org:443"),
        ("http://api.example.org", "api.example.org:80"),
        ("http://[::1]:8080/", "[::1]:8080"),
        ("https://user:pass@api.example.org:8443", "api.example.org:8443"),
    ],
)
def test_a_url_names_its_host_and_port(url, expected):
    assert host_port(url) == expected


@pytest.mark.parametrize("url", ["ftp://example.org", "example.org", "http://", "http://a:x"])
def test_what_is_no_web_address_is_refused(url):
    with pytest.raises(Refused):
        host_port(url)


async def test_link_local_is_not_reached_by_name_even_where_internal_is_allowed(monkeypatch):
    async def resolve(host, port):
        return ["169.254.169.254"]

    monkeypatch.setattr("watchfloor_sdk.network._resolve", resolve)
    with pytest.raises(Refused):
        await Network(["cad.example.org:80"], ["cad.example.org:80"]).addresses(
            "cad.example.org", 80
        )


async def test_a_name_that_cannot_be_resolved_is_a_matter_of_time():
    with pytest.raises(RetryLater) as info:
        await Network(["nowhere.invalid:80"]).addresses("nowhere.invalid", 80)
    assert info.value.code == "dns"


async def test_only_the_public_ones_of_several_addresses_are_used(monkeypatch):
    async def resolve(host, port):
        return ["10.0.0.1", "93.184.216.34"]

    monkeypatch.setattr("watchfloor_sdk.network._resolve", resolve)
    found = await Network(["api.example.org:443"]).addresses("API.example.org", 443)
    assert found == ["93.184.216.34"]
