"""The envelope of every answer: ``{"Rsp": {"Status": ..., "Result": ...}}``.

Newer roles write its names with capitals, older ones without (reported). ``Status`` is ``Ok``,
``Fail`` or ``TooManyResults`` (reported): failures come with HTTP status 200.
"""

from __future__ import annotations

from typing import Any

from watchfloor_sdk import AskAPerson, GiveUp, RetryLater
from watchfloor_sdk.answer import Answer


class TooManyResults(GiveUp):
    """The report would be longer than the server lets it be: ask for less time."""

    code = "too_many_results"
    remedy = "Nothing, as long as it is asked for less time; else look at the role's limits."


def result(answer: Answer) -> Any:
    """What was asked for. Raises ``AskAPerson`` (code ``websdk_failed``), ``TooManyResults``, and
    ``RetryLater`` for what is no envelope: a web page, most of all."""
    said = _lower(answer.json())
    envelope = _lower(said.get("rsp"))
    status = str(envelope.get("status", "")).lower()
    if status == "ok":
        return envelope.get("result")
    if status == "toomanyresults":
        raise TooManyResults("Security Center has more rows than it hands out at once.")
    if status == "fail":
        raise _failed(_lower(envelope.get("result") or envelope.get("error")))
    raise RetryLater(
        f"{answer.host} answered without the Web SDK's envelope.",
        code="unreadable_answer",
        remedy="If it stays so, check that base_url leads to the Web SDK role.",
    )


def _failed(why: dict[str, Any]) -> AskAPerson:
    """Its code is a word of the SDK. Its message may hold what was asked about: it is left out."""
    code = str(why.get("sdkerrorcode") or why.get("code") or "")
    named = f": {code}" if code.isalnum() and len(code) <= 64 else ""
    return AskAPerson(
        f"Security Center failed{named}.",
        code="websdk_failed",
        remedy="Check the user's privileges, the application's id and its certificate.",
    )


def _lower(value: Any) -> dict[str, Any]:
    return {str(k).lower(): v for k, v in value.items()} if isinstance(value, dict) else {}
