"""What a connector must not say, and what it must say when something is refused or missing."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from watchfloor.contracts import WatchfloorError
from watchfloor.contracts import protocol as p
from watchfloor_sdk.check.rule import Broken, Inapplicable, rule
from watchfloor_sdk.check.stage import Stage, stage
from watchfloor_sdk.check.subject import Subject
from watchfloor_sdk.simulation import Fault
from watchfloor_sdk.simulation.records import spoilt
from watchfloor_sdk.testing.harness import Worker

_PERSONAL = frozenset({"plate", "address", "callback", "notes", "text", "name", "caller", "phone"})
_THINGS = frozenset({"device", "call", "case"})
_LEAST = 5
"""Shorter words stand in any log by chance."""


@rule(
    "WF106",
    why="A denied credential is a decision, and silence about it is an outage that nobody sees.",
    mend="Lease the credential with every call and let its error through.",
    exemptable=False,
)
async def denial_is_honoured(subject: Subject) -> str:
    """What the hub denies is not done: without its credential it asks the vendor for no records,
    and says that a person must act."""
    _needs_credential(subject)
    async with stage(subject) as scene:
        scene.hub.credentials.clear()
        async with scene.worker():
            scene.feed(5)
            await scene.until(
                lambda: any(problem.attention for problem in scene.problems),
                lambda: "It does not say that its credential is denied.",
                20.0,
            )
            await asyncio.sleep(1.0)
        if scene.hub.events and "webhook" not in subject.manifest.capabilities:
            raise Broken("It brought records although its credential was denied.")
        return f"No record came, and it said: {scene.problems[-1].code}"


@rule(
    "WF107",
    why="Logs are read by more people than records are, and leave the agency in support bundles.",
    mend="Name places in the code, codes and counts; never print a record, a header or an address.",
    exemptable=False,
)
async def nothing_is_told(subject: Subject) -> str:
    """No secret and nothing about a person is in its log, its problems, its findings, the reasons
    of rejected records, or its standard error."""
    canary = f"ZZ-canary-{secrets.token_hex(6)}"
    async with stage(subject) as scene:
        known = {*_secrets(scene.hub.credentials), canary}
        if subject.brings:
            await _bad_day(scene, canary)
        if {"lookup", "action"} & set(subject.manifest.capabilities):
            known |= await _bad_questions(scene)
        known |= {word for event in scene.hub.events.values() for word in _personal(event["data"])}
        await _bad_credentials(scene, canary)
        told = scene.said.casefold()
        for word in known:
            if word.casefold() in told:
                kind = "its canary" if word == canary else "a secret or a personal value"
                raise Broken(f"It told {kind}, {len(word)} characters long: {_around(told, word)}")
    return f"{len(known)} canaries, none in {len(told.splitlines())} lines that it said"


@rule(
    "WF108",
    why="Three different people mend them.",
    mend="Declare settings with their types; write check so that it asks the vendor for something "
    "small; let the SDK's errors through.",
)
async def faults_are_told_apart(subject: Subject) -> str:
    """A bad setting, a bad credential and an unreachable host are told apart, each with what to
    do."""
    told = {}
    async with stage(subject) as scene:
        if setting := _typed_setting(subject):
            told["setting"] = await _bad_setting(scene, setting)
        if subject.hosts(scene.config):
            if _leased(subject):
                wrong = {name: dict.fromkeys(fields, secrets.token_hex(12))
                         for name, fields in scene.hub.credentials.items()}  # fmt: skip
                told["credential"] = await _found_wrong(scene, wrong)
            await scene.vendor.cut()
            told["host"] = await _found_wrong(scene, dict(scene.setup.credentials))
    if not told:
        raise Inapplicable("It has no settings, no credentials and no hosts.")
    if len(set(told.values())) < len(told):
        raise Broken(f"These read the same: {', '.join(told)}.")
    return f"Told apart: {', '.join(told)}"


async def _bad_questions(scene: Stage) -> set[str]:
    """Look-ups and actions that are answered, and then by a web page. Answers what of people was
    in them."""
    questions, orders = scene.questions(), scene.orders()
    async with scene.worker() as worker:
        for _ in range(2):
            for question in questions:
                answer = await worker.ask(question)
                scene.hub.logged.append(p.LogLine(level="info", message=answer.detail or ""))
            for order in orders:
                with suppress(WatchfloorError):
                    await worker.act(order)
            scene.vendor.faults.always(Fault.html())
        await worker.stop(5.0)
    scene.heal()
    told = [one.subject for one in questions if one.subject_kind not in _THINGS]
    told += [word for order in orders for word in _personal(order.parameters)]
    return {word for word in told if len(word) >= _LEAST}


async def _bad_day(scene: Stage, canary: str) -> None:
    """Good records, one that makes no sense, a web page instead of an answer."""
    scene.change(spoilt(canary), most=1)
    scene.feed(20)
    async with scene.worker() as worker:
        await scene.until(
            lambda: len(scene.hub.events) + len(scene.hub.rejected) >= scene.fed - 1,
            lambda: "The good records beside a bad one did not arrive.",
            20.0,
        )
        scene.heal()
        if scene.subject.asks(scene.config):
            scene.vendor.faults.add(Fault.html())
        await asyncio.sleep(1.0)
        await worker.stop(5.0)


async def _bad_credentials(scene: Stage, canary: str) -> None:
    """Every credential is the canary: in its loops and when it is asked to check."""
    if not _leased(scene.subject):
        return
    before = len(scene.problems)
    good = dict(scene.hub.credentials)
    scene.hub.credentials = {name: dict.fromkeys(fields, canary) for name, fields in good.items()}
    async with scene.worker() as worker:
        findings = await worker.check()
        scene.hub.logged += [
            p.LogLine(level="info", message=f"{one.what} {one.detail} {one.remedy}")
            for one in findings
        ]
        if set(scene.subject.manifest.capabilities) & {"poll", "stream"}:
            await scene.until(
                lambda: len(scene.problems) > before,
                lambda: "Nothing is said when every credential is wrong.",
                20.0,
            )
    scene.hub.credentials = good


async def _bad_setting(scene: Stage, setting: str) -> str:
    wrong = {**scene.config, setting: ["not", "this"]}
    async with scene.raw_worker() as worker:
        try:
            await worker.peer.request("initialize", scene.params(wrong), 20.0)
        except WatchfloorError as error:
            if setting not in error.detail:
                raise Broken(f"A wrong {setting} is refused, but not named.") from None
            return error.detail
    raise Broken(f"A list as {setting} is taken without a word.")


async def _found_wrong(scene: Stage, credentials: Mapping[str, Mapping[str, str]]) -> str:
    """The words of the first finding that is not in order."""
    scene.hub.credentials = dict(credentials)
    async with scene.worker() as worker:
        findings = await _check(worker)
    for finding in findings:
        if not finding.ok:
            if not finding.remedy.strip():
                raise Broken(f"A finding says no remedy: {finding.what}.")
            return f"{finding.detail} {finding.remedy}"
    raise Broken("Its check finds nothing wrong where the credential or the host is.")


async def _check(worker: Worker) -> list[p.Finding]:
    try:
        return await worker.check()
    except TimeoutError:
        raise Broken("Its check does not come to an end within 20 s.") from None


def _typed_setting(subject: Subject) -> str | None:
    properties: Mapping[str, Any] = subject.document["config_schema"].get("properties", {})
    typed = (name for name, one in properties.items() if one.get("type") in ("string", "number"))
    return next((name for name in typed if name != "every_s"), None)


def _leased(subject: Subject) -> list[str]:
    """The credentials that the worker itself uses: those of webhooks stay with the hub."""
    manifest = subject.manifest
    of_hub = {recipe.credential for recipe in manifest.recipes}
    return [one.name for one in manifest.credentials if one.required and one.name not in of_hub]


def _needs_credential(subject: Subject) -> None:
    subject.needs("poll", "stream", "assets")
    if not _leased(subject):
        raise Inapplicable("It needs no credential.")


def _secrets(credentials: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    for fields in credentials.values():
        yield from (value for value in fields.values() if len(value) >= _LEAST)


def _personal(data: Any, field: str = "") -> Iterator[str]:
    if isinstance(data, dict):
        for name, value in data.items():
            yield from _personal(value, name)
    elif isinstance(data, list):
        for value in data:
            yield from _personal(value, field)
    elif isinstance(data, str) and field in _PERSONAL and len(data) >= _LEAST:
        yield data


def _around(told: str, word: str) -> str:
    """The line in which it stood, with the word taken out."""
    line = next(line for line in told.splitlines() if word.casefold() in line)
    return line.replace(word.casefold(), "…")[:120]
