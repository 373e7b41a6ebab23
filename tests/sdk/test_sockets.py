"""A socket that is handed on is closed by exactly one side."""

from __future__ import annotations

import socket

import pytest

from watchfloor_sdk.sockets import handed_on


def test_it_stays_open_for_whoever_gets_it() -> None:
    with handed_on(socket.socket()) as opened:
        pass
    with opened:
        assert opened.fileno() != -1


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_it_is_closed_where_it_is_not_handed_on(error: type[BaseException]) -> None:
    opened = socket.socket()
    with pytest.raises(error), handed_on(opened):
        raise error
    assert opened.fileno() == -1
