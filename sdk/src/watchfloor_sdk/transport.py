"""The HTTP client's connections: made by the ``Network``, so to checked hosts only."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterable

import httpcore2
import httpx2
from anyio.abc import SocketStream
from httpcore2._backends.anyio import AnyIOStream

from .network import Network


class Transport(httpx2.AsyncHTTPTransport):
    """The client's own transport, with connections made by ``network``. ``tls``: other settings
    than the usual ones, such as a client certificate."""

    def __init__(self, network: Network, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(verify=tls or _usual(), trust_env=False)
        # The transport has no parameter for it, the pool has (httpcore2's documented extension).
        self._pool._network_backend = _Checked(self._pool._network_backend, network)


def _usual() -> ssl.SSLContext | bool:
    """With the authorities that the hub says this worker trusts, where the agency has its own."""
    named = os.environ.get("SSL_CERT_FILE")
    return ssl.create_default_context(cafile=named) if named else True


class _Checked(httpcore2.AsyncNetworkBackend):
    """Has the network connect. TLS is put on it by the client, which checks the name."""

    def __init__(self, inner: httpcore2.AsyncNetworkBackend, network: Network) -> None:
        self._inner = inner
        self._network = network

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,  # noqa: ARG002 - the client never sets it
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,  # noqa: ARG002 - the same
    ) -> httpcore2.AsyncNetworkStream:
        """Connect to ``host:port``."""
        try:
            dialled = await self._network.dial(host, port, timeout)
        except TimeoutError:
            raise httpcore2.ConnectTimeout from None
        except OSError as error:
            raise httpcore2.ConnectError(error.strerror or "no connection") from None
        return AnyIOStream(await SocketStream.from_socket(dialled))

    async def sleep(self, seconds: float) -> None:
        """As the backend does."""
        await self._inner.sleep(seconds)
