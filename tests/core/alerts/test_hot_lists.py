"""Hot lists: nobody's list is refused; files are taken line by line, bad lines by number."""

import pytest
from alert_hub import NOON, Hub, read

from watchfloor.contracts import GiveUp, NotFound, Refused, micros
from watchfloor.ports.store import HotList


def terms(**changed):
    return HotList(
        **{"id": "stolen", "name": "Stolen", "owner": "Example PD", "reason": "Theft",
           "changed": 0, **changed}
    )  # fmt: skip


@pytest.fixture
async def lists(hub):
    await hub.open()
    await hub.alerts.hot_lists.put(terms())
    return hub


@pytest.mark.parametrize(
    "changed",
    [{"owner": " "}, {"reason": ""}, {"name": ""}, {"severity": "urgent"}, {"id": "Bad Id"}],
)
async def test_a_list_nobody_answers_for_is_refused(memory_hub, changed):
    with pytest.raises(Refused):
        await memory_hub.alerts.hot_lists.put(terms(**changed))
    assert await memory_hub.alerts.hot_lists.all() == []


async def stored(hub):
    return [entry async for _, entries in hub.store.alerts.entries() for entry in entries]


async def test_a_file_replaces_the_entries_and_is_in_force_at_once(lists):
    report = await lists.alerts.hot_lists.import_csv(
        "stolen",
        "\ufeffReason,Plate,Expires,Region,Officer\r\n"
        "Theft,zzt-0001,2026-05-03,us-la,x\r\n"
        '"Robbery, armed",ZZT 0002,2026-05-02T12:00:01+00:00,,x\r\n'
        "\r\n,ZZT0003,,,\r\n",
        "Casey Admin",
    )
    assert (report.taken, report.bad, report.expired) == (3, 0, 0)
    assert sorted(await stored(lists)) == [
        ("ZZT0001", "US-LA", "Theft", micros("2026-05-04T00:00:00Z")),
        ("ZZT0002", None, "Robbery, armed", NOON + 1_000_000),
        ("ZZT0003", None, None, None),
    ]
    assert (await lists.alerts.hot_lists.get("stolen")).entries == 3
    alerts = await lists.route(read("ZZT0001", region="US-LA"), read("ZZT1234"), read("ZZT0003"))
    assert [alert.events for alert in alerts] == [[1], [3]]
    await lists.alerts.hot_lists.import_csv("stolen", "plate\nZZT1234", "Casey Admin")
    alerts = await lists.route(read("ZZT0001"), read("ZZT1234"))
    assert [alert.events for alert in alerts] == [[1], [3], [5]]


async def test_bad_lines_are_named_by_number_and_reason_never_by_what_they_hold(lists):
    report = await lists.alerts.hot_lists.import_csv(
        "stolen",
        "plate,region,reason,expires\n"
        "ZZT0001,,,\n"
        "--,,,\n"
        "ZZT0002,Louisiana,,\n"
        "ZZT0003,,,tomorrow\n"
        "ZZT0004,,,2026-05-02T12:00:00\n"
        f"ZZT{'0' * 40},,,\n"
        "ZZT0005\n"
        f"ZZT0006,,{'x' * 1025},\n"
        "ZZT0007,,,2020-01-01\n"
        "ZZT0008,,,\nZZT0009,,,\nZZT0010,,,\nZZT00?1,,,\nZZT0011,,,\n",
        "Casey Admin",
    )
    assert (report.taken, report.bad, report.expired) == (7, 7, 1)
    assert [(bad.line, bad.reason) for bad in report.bad_lines] == [
        (3, "no plate"),
        (4, "the region is not one of ISO 3166-2, such as US-LA"),
        (5, "expires is neither a date nor a time with its offset"),
        (6, "expires is neither a date nor a time with its offset"),
        (7, "the plate is longer than 32 characters"),
        (9, "the reason is longer than 1024 characters"),
        (14, "a plate on a list is written whole"),
    ]


@pytest.mark.parametrize("text", ["", "number;region\nZZT1;x", "plate\n-\n-\nZZT1\n"])
async def test_the_wrong_file_changes_nothing(lists, text):
    await lists.alerts.hot_lists.import_csv("stolen", "plate\nZZT0001\n", "Casey Admin")
    with pytest.raises(GiveUp):
        await lists.alerts.hot_lists.import_csv("stolen", text, "Casey Admin")
    assert [entry.plate for entry in await stored(lists)] == ["ZZT0001"]


async def test_an_import_is_on_the_ledger_without_plates(lists):
    await lists.alerts.hot_lists.import_csv("stolen", "plate\nZZT0001\n", "Casey Admin")
    [note] = await lists.store.ledger.notes("hot_list_imported", 10)
    assert (note["who"], note["what"]) == ("Casey Admin", {"list": "stolen", "taken": 1, "bad": 0})


async def test_entries_of_an_unknown_list_are_not_found(lists):
    with pytest.raises(NotFound):
        await lists.alerts.hot_lists.import_csv("nowhere", "plate\nZZT0001\n", "Casey Admin")


async def test_a_plain_date_lasts_to_the_end_of_that_day_where_the_hub_is(memory_hub):
    from zoneinfo import ZoneInfo

    hub = Hub(memory_hub.store, memory_hub.clock, zone=ZoneInfo("America/Chicago"))
    await hub.alerts.hot_lists.put(terms())
    await hub.alerts.hot_lists.import_csv("stolen", "plate,expires\nZZT1,2026-03-08\n", "Casey")
    [entry] = await stored(hub)
    assert entry.expires == micros("2026-03-09T00:00:00-05:00")
