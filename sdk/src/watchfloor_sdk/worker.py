"""The worker process: ``python -m watchfloor_sdk.worker <connector-id>``.

Standard input and output belong to the protocol. A vendor's ``print`` goes to standard error
instead, and whoever reads standard input gets nothing.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import sys

from .finding import find
from .loops import ConnectorFailed
from .peer import Peer
from .service import Service

EX_SOFTWARE = 70
"""Exit status when the connector failed too often (sysexits.h)."""
EX_PROTOCOL = 76
"""Exit status when the hub's lines make no sense (sysexits.h)."""
PIPE_BYTES = 1024 * 1024


def take_stdio() -> tuple[int, int]:
    """Private copies of the protocol's two pipes; 0 and 1 then lead elsewhere."""
    incoming, outgoing = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return incoming, outgoing


async def connect(incoming: int, outgoing: int) -> Peer:
    """Pipes as streams. A line may be as long as the protocol allows."""
    from watchfloor.contracts.protocol import MAX_LINE

    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=MAX_LINE)
    await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(incoming, "rb", 0)
    )
    _widen(outgoing)
    transport, protocol = await loop.connect_write_pipe(
        lambda: asyncio.streams.FlowControlMixin(), os.fdopen(outgoing, "wb", 0)
    )
    return Peer(reader, asyncio.StreamWriter(transport, protocol, reader, loop))


def _widen(pipe: int) -> None:
    try:
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    except (OSError, AttributeError):
        return  # a smaller pipe is slower, and right all the same


async def serve(connector_id: str, incoming: int, outgoing: int) -> int:
    """Work until the hub says stop or goes away. Answers the exit status."""
    peer = await connect(incoming, outgoing)
    service = Service(peer, lambda: find(connector_id))
    try:
        await service.run()
    except ConnectorFailed as error:
        service.log("error", str(error))
        await peer.flush()
        return EX_SOFTWARE
    except (ValueError, ConnectionError) as error:
        print(f"The line to the hub broke: {type(error).__name__}.", file=sys.stderr)
        return EX_PROTOCOL
    return 0


def main() -> None:
    """The command."""
    if len(sys.argv) != 2:
        sys.exit("Usage: python -m watchfloor_sdk.worker <connector-id>")
    incoming, outgoing = take_stdio()
    status = asyncio.run(serve(sys.argv[1], incoming, outgoing))
    # Without this, threads that a vendor left behind could keep the process alive.
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    main()
