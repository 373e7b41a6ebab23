"""What proves that a webhook is the vendor's, and that it is not an old one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any

from watchfloor.contracts import AskAPerson, Refused, WebhookRecipe
from watchfloor.contracts.protocol import Delivery
from watchfloor.webhooks import Door, chosen
from watchfloor_sdk.check.rule import Broken, Inapplicable, rule
from watchfloor_sdk.check.stage import stage
from watchfloor_sdk.check.subject import Subject
from watchfloor_sdk.testing.contract import wrong_of

MOST_TOLERANCE_S = 600.0


@rule(
    "WF207",
    why="The address of a webhook is known to many; who can send to it must not be able to put a "
    "plate on the map, nor to send yesterday's again.",
    mend="Write the vendor's recipe into the manifest, with its timestamp and a tolerance of at "
    "most ten minutes; sign in the simulator as the vendor does. Exempt a vendor that signs no "
    "time.",
)
async def webhooks_are_proven(subject: Subject) -> str:
    """The vendor's webhooks are signed by the manifest's recipe, over body and time; one that comes
    again makes no second event."""
    subject.needs("webhook")
    recipes = subject.manifest.recipes
    if not recipes:
        raise Broken("It takes webhooks, and its manifest has no recipe to check them by.")
    async with stage(subject) as scene, scene.worker():
        scene.feed(10)
        await scene.arrive()
        sent = list(scene.hub.delivered)
        if not sent:
            raise Inapplicable("Its rehearsal pushes nothing.")
        settings = {**subject.manifest.defaults, **scene.config}
        recipe = _proven(recipes, sent[0], scene.hub.credentials, settings)
        for delivery in sent[:3]:
            scene.hub.deliver(delivery.content, delivery.headers)
        await scene.until(lambda: not scene.hub.inbox, lambda: "Webhooks were left.", 20.0)
        await asyncio.sleep(0.2)
        if wrong := wrong_of(scene.hub, scene.simulator):
            raise Broken(f"After webhooks that came again: {wrong}")
    return f"{recipe.algorithm} in {recipe.header}, refused after {recipe.tolerance_s:g} s"


def _proven(
    recipes: Sequence[WebhookRecipe],
    sent: Delivery,
    credentials: Mapping[str, Mapping[str, str]],
    settings: Mapping[str, Any],
) -> WebhookRecipe:
    """The recipe that the settings choose, by which the hub takes this delivery and neither
    another body nor an old one."""
    try:
        recipe = chosen(recipes, settings)
        door = Door(recipe, credentials.get(recipe.credential, {}), settings)
    except AskAPerson as error:
        raise Broken(error.detail) from None
    if not _takes(door, sent, sent.content):
        raise Broken("What the simulator sends does not fit the manifest's recipe.")
    if recipe.algorithm.startswith("hmac-") and _takes(door, sent, b"another"):
        raise Broken("The signature does not cover the body.")
    if _takes(door, sent, sent.content, later_s=recipe.tolerance_s + 60):
        raise Broken("Its proof holds no time: an old delivery can be sent again for ever.")
    if recipe.algorithm.startswith("hmac-") and "{timestamp}" not in recipe.signed:
        raise Broken("The time that it looks at is not signed.")
    if recipe.tolerance_s > MOST_TOLERANCE_S:
        raise Broken(f"Deliveries are taken for {recipe.tolerance_s:g} s.")
    return recipe


def _takes(door: Door, sent: Delivery, body: bytes, *, later_s: float = 0.0) -> bool:
    """Whether the hub would, so much later."""
    try:
        door.check(sent.headers, body, int((time.time() + later_s) * 1e6))
    except Refused:
        return False
    return True
