"""The support bundle: facts for whoever helps, and none that is a secret or about a person."""

import io
import json
import zipfile

from hub import api_of, hub_here, session_of
from made_up import call, push_source

from watchfloor.web.support import described

CANARIES = ("ZZT1234", "555-0142", "SIM-SECRET", "Sam Example")


def texts_in(content):
    with zipfile.ZipFile(io.BytesIO(content)) as bundle:
        return {name: bundle.read(name).decode() for name in bundle.namelist()}


async def test_it_holds_facts_and_nothing_of_what_came_in(run, data_dir, tmp_path):
    to = tmp_path / "bundle.zip"
    async with hub_here(data_dir) as hub, api_of(hub.url, session_of(hub)) as api:
        await push_source(api)
        settings = {
            "base_url": "https://lpr.example.org/SIM-SECRET?key=SIM-SECRET",
            "owner": "Sam Example",
        }
        await api.send(
            "PUT",
            "/sources/lpr",
            {"connector": "lpr-rest", "name": "Sam Example", "config": settings},
        )
        await api.send("PUT", "/sources/lpr/credentials/token", {"value": {"token": "SIM-SECRET"}})
        event = call(1)
        event["data"] |= {"plates": ["ZZT1234"], "callback": "+1 555-0142"}
        await api.push("push-1", [event])
        ran = await run("support", "--out", str(to), "--json")
        got = await api.call("GET", "/support-bundle")
        again = await run("support", "--out", str(to), "--json")
    assert ran.lines == [{"written": str(to)}]
    assert again.error["code"] == "not_written"
    texts = texts_in(to.read_bytes())
    assert got.headers["Content-Disposition"].startswith("attachment; ")
    assert set(texts_in(got.body)) == set(texts)
    whole = "".join(texts.values())
    assert [canary for canary in CANARIES if canary in whole] == []
    sources = {each["id"]: each for each in json.loads(texts["sources.json"])}
    assert sources["lpr"]["config"]["base_url"] == "address of lpr.example.org"
    assert sources["push-1"]["events_total"] == 1
    assert json.loads(texts["store.json"])["engine"] == "sqlite"
    assert json.loads(texts["about.json"])["hub"]["timezone"]
    assert "lpr-rest" in {each["id"] for each in json.loads(texts["connectors.json"])}


def test_a_setting_is_described_without_what_it_says():
    assert described(
        {
            "a": ["ZZT1234", 3, True],
            "b": None,
            "c": "http://u:p@x.example.org/p",
            "d": "https://[half",
        }
    ) == {
        "a": ["text of 7 characters", 3, True],
        "b": None,
        "c": "address of x.example.org",
        "d": "text of 13 characters",
    }


async def test_repairs_says_what_to_do_and_exits_with_4(run, data_dir):
    async with hub_here(data_dir):
        assert (await run("repairs")).out.strip() == "Nothing is to be repaired."
    assert (await run("repairs")).code == 5
