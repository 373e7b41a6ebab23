"""An address that can be put into a browser."""

from __future__ import annotations

import socket

import pytest

from watchfloor.adapters import listening


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
