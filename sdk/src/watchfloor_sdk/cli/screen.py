"""Shows what a worker sends to the hub double, as it comes: lines for people, or JSON."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any

import msgspec

from watchfloor.contracts import schemas
from watchfloor.contracts.protocol import Problem
from watchfloor_sdk.testing import HubDouble

from .output import out, plain, print_json


class Screen:
    """``refresh`` prints what is new since the last time."""

    def __init__(self, hub: HubDouble, as_json: bool) -> None:
        self._hub = hub
        self._json = as_json
        self._shown: dict[str, int] = {}
        self._assets: dict[str, Any] = {}
        self._problem: Problem | None = None

    @property
    def events(self) -> int:
        """How many events were shown."""
        return self._shown.get("events", 0)

    def refresh(self) -> None:
        """Print what has come."""
        hub = self._hub
        for line in self._new("logged", hub.logged):
            self._say({"log": line}, f"[dim]{line.level}: {plain(line.message)}[/]")
        for beat in self._new("heartbeats", hub.heartbeats):
            self._show_problem(beat.problem)
        for asset in hub.assets.values():
            self._show_asset(asset)
        for event in self._new("events", hub.events.values()):
            self._show_event(event)
        for record in self._new("rejected", hub.rejected):
            self._say(
                {"dead_letter": record},
                f"[yellow]dead letter[/] {plain(record.code)}: {plain(record.detail)}",
            )

    def total(self) -> None:
        """The last line."""
        counts = {
            "events": self.events,
            "repeated": self._hub.repeats,
            "assets": len(self._assets),
            "dead_letters": len(self._hub.rejected),
        }
        words = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items())
        self._say({"total": counts}, f"\n{words}.")

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
        if problem == self._problem:
            return
        self._problem = problem
        if problem is None:
            self._say({"problem": None}, "[green]The problem is over.[/]")
        else:
            words = f"{plain(problem.detail)} {plain(problem.remedy)}".strip()
            self._say({"problem": problem}, f"[red]problem[/] {words} [dim]({problem.code})[/]")

    def _say(self, document: Mapping[str, Any], line: str) -> None:
        if self._json:
            print_json(msgspec.to_builtins(document))
        else:
            out.print(line, soft_wrap=True)


def _words(data: Mapping[str, Any]) -> str:
    """``camera SIM-3, status offline``: what is in a record, in one line."""
    said = (f"{plain(name)} {plain(_short(value))}" for name, value in data.items())
    return ", ".join(said)


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text if len(text) <= 60 else text[:59] + "…"
