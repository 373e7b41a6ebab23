"""``watchfloor oversight`` with a running hub."""

from __future__ import annotations


async def test_the_weekly_review_from_the_command_line(run, api):
    for _ in range(3):
        await api.lines("/search", q="plate:ZZT1234")
    swept = await run("oversight", "sweep", "--json")
    assert (swept.code, swept.lines) == (0, [{"new": 1}])
    standing = await run("oversight", "standing")
    assert standing.out == "1 reviews wait, none overdue; 0 are signed.\n"
    assert (await run("oversight", "reviews")).out == "No such reviews.\n", "nobody sees their own"


async def test_a_folder_without_a_log_is_no_proof(run, tmp_path):
    found = await run("oversight", "redraw", "--log", str(tmp_path), "--json")
    assert found.code == 2
    assert found.error["code"] == "not_found"
