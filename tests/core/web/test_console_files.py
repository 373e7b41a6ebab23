"""The console's files: what carries a hash in its name is kept by browsers, the page never."""

from __future__ import annotations

from aiohttp.test_utils import TestClient, TestServer

from watchfloor.web import ROUTES, make_app


async def test_hashed_files_are_kept_and_the_page_is_not(hub, tmp_path):
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "index-Ab12.js").write_text("0")
    (tmp_path / "index.html").write_text("<!doctype html>")
    app = make_app(hub.hub, ROUTES, tmp_path)
    async with TestClient(TestServer(app)) as client:
        script = await client.get("/assets/index-Ab12.js")
        assert "immutable" in script.headers["Cache-Control"]
        missing = await client.get("/assets/gone.js")
        assert missing.status == 404
        assert "immutable" not in missing.headers.get("Cache-Control", "")
        for path in ("/", "/some/page"):
            page = await client.get(path)
            assert page.headers["Cache-Control"] == "no-cache"
