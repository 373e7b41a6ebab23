"""What requests came to: each counted once, in every table."""

import io
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from watchfloor.contracts import GiveUp, micros
from watchfloor.ports.store import Counted, PastOutcome
from watchfloor.requests import Columns, NewRequest, figures_of, read_past

CHICAGO = ZoneInfo("America/Chicago")
COLUMNS = Columns(
    opened="When", outcome="Came of it", outcomes={"Yes": "found", "No": "not_found"},
    agency="Who", time_format="%m/%d/%Y %H:%M",
)  # fmt: skip


def test_each_table_sums_to_the_total():
    new_year = round(datetime(2026, 1, 1, 3, tzinfo=UTC).timestamp() * 1_000_000)
    figures = figures_of(
        [
            Counted(new_year, "done", "found", "wanted_person", "next-pd", "phone", False),
            Counted(new_year, "open", None, "wanted_person", None, "phone", False),
            Counted(new_year, "cancelled", None, None, None, "form", False),
            Counted(new_year, "done", None, None, None, None, True),
        ],
        CHICAGO,
    )
    assert (figures.total, figures.imported) == (4, 1)
    assert figures.outcomes == {"cancelled": 1, "found": 1, "open": 1, "unknown": 1}
    assert figures.purposes["wanted_person"] == {"found": 1, "open": 1}
    assert figures.agencies["unknown"] == {"cancelled": 1, "open": 1, "unknown": 1}
    assert list(figures.months) == ["2025-12"], "three in the morning in London is last year here"
    for table in (figures.purposes, figures.agencies, figures.channels, figures.months):
        assert sum(sum(each.values()) for each in table.values()) == 4


@pytest.mark.parametrize("opened", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
@pytest.mark.parametrize("zone", ["America/Chicago", "Asia/Tokyo"])
def test_a_moment_that_clocks_here_cannot_show_takes_no_figures_down(opened, zone):
    past = Counted(micros(opened), "done", "found", None, None, None, True)
    assert list(figures_of([past], ZoneInfo(zone)).months) == [opened[:7]]


async def test_the_desks_own_figures(desk, casey, clock, live_call):
    for outcome in ("found", "found", "not_used"):
        asked = NewRequest(purpose="in_progress_call", asked="Where?", number=live_call)
        request = await desk.open(asked, casey)
        await desk.answer(request.id, casey, "There", outcome)
    await desk.outcomes.put_past("2022", [PastOutcome(clock.now(), "found")])
    figures = await desk.outcomes.figures(clock.now(), clock.now() + 1)
    assert figures.outcomes == {"found": 3, "not_used": 1}
    assert (figures.total, figures.imported) == (4, 1)


def test_a_file_is_read_by_the_columns_that_are_named():
    rows = read_past(io.StringIO("When,Came of it,Who\n1/1/2022 1:07,Yes,\n"
                                 "7/1/2022 0:00,,next-pd\n"), COLUMNS, CHICAGO)  # fmt: skip
    assert list(rows) == [
        ("2022-01-01T07:07:00.000Z", "found", None, None, None),
        ("2022-07-01T05:00:00.000Z", None, None, "next-pd", None),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("When,Who\n", "'Came of it'"),
        ("When,Came of it,Who\n2022-01-01,Yes,\n", "Line 2: column 'When'"),
        ("When,Came of it,Who\n1/1/2022 1:07,Yes,\n1/1/2022 1:07,Maybe,\n", "Line 3"),
    ],
)
def test_a_file_that_cannot_be_read_whole_is_refused_at_its_line(text, said):
    with pytest.raises(GiveUp) as refused:
        list(read_past(io.StringIO(text), COLUMNS, CHICAGO))
    assert refused.value.code == "bad_import"
    assert said in refused.value.detail
    assert "Maybe" not in refused.value.detail, "what a file holds may be personal"
