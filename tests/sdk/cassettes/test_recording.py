"""A connector works against its vendor, and then against what was recorded of it: the same events.
And nothing that must go touches the disk."""

import asyncio
import json

import pytest
from aiohttp import ClientSession
from typer.testing import CliRunner

from watchfloor.contracts import AskAPerson
from watchfloor_sdk.cassettes import Heard, Recorder, read, write
from watchfloor_sdk.cassettes.session import record, replay
from watchfloor_sdk.cassettes.simulator import CassetteSimulator
from watchfloor_sdk.cli.app import app
from watchfloor_sdk.client import Client
from watchfloor_sdk.finding import find
from watchfloor_sdk.testing import run_contract

JSON = {"content-type": "application/json", "set-cookie": "s=hunter2", "x-request-id": "1"}


def heard(url, body, **rest):
    return Heard(json.dumps(body).encode(), JSON, method="GET", url=url, **rest)


@pytest.fixture
def recorder():
    recorder = Recorder(
        "acme",
        config={"base_url": "https://api.vendor.test/v1"},
        credentials={"api_key": {"key": "hunter2hunter2"}},
    )
    first = {
        "reads": [{"id": 1, "plate": "ZZB1234"}],
        "next": "https://api.vendor.test/v1/reads?page_token=tok-1",
    }
    recorder.hear(heard("https://api.vendor.test/v1/reads?since=5", first))
    last = {"reads": [{"id": 2, "plate": "ZZB1234"}], "owner": "Jane Roe"}
    recorder.hear(heard("https://api.vendor.test/v1/reads?page_token=tok-1", last))
    recorder.hear(heard("https://api.vendor.test/v1/plates/ZZB1234", {"error": 1}, status=404))
    recorder.hear(Heard(b'{"plate": "ZZB1234", "detail": "Jane Roe did"}', JSON))
    return recorder


def test_nothing_that_must_go_is_written(recorder, tmp_path):
    path = tmp_path / "acme.json"
    write(recorder.cassette(), path)
    text = path.read_text()
    for secret in ("ZZB1234", "Jane", "Roe", "hunter2", "tok-1", "vendor.test", "cookie"):
        assert secret not in text
    assert text.count("ZZT0001") == 4
    assert read(path) == recorder.cassette()


async def test_answers_come_by_request_and_in_their_order(recorder, tmp_path):
    write(recorder.cassette(), tmp_path / "acme.json")
    simulator = CassetteSimulator(tmp_path / "acme.json")
    setup = await simulator.start()
    base = setup.config["base_url"]
    assert setup.credentials == {"api_key": {"key": "sim-api_key-key"}}

    async with ClientSession() as client:

        async def get(url):
            async with client.get(url) as answer:
                return answer.status, await answer.json() if answer.status == 200 else None

        status, first = await get(f"{base}/reads?since=1790000000")
        assert (status, first["reads"][0]["id"]) == (200, 1)
        _, second = await get(first["next"])
        assert second["reads"][0] == {"id": 2, "plate": "ZZT0001"}
        assert (await get(f"{base}/plates/ZZT0001"))[0] == 404
        _, again = await get(first["next"])
        assert again == second
        assert (await get(f"{base}/never"))[0] == 404
    assert simulator.unheard == ["GET /v1/never"]
    await simulator.stop()


async def test_a_page_that_is_asked_for_again_is_the_same_page(tmp_path):
    """As by a worker that was killed: another page in its place would lose what is on it."""
    recorder = Recorder("acme", config={"base_url": "https://api.vendor.test"})
    for page in (0, 8):
        recorder.hear(heard(f"https://api.vendor.test/reads?after={page}", {"page": page}))
    write(recorder.cassette(), tmp_path / "acme.json")
    simulator = CassetteSimulator(tmp_path / "acme.json")
    base = (await simulator.start()).config["base_url"]
    async with ClientSession() as client:
        for page in (0, 0, 8):
            async with client.get(f"{base}/reads?after={page}") as answer:
                assert await answer.json() == {"page": page}
    await simulator.stop()


