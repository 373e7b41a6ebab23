"""Checks that a webhook is the vendor's, by the recipe in the connector's manifest.

No vendor code runs before this check, and nothing is fetched for it. Secrets and signatures are
compared in constant time; a delivery whose timestamp is older (or newer) than the recipe's
tolerance is refused as a replay. Client certificates are not looked at here: the gate speaks no
TLS yet.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from watchfloor.contracts import AskAPerson, WebhookRecipe

from .proofs import PROOFS, Claim, bad, check_age

_HELD = re.compile(r"[\x21-\x7e]{1,256}")
"""What a handshake may make us say."""
_SETTING = re.compile(r"\{([^{}]+)\}")


class Door:
    """How the webhooks of one source are checked: a recipe with its secret, read once.

    ``secret`` is the credential's value; its field ``previous`` is taken as well, while a secret
    is being changed. ``settings`` are the source's. Raises ``AskAPerson`` where they do not make
    a key or an address.
    """

    def __init__(
        self, recipe: WebhookRecipe, secret: Mapping[str, str], settings: Mapping[str, Any]
    ) -> None:
        self._header = _filled(recipe.header, settings).lower()
        self._id_header = _lower(recipe.id_header)
        self._timestamp_header = _lower(recipe.timestamp_header)
        self._separator = recipe.separator
        self._prefix = recipe.prefix or ("Basic " if recipe.algorithm == "basic" else "")
        self._handshake = _lower(recipe.handshake)
        self._tolerance_s = recipe.tolerance_s
        url = recipe.url and _filled(recipe.url, settings)
        self._prove = PROOFS[recipe.algorithm](recipe, secret, url)

    def check(self, headers: Mapping[str, str], body: bytes, now: int, *, query: str = "") -> None:
        """Raises ``Refused`` (code ``bad_signature`` or ``replayed``) unless it is genuine.

        ``headers`` have their names in small letters; ``now`` is in microseconds; ``query`` is as
        it came, without the question mark.
        """
        sent = headers.get(self._header)
        if not sent:
            raise bad("The signature header is missing.")
        timestamp = None
        if self._separator:
            timestamp, _, sent = sent.partition(self._separator)
        elif self._timestamp_header:
            timestamp = headers.get(self._timestamp_header, "")
        if timestamp is not None:
            check_age(timestamp, self._tolerance_s, now)
        id_ = self.delivery_id(headers) or ""
        self._prove(Claim(self._proofs(sent), timestamp or "", id_, headers, body, query, now))

    def delivery_id(self, headers: Mapping[str, str]) -> str | None:
        """What the vendor calls this delivery, if it says so."""
        return headers.get(self._id_header) if self._id_header else None

    def echo(self, headers: Mapping[str, str], body: bytes) -> dict[str, str] | None:
        """The headers to answer a handshake with; ``None`` when it is none.

        Whoever knows the address may shake hands: nothing is kept of it, and what comes later is
        checked all the same.
        """
        word = headers.get(self._handshake) if self._handshake and not body else None
        return {self._handshake: word} if self._handshake and word and _holds(word) else None

    def _proofs(self, sent: str) -> Sequence[bytes]:
        """What stands in the header: one, or several while a secret is being changed."""
        prefix = self._prefix
        if not prefix:
            return (sent.strip().encode(),)
        if prefix.endswith(" "):  # an authentication scheme: RFC 9110, section 11.1
            fits = sent[: len(prefix)].lower() == prefix.lower()
            return (sent[len(prefix) :].strip().encode(),) if fits else ()
        parts = (part for part in sent.split(" ") if part.startswith(prefix))
        return [part[len(prefix) :].encode() for part in parts]


def verify(
    recipe: WebhookRecipe, secret: bytes, headers: Mapping[str, str], body: bytes, now: int
) -> None:
    """``Door.check`` once, for a recipe that needs no settings."""
    Door(recipe, {"secret": secret.decode()}, {}).check(headers, body, now)


def chosen(recipes: Sequence[WebhookRecipe], settings: Mapping[str, Any]) -> WebhookRecipe:
    """The first recipe whose ``when`` the settings fit. Raises ``AskAPerson``."""
    for recipe in recipes:
        if all(settings.get(name) == value for name, value in recipe.when.items()):
            return recipe
    raise AskAPerson(
        "The settings choose no way in which the vendor proves itself.",
        code="no_webhook_recipe",
        remedy="Choose in the settings how the vendor signs its webhooks.",
    )


def _lower(name: str | None) -> str | None:
    return name.lower() if name else None


def _holds(word: str) -> bool:
    return _HELD.fullmatch(word) is not None


def _filled(text: str, settings: Mapping[str, Any]) -> str:
    """With the settings that it names."""
    for name in _SETTING.findall(text):
        if not settings.get(name):
            raise AskAPerson(
                f"The setting {name} is needed to check webhooks.",
                code="webhook_setting",
                remedy="Write in it what the vendor was told.",
            )
    return _SETTING.sub(lambda found: str(settings[found[1]]), text)
