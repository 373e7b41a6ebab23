"""Look-ups that a worker is at: what it finds is handed on as it comes."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from watchfloor.contracts import LookupAnswer, LookupRequest, LookupResult, rpc
from watchfloor.contracts import protocol as p

from .line import Line

Hear = Callable[[LookupResult], None]

GRACE_S = 2.0
"""Seconds beyond a question's deadline in which the worker still says how it ended."""

_read = msgspec.json.Decoder(LookupResult).decode


class Questions:
    """The open questions of one session. ``source`` is what results must say they come from."""

    def __init__(self, line: Line, source: str) -> None:
        self._line = line
        self._source = source
        self._open: dict[str, Hear] = {}
        self._odd: dict[str, int] = {}
        """How many results of a question could not be taken."""

    async def ask(self, request: LookupRequest, hear: Hear) -> LookupAnswer:
        """Until the worker says how it ended. Whoever stops waiting ends the question at the
        worker as well. Raises ``RetryLater``."""
        self._open[request.id], self._odd[request.id] = hear, 0
        answered = False
        try:
            wait_s = request.deadline_s + GRACE_S
            answer = await self._line.request("lookup", request, LookupAnswer, wait_s)
            answered = True
            return _with_odd(answer, self._odd[request.id])
        finally:
            del self._open[request.id], self._odd[request.id]
            if not answered:
                cancel = p.CancelParams(request=request.id)
                self._line.send(rpc.notification("cancel_lookup", cancel))

    def found(self, news: p.Found) -> None:
        """The worker has found something. What nobody waits for is dropped; what is no result,
        or says that it is another source's, is counted."""
        hear = self._open.get(news.request)
        if hear is None:
            return
        for raw in news.results:
            try:
                result = _read(raw)
            except msgspec.DecodeError:
                self._odd[news.request] += 1
                continue
            if result.source == self._source:
                hear(result)
            else:
                self._odd[news.request] += 1


def _with_odd(answer: LookupAnswer, odd: int) -> LookupAnswer:
    """An answer of which part could not be taken is not whole, whatever the worker says."""
    if not odd or answer.status != "ok":
        return answer
    detail = f"{odd} of its results could not be read."
    return LookupAnswer(request=answer.request, status="partial", detail=detail)
