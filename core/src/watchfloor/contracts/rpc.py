"""The lines of the worker protocol: JSON-RPC 2.0 (jsonrpc.org/specification), one document a line.

Builds and reads them, and carries our errors across. Pure: who sends and receives is elsewhere.
"""

from __future__ import annotations

from typing import Any

import msgspec

from .errors import AskAPerson, GiveUp, RetryLater, WatchfloorError
from .protocol import Frame, RpcError

INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603

RETRY_LATER = -32001
ASK_A_PERSON = -32002
GIVE_UP = -32003

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Frame).decode


def read(line: bytes) -> Frame:
    """One line. Raises ``msgspec.DecodeError`` when it is not JSON-RPC 2.0."""
    return _decode(line)


def request(id: int, method: str, params: bytes) -> bytes:
    """A request line. ``params`` is encoded already: large ones are encoded once."""
    return b'{"jsonrpc":"2.0","id":%d,"method":"%b","params":%b}\n' % (id, method.encode(), params)


def notification(method: str, params: Any) -> bytes:
    """A line that wants no answer."""
    return b'{"jsonrpc":"2.0","method":"%b","params":%b}\n' % (method.encode(), _encode(params))


def answer(id: int, result: Any) -> bytes:
    """The answer to a request."""
    return b'{"jsonrpc":"2.0","id":%d,"result":%b}\n' % (id, _encode(result))


def failure(id: int, error: WatchfloorError | RpcError) -> bytes:
    """The answer to a request that failed."""
    rpc = error if isinstance(error, RpcError) else to_rpc(error)
    return b'{"jsonrpc":"2.0","id":%d,"error":%b}\n' % (id, _encode(rpc))


def to_rpc(error: WatchfloorError) -> RpcError:
    """Our error as the protocol carries it: the number says what to do next."""
    data: dict[str, Any] = {"code": error.code, "remedy": error.remedy}
    if isinstance(error, RetryLater):
        data["retry_after"] = error.retry_after
        return RpcError(code=RETRY_LATER, message=error.detail, data=data)
    number = ASK_A_PERSON if isinstance(error, AskAPerson) else GIVE_UP
    return RpcError(code=number, message=error.detail, data=data)


def to_error(rpc: RpcError) -> WatchfloorError:
    """The other way. A number that is not ours is a ``GiveUp`` with code ``rpc_error``."""
    data = rpc.data or {}
    code, remedy = str(data.get("code") or "rpc_error"), str(data.get("remedy") or "")
    if rpc.code == RETRY_LATER:
        wait = data.get("retry_after")
        wait = float(wait) if isinstance(wait, int | float) else None
        return RetryLater(rpc.message, code=code, remedy=remedy, retry_after=wait)
    if rpc.code == ASK_A_PERSON:
        return AskAPerson(rpc.message, code=code, remedy=remedy)
    return GiveUp(rpc.message, code=code, remedy=remedy)
