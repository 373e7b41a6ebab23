"""The vendor systems of a demo city, in a process of their own.

Reads one JSON line with the plan, answers one JSON line with how each source is to be configured,
then reads where webhooks go and begins. From then on each line it prints is a notice for the
screen. Ends with its input.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from watchfloor_city import City, DataClock, QuietSkipped, hot_list, pace
from watchfloor_sdk.simulation import Simulator

from .cast import Role, cast
from .residents import districts, population
from .story import SYNTHETIC_CITY, WORDS, Plan, tell

HOT_LIST = 200
VENDORS_OWN = 20
"""So many of them are on a vendor's own hot list as well."""


async def main() -> None:
    """Run until the input closes."""
    lines = await _input()
    plan = Plan(**json.loads(await lines.readline()))
    city = plan.build()
    async with AsyncExitStack() as stack:
        ports = plan.ports
        start = datetime.now(UTC)
        wanted = hot_list(city, plan.day_seed(start), HOT_LIST, start)
        roles = cast(city, [each.plate for each in wanted[:VENDORS_OWN]])
        players = [await _enter(role, ports.get(role.id, 0), stack) for role in roles]
        _say({
            "title": city.title, "timezone": city.timezone, "bounds": city.bounds,
            "basemap": city.basemap(), "districts": districts(city),
            "population": population(city), "sources": [source for _, _, source in players],
            "hot_list": [
                {"plate": w.plate, "region": w.region, "reason": w.reason,
                 "expires": w.expires.isoformat()} for w in wanted
            ],
        })  # fmt: skip
        if not (answer := await lines.readline()):
            return  # the hub did not come up, and says why
        hooks = json.loads(answer)["hooks"]
        for role, simulator, _ in players:
            simulator.push_to(f"{hooks}{role.id}")
        story = tell(plan, city, start)
        _say({"banner": notice(plan, city, story.clocks, start)})
        playing = asyncio.create_task(_play(story.timeline, players))
        stack.callback(playing.cancel)
        ended = asyncio.create_task(lines.read())
        await asyncio.wait({playing, ended}, return_when=asyncio.FIRST_COMPLETED)
        if playing.done():
            playing.result()


async def _enter(
    role: Role, port: int, stack: AsyncExitStack
) -> tuple[Role, Simulator, dict[str, Any]]:
    simulator = role.simulator()
    port = _usable(port)
    setup = asdict(await simulator.start(port=port))
    stack.push_async_callback(simulator.stop)
    source = {
        **setup, "id": role.id, "name": role.name, "synthetic": role.synthetic,
        "config": {**setup["config"], **role.config}, "port": port,
    }  # fmt: skip
    return role, simulator, source


def _usable(port: int) -> int:
    """This port on loopback, or another where somebody else has it by now."""
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind(("127.0.0.1", port))
        except OSError:
            return _usable(0)
        return int(tried.getsockname()[1])


async def _play(timeline: Any, players: list[tuple[Role, Simulator, Any]]) -> None:
    async for batch in pace(timeline):
        for happening in batch:
            if isinstance(happening, QuietSkipped):
                continue
            for role, simulator, _ in players:
                if role.notices(happening):
                    simulator.feed(happening)


def notice(plan: Plan, city: City, clocks: Mapping[str, DataClock], start: datetime) -> str:
    """The banner, on top of every screen: what is real, what is not, and from when on, in the
    city's own time. Said once: each change of a banner is one of a setting, and on record."""
    if plan.city == SYNTHETIC_CITY:
        return "Training: this city, its people, plates and calls are all made up."
    clock = next(iter(clocks.values()))
    there = clock.data_time(start).astimezone(ZoneInfo(city.timezone))
    real, made_up = WORDS[plan.city]
    quiet = ", long stretches of quiet skipped" if clock.skips else ""
    return (
        f"Replay at {plan.speed:g} times speed: {real} from {there:%a} {there.day} {there:%b %Y}, "
        f"{there:%H:%M} local time on{quiet}. Synthetic: {made_up}."
    )


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
