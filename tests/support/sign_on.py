"""Walks through the demo provider's pages as a browser would."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from aiohttp import ClientSession, CookieJar
from yarl import URL


class Visitor:
    """One browser at the provider, with its cookies."""

    def __init__(self) -> None:
        self._session = ClientSession(cookie_jar=CookieJar(unsafe=True))

    async def __aenter__(self) -> Visitor:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def open(self, url: str) -> tuple[int, str, str | None]:
        """Status, text, and where it leads."""
        async with self._session.get(URL(url, encoded=True), allow_redirects=False) as answer:
            return answer.status, await answer.text(), answer.headers.get("Location")

    async def send(self, url: str, form: Mapping[str, str]) -> tuple[int, str, str | None]:
        """The same for a form."""
        async with self._session.post(url, data=form, allow_redirects=False) as answer:
            return answer.status, await answer.text(), answer.headers.get("Location")

    async def sign_in(self, url: str, person: str, answer: str = "touched") -> dict[str, str]:
        """From the hub's departure to what the browser brings back: the query of the callback.
        Who is signed in at the provider is not asked again."""
        _, text, back = await self.open(url)
        if back is None:
            issuer = "{0.scheme}://{0.netloc}".format(urlsplit(url))
            [page] = re.findall(r'name="page" value="([^"]+)"', text)
            await self.send(f"{issuer}/person", {"page": page, "person": person})
            _, text, back = await self.send(f"{issuer}/factor", {"page": page, "answer": answer})
        assert back is not None, text
        return dict(URL(back).query)


async def walk(url: str, person: str, answer: str = "touched") -> dict[str, str]:
    """Sign in with a fresh browser; the query of the callback."""
    async with Visitor() as visitor:
        return await visitor.sign_in(url, person, answer)
