"""``watchfloor request`` with a running hub."""

from __future__ import annotations

import gzip

import pytest

FILE = "When,Came of it\n1/1/2022 1:07,Yes\n7/1/2022 0:00,No\n"
COLUMNS = ("--name", "of-2022", "--opened", "When", "--outcome", "Came of it")
WORDS = ("--found", "Yes", "--not-found", "No", "--time-format", "%m/%d/%Y %H:%M")


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "past.csv.gz"
    path.write_bytes(gzip.compress(FILE.encode()))
    return str(path)


@pytest.mark.usefixtures("api")
async def test_past_outcomes_are_imported_and_counted(run, file):
    imported = await run("request", "import", file, *COLUMNS, *WORDS)
    assert (imported.code, imported.out) == (0, "2 outcomes are counted as of-2022.\n")
    figures = await run("request", "figures", "--until", "2023-01-01T00:00:00Z", "--json")
    assert figures.lines[0]["outcomes"] == {"found": 1, "not_found": 1}
    told = await run("request", "figures", "--until", "2023-01-01T00:00:00Z")
    assert "2 requests, 2 of them imported" in told.out
    assert "2022-07" in told.out


@pytest.mark.usefixtures("api")
async def test_a_file_that_does_not_fit_is_refused_whole(run, file):
    wrong = await run("request", "import", file, *COLUMNS, *WORDS[2:], "--json")
    assert (wrong.code, wrong.error["code"]) == (2, "bad_import")
    figures = await run("request", "figures", "--until", "2023-01-01T00:00:00Z", "--json")
    assert figures.lines[0]["total"] == 0


async def test_the_desk_is_listed(run, api):
    await api.send("POST", "/requests", {"purpose": "training_synthetic_only", "asked": "[b]Try"})
    listed = await run("request", "list")
    assert "[b]Try" in listed.out
    assert "nobody yet" in listed.out
    assert "No such requests." in (await run("request", "list", "--show", "late")).out
