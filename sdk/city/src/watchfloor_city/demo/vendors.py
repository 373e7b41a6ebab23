"""The vendor systems of a demo city, in a process of their own.

Reads one JSON line with the plan, answers one JSON line with how each source is to be configured,
then reads where webhooks go and begins. From then on each line it prints is a notice for the
screen. Ends with its input.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from watchfloor_city import DataClock, QuietSkipped, hot_list, pace
from watchfloor_sdk.simulation import Simulator

from .cast import Role, cast
from .story import SYNTHETIC_CITY, Plan, tell

NOTICE_EVERY_S = 5.0
HOT_LIST = 200


async def main() -> None:
    """Run until the input closes."""
    lines = await _input()
    plan = Plan(**json.loads(await lines.readline()))
    city = plan.build()
    async with AsyncExitStack() as stack:
        players = [await _enter(role, stack) for role in cast(city)]
        start = datetime.now(UTC)
        wanted = hot_list(city, plan.day_seed(start), HOT_LIST, start)
        _say({
            "title": city.title, "timezone": city.timezone, "bounds": city.bounds,
            "basemap": city.basemap(), "sources": [source for _, _, source in players],
            "hot_list": [
                {"plate": w.plate, "region": w.region, "reason": w.reason,
                 "expires": w.expires.isoformat()} for w in wanted
            ],
        })  # fmt: skip
        hooks = json.loads(await lines.readline())["hooks"]
        for role, simulator, _ in players:
            simulator.push_to(f"{hooks}/{role.id}")
        story = tell(plan, city, start)
        stack.callback(asyncio.create_task(_notices(plan, story.clocks)).cancel)
        playing = asyncio.create_task(_play(story.timeline, players))
        stack.callback(playing.cancel)
        ended = asyncio.create_task(lines.read())
        await asyncio.wait({playing, ended}, return_when=asyncio.FIRST_COMPLETED)
        if playing.done():
            playing.result()


async def _enter(role: Role, stack: AsyncExitStack) -> tuple[Role, Simulator, dict[str, Any]]:
    simulator = role.simulator()
    setup = asdict(await simulator.start())
    stack.push_async_callback(simulator.stop)
    source = {
        **setup, "id": role.id, "name": role.name, "synthetic": role.synthetic,
        "config": {**setup["config"], **role.config},
    }  # fmt: skip
    return role, simulator, source


async def _play(timeline: Any, players: list[tuple[Role, Simulator, Any]]) -> None:
    async for batch in pace(timeline):
        for happening in batch:
            if isinstance(happening, QuietSkipped):
                continue
            for role, simulator, _ in players:
                if role.notices(happening):
                    simulator.feed(happening)


async def _notices(plan: Plan, clocks: Mapping[str, DataClock]) -> None:
    """Tell the screen what is real, what is not, and where in the data the replay is."""
    before = ""
    while True:
        text = _notice(plan, clocks)
        if text != before:
            _say({"banner": text})
            before = text
        await asyncio.sleep(NOTICE_EVERY_S)


def _notice(plan: Plan, clocks: Mapping[str, DataClock]) -> str:
    if plan.city == SYNTHETIC_CITY:
        return "Training: this city, its people, plates and calls are all made up."
    dataset, clock = next(iter(clocks.items()))
    now = datetime.now(UTC)
    skipped = clock.skipped(now)
    words = [
        f"Replay of {dataset.replace('-', ' ')} at {plan.speed:g} times speed: "
        f"{clock.data_time(now):%d %b %Y %H:%M} UTC in the data"
    ]
    if skipped:
        words.append(f"{_hours(skipped.total_seconds())} of quiet skipped")
    words.append("police units and plate reads are synthetic")
    return "; ".join(words) + "."


def _hours(seconds: float) -> str:
    hours, minutes = divmod(int(seconds) // 60, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min"


def _say(document: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


async def _input() -> asyncio.StreamReader:
    reader = asyncio.StreamReader(limit=2**24)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return reader


if __name__ == "__main__":
    asyncio.run(main())
