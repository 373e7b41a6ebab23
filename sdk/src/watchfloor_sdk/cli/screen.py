"""Shows what a worker sends to the hub double, as it comes: lines for people, or JSON."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any

import msgspec

from watchfloor.contracts import (
    ActionReceipt,
    ActionRequest,
    LookupAnswer,
    LookupRequest,
    WatchfloorError,
    schemas,
)
from watchfloor.contracts.protocol import Problem
from watchfloor_sdk.simulation import HttpSimulator, Simulator
from watchfloor_sdk.testing import HubDouble

from .output import out, plain, print_json


class Screen:
    """``refresh`` prints what is new since the last time; of events ``most`` in all, where that is
    said."""

    def __init__(
        self, hub: HubDouble, simulator: Simulator, as_json: bool, most: int | None = None
    ) -> None:
        self._hub = hub
        self._most = most
        self._played = simulator.faults.played if isinstance(simulator, HttpSimulator) else []
        self._json = as_json
        self._shown: dict[str, int] = {}
        self._assets: dict[str, Any] = {}
        self.problem: Problem | None = None
        self._answers = 0

    @property
    def shown(self) -> int:
        """How many events, answers and receipts were shown."""
        return self._shown.get("events", 0) + self._answers

    def refresh(self) -> None:
        """Print what has come."""
        hub = self._hub
        for fault in self._new("faults", self._played):
            self._say({"fault": fault}, f"[magenta]fault[/] {plain(fault)}")
        for line in self._new("logged", hub.logged):
            self._say({"log": line}, f"[dim]{line.level}: {plain(line.message)}[/]")
        for beat in self._new("heartbeats", hub.heartbeats):
            self._show_problem(beat.problem)
        for asset in hub.assets.values():
            self._show_asset(asset)
        for event in self._new("events", islice(hub.events.values(), self._most)):
            self._show_event(event)
        for record in self._new("rejected", hub.rejected):
            self._say(
                {"dead_letter": record},
                f"[yellow]dead letter[/] {plain(record.code)}: {plain(record.detail)}",
            )

    def total(self) -> None:
        """The last line."""
        counts = {
            "events": self._shown.get("events", 0),
            "repeated": self._hub.repeats,
            "assets": len(self._assets),
            "answers": self._answers,
            "dead_letters": len(self._hub.rejected),
        }
        come = {name.replace("_", " "): count for name, count in counts.items() if count}
        words = ", ".join(f"{count} {name}" for name, count in come.items())
        self._say({"total": counts}, f"\n{words or 'Nothing came'}.")

    def answered(self, question: LookupRequest, answer: LookupAnswer) -> None:
        """Print how a look-up ended, and what it found."""
        self._answers += 1
        detail = f": {plain(answer.detail)}" if answer.detail else ""
        asked = f"{plain(question.offer)} of {plain(question.subject)}"
        lines = [f"look-up   [bold]{asked}[/]  {answer.status}{detail}"]
        lines += [f"          {plain(r.id):<16}  {plain(r.title)}" for r in answer.results]
        self._say({"lookup": question, "answer": answer}, "\n".join(lines))

    def done(self, order: ActionRequest, receipt: ActionReceipt) -> None:
        """Print what became of an action."""
        self._answers += 1
        what = ", ".join(filter(None, (receipt.reference, receipt.detail)))
        self._say(
            {"action": order, "receipt": receipt},
            f"action    [bold]{plain(order.action)}[/]  {_words(order.parameters)}  "
            f"[bold]{receipt.outcome}[/] {plain(what)}",
        )

    def failed(self, error: WatchfloorError) -> None:
        """Print why a request came to nothing."""
        self._answers += 1
        problem = Problem(code=error.code, detail=error.detail, remedy=error.remedy)
        self._say({"error": problem}, f"[red]failed[/] {_problem_words(problem)}")

    def _new(self, name: str, things: Any) -> list[Any]:
        fresh = list(islice(things, self._shown.get(name, 0), None))
        self._shown[name] = self._shown.get(name, 0) + len(fresh)
        return fresh

    def _show_event(self, event: Mapping[str, Any]) -> None:
        kind = event["type"].removeprefix("watchfloor.").rpartition(".")[0]
        self._say(
            {"event": event},
            f"{event['time'][11:19]}  [bold]{plain(kind):<18}[/]  {plain(event['id']):<16}  "
            f"{_words(event['data'])}",
        )
        self._show_misfit("event", event)

    def _show_asset(self, asset: Mapping[str, Any]) -> None:
        if self._assets.get(asset["id"]) == asset:
            return
        self._assets[asset["id"]] = asset
        own = {name: value for name, value in asset.items() if name not in ("id", "kind", "source")}
        self._say(
            {"asset": asset},
            f"asset     [bold]{plain(asset['kind']):<18}[/]  {plain(asset['id']):<16}  "
            f"{_words(own)}",
        )
        self._show_misfit("asset", asset)

    def _show_misfit(self, schema: str, document: Mapping[str, Any]) -> None:
        for reason in schemas.explain(schema, document):
            self._say(
                {"misfit": {"id": document["id"], "reason": reason}},
                f"[red]The hub would refuse it: {plain(reason)}[/]",
            )

    def _show_problem(self, problem: Problem | None) -> None:
        if problem == self.problem:
            return
        self.problem = problem
        if problem is None:
            self._say({"problem": None}, "[green]The problem is over.[/]")
        else:
            self._say({"problem": problem}, f"[red]problem[/] {_problem_words(problem)}")

    def _say(self, document: Mapping[str, Any], line: str) -> None:
        if self._json:
            print_json(msgspec.to_builtins(document))
        else:
            out.print(line, soft_wrap=True)


def _problem_words(problem: Problem) -> str:
    words = f"{plain(problem.detail)} {plain(problem.remedy)}".strip()
    return f"{words} [dim]({plain(problem.code)})[/]"


def _words(data: Mapping[str, Any]) -> str:
    """``camera SIM-3, status offline``: what is in a record, in one line."""
    said = (f"{plain(name)} {plain(_short(value))}" for name, value in data.items())
    return ", ".join(said)


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text if len(text) <= 60 else text[:59] + "…"