async def test_a_replay_makes_the_events_of_the_recording(counter, toys, tmp_path):
    setup = await counter.start()
    for number in range(1, 60):
        counter.feed(number)
    recorder = Recorder("toy-http", config=setup.config, credentials=setup.credentials)
    hub = await record(find("toy-http"), recorder, seconds=1.5, every_s=0.2)
    await counter.stop()
    assert len(hub.events) == 59
    assert Client.observer is None
    write(recorder.cassette(), tmp_path / "toy.json")

    replayed = await replay(find("toy-http"), tmp_path / "toy.json", seconds=10)
    assert replayed.events == hub.events


async def test_the_contract_holds_against_a_cassette(counter, toys, toy_command, tmp_path):
    """The worker is killed on the way, as against any simulator."""
    setup = await counter.start()
    for number in range(1, 200):
        counter.feed(number)
    recorder = Recorder("toy-http", config=setup.config, credentials=setup.credentials)
    await record(find("toy-http"), recorder, seconds=1.5, every_s=0.2)
    await counter.stop()
    path = tmp_path / "toy.json"
    write(recorder.cassette(), path)
    cassette = read(path)
    cassette.events = sorted((await replay(find("toy-http"), path)).events)
    write(cassette, path)

    hub = await run_contract("toy-http", CassetteSimulator(path), [], command=toy_command)
    assert len(hub.events) == 199


async def test_webhooks_are_recorded_and_sent_again(toys, tmp_path, unused_tcp_port):
    config = {"base_url": "http://127.0.0.1:9"}
    recorder = Recorder("toy-http", config=config, credentials={"secret": {"secret": "abcdef"}})
    url = f"http://127.0.0.1:{unused_tcp_port}/hooks/x"

    async def vendor():
        await asyncio.sleep(0.7)
        async with ClientSession() as client:
            for number in (7, 9):
                await client.post(url, json={"read": number}, headers={"X-Signature": "abcdef"})

    sending = asyncio.create_task(vendor())
    hub = await record(find("toy-http"), recorder, seconds=2, every_s=5, port=unused_tcp_port)
    await sending
    assert set(hub.events) == {"read-7", "read-9"}
    write(recorder.cassette(), tmp_path / "toy.json")
    assert "abcdef" not in (tmp_path / "toy.json").read_text()

    replayed = await replay(find("toy-http"), tmp_path / "toy.json", seconds=10)
    assert set(replayed.events) == {"read-7", "read-9"}


async def test_there_is_room_for_so_much_and_the_rest_is_counted(monkeypatch):
    monkeypatch.setattr("watchfloor_sdk.cassettes.recorder.MOST", 2)
    recorder = Recorder("acme")
    for _ in range(5):
        recorder.hear(Heard(b"{}", {}))
    made = recorder.cassette()
    assert (len(made.webhooks), made.left_out) == (2, 3)


def test_a_file_that_is_no_cassette_is_said_to_be_none(tmp_path):
    (tmp_path / "x.json").write_text('{"exchanges": 3}')
    for name in ("x.json", "none.json"):
        with pytest.raises(AskAPerson) as caught:
            read(tmp_path / name)
        assert caught.value.code == "bad_cassette"


async def test_the_command_records(counter, toys, tmp_path):
    setup = await counter.start()
    counter.feed(1)
    (tmp_path / "settings.json").write_text(json.dumps(setup.config))
    (tmp_path / "credentials.json").write_text(json.dumps(setup.credentials))
    said = [
        "record", str(tmp_path / "out.json"), "--connector", "toy-http", "--seconds", "1",
        "--settings", str(tmp_path / "settings.json"),
        "--credentials", str(tmp_path / "credentials.json"), "--json",
    ]  # fmt: skip
    result = await asyncio.to_thread(CliRunner().invoke, app, said)
    await counter.stop()
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert (told["events"], told["replayed"]) == (1, 1)
    assert read(tmp_path / "out.json").events == ["read-1"]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        (["--field", "a=colour"], "bad_field_kind"),
        (["--credentials", "none.json"], "bad_settings_file"),
    ],
)
def test_the_command_says_what_is_wrong(tmp_path, more, code):
    (tmp_path / "settings.json").write_text("{}")
    said = ["record", "x.json", "--connector", "toy-http", "--json", "--settings"]
    result = CliRunner().invoke(app, [*said, str(tmp_path / "settings.json"), *more])
    assert result.exit_code == 4
    assert json.loads(result.stderr)["error"]["code"] == code
