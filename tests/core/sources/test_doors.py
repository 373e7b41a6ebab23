"""A webhook is checked by the secret and the recipe that are set now."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

from watchfloor.contracts import CredentialDeclaration, Refused, WebhookRecipe
from watchfloor.ports.store import Instance
from watchfloor.sources import Sources

RECIPE = WebhookRecipe(algorithm="shared-token", header="x-token", credential="token")
TOKEN = CredentialDeclaration(name="token", kind="token", title="Token")


async def nothing(*_args, **_more):
    """Done."""


class Keyring:
    """Of one secret; reading takes until ``go`` is set."""

    def __init__(self):
        self.secret, self.go, self.asked = "old", asyncio.Event(), asyncio.Event()
        self.go.set()

    async def get(self, owner, name):
        found = {"token": self.secret}
        self.asked.set()
        await self.go.wait()
        return found

    async def names(self, owner):
        return ["token"]

    async def set(self, owner, declared, value, by):
        self.secret = value["token"]


@pytest.fixture
def keyring():
    return Keyring()


@pytest.fixture
def manifest():
    return SimpleNamespace(id="toy", recipes=[RECIPE], defaults={}, credentials=[TOKEN])


@pytest.fixture
async def sources(keyring, manifest):
    async def all_():
        return [Instance("gate", "toy", "Gate", {})]

    made = Sources(
        store=SimpleNamespace(instances=SimpleNamespace(all=all_)),
        clock=None,
        secrets=keyring,
        credentials=keyring,
        catalogue=SimpleNamespace(manifest=lambda _: manifest),
        supervisor=SimpleNamespace(apply=nothing, restart=nothing),
        ingest=SimpleNamespace(totals={}),
        gaps=None,
        assets=None,
    )
    await made.open()
    return made


async def knock(sources, word, header="x-token"):
    (await sources.door("gate")).check({header: word}, b"{}", 0)


async def test_a_new_secret_counts_though_a_webhook_came_while_it_was_set(sources, keyring):
    keyring.go.clear()
    knocking = asyncio.create_task(knock(sources, "old"))
    await keyring.asked.wait()
    await sources.set_credential("gate", "token", {"token": "new"}, "Alex")
    keyring.go.set()
    await knocking
    await knock(sources, "new")
    with pytest.raises(Refused):
        await knock(sources, "old")


async def test_after_an_upgrade_the_new_recipe_counts(sources, manifest):
    await knock(sources, "old")
    manifest.recipes = [WebhookRecipe(algorithm="shared-token", header="x-v2", credential="token")]
    await sources.restart("gate")
    await knock(sources, "old", header="x-v2")
    with pytest.raises(Refused):
        await knock(sources, "old")
