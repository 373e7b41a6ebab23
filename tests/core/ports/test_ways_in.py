"""The books of sessions, of tokens and of break-glass accounts: what is written is found again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from watchfloor.ports.store import KeptSession, KnownHandle, LocalAccount, ServiceToken

SESSION = KeptSession(id="s-1", digest="d" * 64, under="rules", body='{"id":"s-1"}')
TOKEN = ServiceToken(
    id="T-1", digest="d" * 64, holder="Example Co", permission="data:bring", source="push-1",
    made=1, made_by="kim", until=9,
)  # fmt: skip
ACCOUNT = LocalAccount(
    id="night", name="Night Desk", role="supervisor", salt="00", hash="11", rounds=600_000,
    made=1, made_by="idp|kim", maker="kim",
)  # fmt: skip
HANDLE = KnownHandle(id="kim", handle="Kim", person="idp|1", seen=1)


async def test_sessions_are_written_and_ended_in_one_step(stores):
    store = await stores()
    other = replace(SESSION, id="s-2", digest="e" * 64)
    await store.sessions.write([SESSION, other], [])
    await store.sessions.write([replace(SESSION, body="{}")], ["s-2", "s-9"])
    await store.close()
    assert await (await stores()).sessions.all() == [replace(SESSION, body="{}")]


@pytest.mark.parametrize(
    ("book", "row", "became"),
    [
        ("tokens", TOKEN, replace(TOKEN, revoked=5, revoked_by="leo")),
        ("local_accounts", ACCOUNT, replace(ACCOUNT, enabled=2, enabled_by="idp|leo", failures=5)),
        ("handles", HANDLE, replace(HANDLE, person="idp|2", seen=5)),
    ],
    ids=["tokens", "local_accounts", "handles"],
)
async def test_what_became_of_one_outlasts_a_restart(stores, book, row, became):
    store = await stores()
    await getattr(store, book).put(row)
    await getattr(store, book).put(became)
    newer = replace(row, id="a newer one", **({"made": 2} if hasattr(row, "made") else {}))
    await getattr(store, book).put(newer)
    await store.close()
    assert await getattr(await stores(), book).all() == [newer, became]
