"""Runs a connector against the hub double: as a real worker process, or in this process."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

import msgspec

from watchfloor.contracts import (
    ActionReceipt,
    ActionRequest,
    AuditLogParams,
    LookupAnswer,
    LookupRequest,
    LookupResult,
    Manifest,
    Sharing,
    UserParams,
    UserSignedInParams,
    UserSignIn,
    UserSignInParams,
    UserSignInState,
    VendorLog,
)
from watchfloor.contracts import protocol as p
from watchfloor_sdk.connector import Connector
from watchfloor_sdk.finding import Found
from watchfloor_sdk.peer import Peer
from watchfloor_sdk.service import Service

from .contexts import named_hosts
from .hub import HubDouble

WORKER = (sys.executable, "-I", "-m", "watchfloor_sdk.worker")
SOURCE = "contract"


@dataclass(slots=True)
class Worker:
    """A running worker as the hub sees it. ``capabilities`` are those of its handshake."""

    peer: Peer
    hub: HubDouble
    process: asyncio.subprocess.Process | None = None
    capabilities: Sequence[str] = ()

    async def initialize(
        self, connector: str, config: Mapping[str, Any], hosts: Sequence[str] = ()
    ) -> p.Initialized:
        """The handshake, from the hub's checkpoint on. Hosts that the configuration's texts name
        are allowed. Raises the worker's error."""
        allowed = [*hosts, *named_hosts(config)]
        params = p.Initialize(
            protocol=p.PROTOCOL,
            instance=SOURCE,
            source=SOURCE,
            connector=connector,
            config=dict(config),
            hosts=allowed,
            internal_hosts=allowed,
            credits=self.hub.window,
            checkpoint=self.hub.checkpoint,
        )
        answer = await self.peer.request("initialize", params, 20.0)
        ready = msgspec.json.decode(answer, type=p.Initialized)
        self.capabilities = ready.capabilities
        return ready

    async def check(self) -> list[p.Finding]:
        """What ``check`` finds."""
        answer = await self.peer.request("check", {}, 20.0)
        return msgspec.json.decode(answer, type=p.CheckResult).findings

    async def fetch_media(self, handle: str) -> p.MediaResult:
        """What ``fetch_media`` answers."""
        answer = await self.peer.request("fetch_media", p.MediaParams(handle=handle), 20.0)
        return msgspec.json.decode(answer, type=p.MediaResult)

    async def ask(self, request: LookupRequest) -> LookupAnswer:
        """A look-up's whole answer, with what was found on the way."""
        found: list[LookupResult] = []

        def hear(raw: msgspec.Raw) -> None:
            told = msgspec.json.decode(raw, type=p.Found)
            if told.request == request.id:
                found.extend(msgspec.json.decode(one, type=LookupResult) for one in told.results)

        self.peer.listeners["found"] = hear
        raw = await self.peer.request("lookup", request, request.deadline_s + 5.0)
        return msgspec.structs.replace(msgspec.json.decode(raw, type=LookupAnswer), results=found)

    async def act(self, request: ActionRequest) -> ActionReceipt:
        """What became of an action. Raises the worker's error."""
        answer = await self.peer.request("act", request, 30.0)
        return msgspec.json.decode(answer, type=ActionReceipt)

    async def audit_log(self, since: datetime) -> VendorLog:
        """The vendor's log from ``since`` on. Raises the worker's error."""
        answer = await self.peer.request("audit_log", AuditLogParams(since=since), 20.0)
        return msgspec.json.decode(answer, type=VendorLog)

    async def sharing(self) -> Mapping[str, str]:
        """How the vendor is set to share, value by name. Raises the worker's error."""
        answer = await self.peer.request("sharing", {}, 20.0)
        settings = msgspec.json.decode(answer, type=Sharing).settings
        return {setting.name: setting.value for setting in settings}

    async def user_sign_in(self, person: str, return_to: str) -> str:
        """Where somebody's browser goes to sign in. Raises the worker's error."""
        params = UserSignInParams(person=person, return_to=return_to)
        answer = await self.peer.request("user_sign_in", params, 20.0)
        return msgspec.json.decode(answer, type=UserSignIn).url

    async def user_signed_in(self, person: str, answer: Mapping[str, str]) -> None:
        """They came back with ``answer``. Raises the worker's error."""
        params = UserSignedInParams(person=person, answer=dict(answer))
        await self.peer.request("user_signed_in", params, 20.0)

    async def user_sign_in_state(self, person: str) -> UserSignInState:
        """Until when somebody is signed in there. Raises the worker's error."""
        params = UserParams(person=person)
        answer = await self.peer.request("user_sign_in_state", params, 20.0)
        return msgspec.json.decode(answer, type=UserSignInState)

    async def user_sign_out(self, person: str) -> None:
        """They sign out there. Raises the worker's error."""
        await self.peer.request("user_sign_out", UserParams(person=person), 20.0)

    async def stop(self, deadline_s: float = 10.0) -> None:
        """A graceful stop, waited for."""
        await self.peer.request("stop", p.StopParams(deadline_s=deadline_s), deadline_s)
        if self.process is not None:
            await self.process.wait()

    def kill(self) -> None:
        """kill -9."""
        assert self.process is not None, "only a process can be killed"
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()


@asynccontextmanager
async def worker_process(
    connector: str,
    hub: HubDouble,
    command: Sequence[str] = WORKER,
    *,
    stderr: IO[bytes] | None = None,
) -> AsyncIterator[Worker]:
    """A real worker process; killed at the end if it still runs. Its standard error is ours, or
    goes into the file ``stderr``."""
    process = await asyncio.create_subprocess_exec(
        *command,
        connector,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=stderr,
        env={"PATH": os.environ.get("PATH", "")},
        limit=p.MAX_LINE,
        start_new_session=True,  # Ctrl-C is for us alone: the worker is told by its line
    )
    assert process.stdin
    assert process.stdout
    async with _served(Peer(process.stdout, process.stdin), hub, process) as worker:
        try:
            yield worker
        finally:
            worker.kill()
            await process.wait()


@asynccontextmanager
async def worker_here(
    connector: type[Connector[Any]], manifest: Manifest, hub: HubDouble
) -> AsyncIterator[Worker]:
    """The same in this process, for a debugger and for coverage."""
    ours, theirs = socket.socketpair()
    far = await asyncio.open_connection(sock=theirs, limit=p.MAX_LINE)
    near = await asyncio.open_connection(sock=ours, limit=p.MAX_LINE)
    service = asyncio.create_task(Service(Peer(*far), lambda: Found(connector, manifest)).run())
    try:
        async with _served(Peer(*near), hub) as worker:
            yield worker
    finally:
        service.cancel()
        await asyncio.gather(service, return_exceptions=True)
        for _, writer in (far, near):
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()


@asynccontextmanager
async def _served(
    peer: Peer, hub: HubDouble, process: asyncio.subprocess.Process | None = None
) -> AsyncIterator[Worker]:
    hub.attach(peer)
    serving = asyncio.create_task(peer.serve())
    try:
        yield Worker(peer, hub, process)
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
