"""The witness: cosigns the heads of neighbours' logs (c2sp.org/tlog-witness)."""

from __future__ import annotations

from aiohttp import web

from watchfloor.contracts import WatchfloorError
from watchfloor.web.routes import Answer, Call, Route
from watchfloor.web.server import error_response

MAX_BODY = 64 * 1024
"""Sixty-three hashes and a checkpoint with its signatures are less."""
_TEXT = "text/plain"
_REFUSALS = {
    400: WatchfloorError("This is no old size, proof and checkpoint.", code="bad_note"),
    403: WatchfloorError(
        "The checkpoint is not signed by the key of its log.", code="bad_note_signature"
    ),
    404: WatchfloorError("This hub does not watch that log.", code="no_such_log"),
    422: WatchfloorError(
        "The checkpoint is not shown to carry on from what was cosigned last.", code="log_forked"
    ),
}


async def add_checkpoint(call: Call) -> web.Response:
    """Who asks is known by the log's signature under the checkpoint, and by nothing else."""
    answer = await call.hub.custody.witness.add_checkpoint(call.body)
    if answer.status in _REFUSALS:
        return error_response(answer.status, _REFUSALS[answer.status])
    return web.Response(
        status=answer.status, body=answer.body, headers={"Content-Type": answer.content_type}
    )


ROUTES = (
    Route("POST", "/witness/add-checkpoint", "audit", "Have the head of a neighbour's log cosigned",
          add_checkpoint, session=False, from_elsewhere=True, body=bytes,
          body_content_type=_TEXT, max_body=MAX_BODY,
          answers={200: Answer("The cosignature: a line of a signed note.", None, _TEXT),
                   400: Answer("It is no such request.", {"$ref": "#/components/schemas/Error"}),
                   409: Answer("Which size was cosigned last.", None, "text/x.tlog.size")}),
)  # fmt: skip
