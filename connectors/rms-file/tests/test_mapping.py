"""What each column of the export becomes, and which rows are refused."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from watchfloor_sdk import AskAPerson, Page
from watchfloor_sdk.finding import find
from watchfloor_sdk.testing import context

CONNECTOR = find("rms-file").connector
HEADER = (
    "item_number,district,location,disposition,signal_type,signal_description,"
    "occurred_date_time,charge_code,charge_description,report_type,year\n"
)
ROW = (
    "Z-00042-26,5,030XX Example Ave,OPEN,67A,AUTO THEFT,5/2/2026 16:14,14 67,THEFT,"
    "Incident Report,2026\n"
)


class Reader:
    """One connector with its checkpoint, as a worker drives it."""

    def __init__(self, path: Path, **settings: Any) -> None:
        self.path = path
        self.connector = CONNECTOR()
        self.ctx = context(CONNECTOR.settings(path=str(path), **settings), source="rms")
        self.checkpoint: Any = None

    async def pages(self) -> list[Page]:
        pages = [page async for page in self.connector.poll(self.ctx, self.checkpoint)]
        if pages:
            self.checkpoint = pages[-1].checkpoint
        return pages

    async def events(self) -> list[Any]:
        return [event for page in await self.pages() for event in page.events]


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    path = tmp_path / "reports.csv"
    path.write_text(HEADER + ROW)
    return Reader(path)


async def test_each_column(reader: Reader):
    (event,) = await reader.events()
    report = event.data
    assert event.subject == "report/Z-00042-26"
    assert event.type == "watchfloor.rms.report.v1"
    assert (report.report_number, report.call_number) == ("Z-00042-26", "Z0004226")
    assert (report.status, report.status_text) == ("open", "OPEN")
    assert (report.offence.code, report.offence.text) == ("67A", "AUTO THEFT")
    assert report.offence.common == "240"
    assert [(charge.code, charge.text) for charge in report.charges] == [("14 67", "THEFT")]
    assert (report.district, report.report_type) == ("5", "Incident Report")
    assert report.place.address == "030XX Example Ave"
    assert report.place.precision is None


async def test_times_are_local_and_whole_minutes_have_an_error(reader: Reader):
    (event,) = await reader.events()
    assert event.time == datetime(2026, 5, 2, 21, 14, tzinfo=UTC)
    assert event.timeerror == 60.0
    assert event.data.occurred == event.time


@pytest.mark.parametrize(
    ("word", "status"),
    [("OPEN", "open"), ("closed", "closed"), ("UNFOUNDED", "closed"), ("?", "unknown"),
     ("", "unknown")],
)  # fmt: skip
async def test_a_disposition_says_whether_the_case_is_live(reader: Reader, word: str, status: str):
    reader.path.write_text(HEADER + ROW.replace("OPEN", word))
    (event,) = await reader.events()
    assert event.data.status == status


async def test_a_report_without_a_charge_has_none(reader: Reader):
    reader.path.write_text(HEADER + ROW.replace("14 67,THEFT", ","))
    (event,) = await reader.events()
    assert event.data.charges == []


async def test_only_what_is_new_is_told(reader: Reader):
    assert len(await reader.events()) == 1
    assert await reader.pages() == []
    with reader.path.open("a") as file:
        file.write(ROW.replace("00042", "00043"))
    (page,) = await reader.pages()
    assert [event.data.report_number for event in page.events] == ["Z-00043-26"]
    assert page.pointers == ["row=2"]
    assert page.raw == (HEADER + ROW.replace("00042", "00043")).encode()


async def test_half_a_line_waits_for_its_other_half(reader: Reader):
    await reader.events()
    with reader.path.open("a") as file:
        file.write(ROW.replace("00042", "00043")[:20])
    assert await reader.events() == []
    with reader.path.open("a") as file:
        file.write(ROW.replace("00042", "00043")[20:])
    assert [event.data.report_number for event in await reader.events()] == ["Z-00043-26"]


async def test_a_last_line_without_an_end_is_told_once_the_file_is_left_alone(reader: Reader):
    reader.path.write_text(HEADER + ROW.rstrip("\n"))
    assert await reader.events() == []
    assert len(await reader.events()) == 1
    assert await reader.pages() == []


async def test_of_a_rewritten_file_the_rows_that_changed_are_told(reader: Reader):
    await reader.events()
    changed = ROW.replace("00042", "00007").replace("OPEN", "CLOSED")
    reader.path.write_text(HEADER + changed + ROW)
    (event,) = await reader.events()
    assert event.data.report_number == "Z-00007-26"


async def test_a_rewritten_file_is_read_anew_and_unchanged_rows_keep_their_ids(reader: Reader):
    (before,) = await reader.events()
    changed = ROW.replace("00042", "00007").replace("OPEN", "CLOSED")
    reader.path.write_text(HEADER + changed + ROW)
    reader.connector = CONNECTOR()  # another worker, which remembers no rows
    ids = [event.id for event in await reader.events()]
    assert len(ids) == 2
    assert before.id in ids


async def test_a_row_that_cannot_be_a_report_is_told_as_such(reader: Reader):
    bad = ROW.replace("5/2/2026 16:14", "yesterday")
    reader.path.write_text(HEADER + bad + "Z-1,5\n" + ROW.replace("Z-00042-26", "") + ROW)
    (page,) = await reader.pages()
    assert len(page.events) == 1
    assert sorted(record.code for record in page.rejected) == [
        "bad_time",
        "bad_width",
        "incomplete",
    ]
    assert bad.encode() in [record.raw for record in page.rejected]


async def test_another_file_is_refused_whole_and_its_missing_columns_are_named(reader: Reader):
    reader.path.write_text("item_number,place\n1,2\n")
    with pytest.raises(AskAPerson, match="'occurred_date_time'") as caught:
        await reader.pages()
    assert caught.value.code == "missing_columns"
    mapping, file = await reader.connector.check(reader.ctx)
    assert mapping.ok
    assert not file.ok


async def test_an_agency_may_bring_a_mapping_of_its_own(tmp_path: Path):
    own = tmp_path / "mine.json"
    own.write_text(
        """{"name": "Example PD", "time_zone": "America/New_York", "time_formats": ["%d.%m.%Y"],
        "sources": [{"name": "reports", "file": "{settings.path}",
          "layout": {"format": "csv", "delimiter": ";"},
          "outputs": [{"event": "report", "id": "{No}#{@hash}", "time": "When",
            "fields": {"report_number": "No", "status": "=unknown", "offence.text": "What"}}]}]}"""
    )
    export = tmp_path / "export.csv"
    export.write_text("No;When;What\n7;02.05.2026;NOISE\n")
    (event,) = await Reader(export, mapping=str(own)).events()
    assert event.data.offence.text == "NOISE"
    assert event.time == datetime(2026, 5, 2, 4, 0, tzinfo=UTC)


async def test_an_own_mapping_that_is_wrong_is_told_with_line_and_field(tmp_path: Path):
    own = tmp_path / "mine.json"
    own.write_text('{"name": "x",\n"sources": [{"name": "a", "file": "f", "outputs": [\n{}]}]}')
    reader = Reader(tmp_path / "export.csv", mapping=str(own))
    with pytest.raises(AskAPerson, match=r"line 3, sources\[0\].outputs\[0\]") as caught:
        await reader.pages()
    assert caught.value.code == "bad_mapping"
