"""Actions of a declarative connector: what they are told goes out, and a receipt comes back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from msgspec import inspect, structs

from watchfloor.contracts import (
    ActionDeclaration,
    ActionReceipt,
    ActionRequest,
    GiveUp,
    Refused,
    RetryLater,
)
from watchfloor_sdk.alert import DELIVER_ALERT, headline, particulars, read_alert

from .answers import Reader
from .asking import Client, Filler, Named, braces_of, names_in
from .frames import At, Surroundings, Wrong
from .mapper import Scope
from .requests import Action
from .targets import wanted
from .values import pick

if TYPE_CHECKING:
    from watchfloor_sdk.context import Context

_UNCERTAIN = "Whether it was done is not known: look there before you do it again."
_ORDER, _ALERT = ("order.key", "order.requested_by"), ("alert.headline", "alert.text")
"""What every action is told beside its parameters, and what ``deliver-alert`` is told."""


class Deed:
    """One action, ready to be done."""

    def __init__(
        self, action: Action, declared: ActionDeclaration, around: Surroundings, at: At
    ) -> None:
        self._action = action
        self._settings = around.settings
        self._signs = str.maketrans(action.escape)
        self._values = Reader(around, action.values, (*at, "values"), {})
        fields = structs.asdict(action.receipt)
        told = {name: said for name, said in fields.items() if said is not None}
        self._receipt = Reader(around, told, (*at, "receipt"), _receipt_types())
        self._check(declared, at)

    async def done(
        self, ctx: Context[Any], client: Client, request: ActionRequest
    ) -> ActionReceipt:
        """Do it once. Raises what ``ctx.http`` raises and what the answer tells; ``RetryLater``
        only where nothing was done, or where it may be done again."""
        named = self._named(ctx, request)
        self._refuse_missing(named)
        try:
            document, headers = await self._sent(client, named)
        except RetryLater as error:
            if self._action.repeatable or error.code == "rate_limited":
                raise
            detail = f"{_UNCERTAIN} {error.detail}"
            return ctx.receipt(request, outcome="failed", detail=detail)
        scope = Scope(ctx.now(), headers)
        failure = client.judge and client.judge.of_document(document, scope)
        if failure:
            raise failure.error()
        return self._receipted(ctx, request, document, scope)

    async def _sent(self, client: Client, named: Named) -> tuple[Any, Mapping[str, str]]:
        """The decoded answer, where it is read, and its headers."""

        def escaped(name: str) -> Any:
            value = named(name)
            return value if name.startswith("settings.") else _escaped(value, self._signs)

        once, request = not self._action.repeatable, self._action.request
        answer = await client.order(request, Filler(named), Filler(escaped), once=once)
        reads = self._receipt.reads or client.judge is not None
        return (answer.json() if reads else None), answer.headers

    def _receipted(
        self, ctx: Context[Any], request: ActionRequest, document: Any, scope: Scope
    ) -> ActionReceipt:
        try:
            told = self._receipt(document, scope)
        except GiveUp as error:
            return ctx.receipt(request, outcome="failed", detail=f"{_UNCERTAIN} {error.detail}")
        return ctx.receipt(
            request,
            outcome=told.get("outcome") or "done",
            reference=told.get("reference"),
            detail=told.get("detail"),
        )

    def _named(self, ctx: Context[Any], request: ActionRequest) -> Named:
        """What stands for the names of the request's templates."""
        said = told_of(request)
        said["values"] = self._values(said, Scope(ctx.now()))

        def value(name: str) -> Any:
            if name.startswith("settings."):
                return self._settings.get(name.removeprefix("settings."))
            return pick(said, name.split("."))

        return value

    def _refuse_missing(self, named: Named) -> None:
        """An address that lacks a part would be another thing's."""
        request = self._action.request
        for name in names_in(request.path or request.url or ""):
            if named(name) in (None, ""):
                raise Refused(f"It was not told {name}.", code="bad_parameters")

    # --- What the file says of it --------------------------------------------------------------

    def _check(self, declared: ActionDeclaration, at: At) -> None:
        """Names that nothing stands for. Raises ``Wrong``."""
        said = {*_ORDER, *(_ALERT if declared.name == DELIVER_ALERT else ())}
        said |= {f"parameters.{name}" for name in declared.parameters.get("properties", {})}
        parts = {"parameters", *(name.partition(".")[0] for name in said)}
        if odd := sorted(self._values.parts - parts):
            raise Wrong((*at, "values"), f"an action is told no {odd[0]!r}")
        said |= {f"values.{name}" for name in self._action.values}
        said |= {f"settings.{name}" for name in self._settings}
        for name in sorted(braces_of(self._action.request)):
            if ".".join(name.split(".")[:2]) not in said:
                raise Wrong((*at, "request"), f"nothing stands for {{{name}}}")


def told_of(request: ActionRequest) -> dict[str, Any]:
    """All that an action is told, by the names of the mapping file. Raises ``GiveUp``
    (``bad_parameters``) for an alert whose message is none."""
    order = {"key": request.idempotency_key, "requested_by": request.requested_by}
    said: dict[str, Any] = {"parameters": request.parameters, "order": order}
    if request.action == DELIVER_ALERT:
        message = read_alert(request)
        lines = [f"{name}: {text}" for name, text in particulars(message)]
        said["alert"] = {"headline": headline(message), "text": "\n".join(lines)}
    return said


def _escaped(value: Any, signs: Mapping[int, str]) -> Any:
    """Texts, also those in lists and objects, with the signs replaced."""
    if isinstance(value, str):
        return value.translate(signs)
    if isinstance(value, list):
        return [_escaped(one, signs) for one in value]
    if isinstance(value, dict):
        return {name: _escaped(one, signs) for name, one in value.items()}
    return value


def _receipt_types() -> dict[str, inspect.Type]:
    info = inspect.type_info(ActionReceipt)
    assert isinstance(info, inspect.StructType)
    return {field.name: wanted(field.type) for field in info.fields}
