"""What proves that a webhook is the vendor's, and that it is not an old one."""

from __future__ import annotations

import asyncio
import base64
import hmac
from collections.abc import Mapping

from watchfloor.contracts import WebhookRecipe
from watchfloor.contracts.protocol import Delivery
from watchfloor_sdk.check.rule import Broken, Inapplicable, rule
from watchfloor_sdk.check.stage import stage
from watchfloor_sdk.check.subject import Subject
from watchfloor_sdk.testing.contract import wrong_of

MOST_TOLERANCE_S = 600.0
_HASHES = {"hmac-sha256": "sha256", "hmac-sha1": "sha1"}


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
        recipe = _fitting(recipes, sent[0], scene.hub.credentials)
        _has_window(recipe)
        for delivery in sent[:3]:
            scene.hub.deliver(delivery.body.encode(), delivery.headers)
        await scene.until(lambda: not scene.hub.inbox, lambda: "Webhooks were left.", 20.0)
        await asyncio.sleep(0.2)
        if wrong := wrong_of(scene.hub, scene.simulator):
            raise Broken(f"After webhooks that came again: {wrong}")
    return f"{recipe.algorithm} in {recipe.header}, refused after {recipe.tolerance_s:g} s"


def _fitting(
    recipes: list[WebhookRecipe], sent: Delivery, credentials: Mapping[str, Mapping[str, str]]
) -> WebhookRecipe:
    """The recipe by which a delivery is proven, and by which another body would not be."""
    for recipe in recipes:
        if recipe.algorithm == "jwt-rsa":
            raise Broken("The check knows no tokens signed with RSA; exempt it, with a test.")
        secret = _secret(recipe, credentials.get(recipe.credential, {}))
        if _proves(recipe, sent, sent.body.encode(), secret):
            if recipe.algorithm in _HASHES and _proves(recipe, sent, b"another", secret):
                raise Broken("The signature does not cover the body.")
            return recipe
    raise Broken("What the simulator sends does not fit the manifest's recipe.")


def _has_window(recipe: WebhookRecipe) -> None:
    timed = recipe.separator or recipe.timestamp_header
    if recipe.algorithm in _HASHES and timed and "{timestamp}" not in recipe.signed:
        raise Broken("The time that it looks at is not signed.")
    if not timed:
        raise Broken("Its proof holds no time: an old delivery can be sent again for ever.")
    if recipe.tolerance_s > MOST_TOLERANCE_S:
        raise Broken(f"Deliveries are taken for {recipe.tolerance_s:g} s.")


def _proves(recipe: WebhookRecipe, sent: Delivery, body: bytes, secret: bytes) -> bool:
    proof = sent.headers.get(recipe.header.lower(), "")
    timestamp = sent.headers.get((recipe.timestamp_header or "").lower(), "")
    if recipe.separator:
        timestamp, _, proof = proof.partition(recipe.separator)
    offered = [one.removeprefix(recipe.prefix).strip() for one in _parts(recipe, proof)]
    return _expected(recipe, sent, body, secret, timestamp) in offered


def _expected(
    recipe: WebhookRecipe, sent: Delivery, body: bytes, secret: bytes, timestamp: str
) -> str:
    if recipe.algorithm not in _HASHES:
        return secret.decode()
    before, _, after = recipe.signed.partition("{body}")
    fill = {"timestamp": timestamp, "id": sent.headers.get((recipe.id_header or "").lower(), "")}
    text = before.format(**fill).encode() + body + after.format(**fill).encode()
    digest = hmac.digest(secret, text, _HASHES[recipe.algorithm])
    return digest.hex() if recipe.encoding == "hex" else base64.b64encode(digest).decode()


def _parts(recipe: WebhookRecipe, proof: str) -> list[str]:
    return proof.split(" ") if recipe.prefix and " " not in recipe.prefix else [proof]


def _secret(recipe: WebhookRecipe, fields: Mapping[str, str]) -> bytes:
    if recipe.algorithm == "basic":
        pair = f"{fields.get('username', '')}:{fields.get('password', '')}"
        return base64.b64encode(pair.encode())
    text = fields.get(recipe.field, "") if recipe.field else next(iter(fields.values()), "")
    text = text.removeprefix(recipe.key_prefix)
    return base64.b64decode(text) if recipe.key == "base64" else text.encode()
