"""What stands on top of every screen, as that nothing here is real."""

from __future__ import annotations

from hub import hub_here
from staff import signed_in, somebody

from watchfloor.identity import Role

SAM = somebody("sam", Role.SUPERVISOR)
TRAINING = {"text": "TRAINING - nothing here is real", "tone": "training"}


async def set_(running, banner):
    async with signed_in(running, SAM) as sam:
        await sam.send("PUT", "/banner", banner)


async def shown(running):
    async with signed_in(running, SAM) as sam:
        return (await sam.get("/hub"))["banner"]


async def test_it_outlasts_the_hub_s_process_until_it_is_taken_away(tmp_path):
    async with hub_here(tmp_path / "hub") as running:
        assert await shown(running) is None
        await set_(running, TRAINING)
    async with hub_here(tmp_path / "hub") as running:
        assert await shown(running) == TRAINING
        await set_(running, {"text": " "})
    async with hub_here(tmp_path / "hub") as running:
        assert await shown(running) is None
