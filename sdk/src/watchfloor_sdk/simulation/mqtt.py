"""An MQTT broker on loopback for tests (amqtt, extra ``[testing]``)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from amqtt.broker import Broker
from amqtt.contexts import BrokerConfig, ListenerConfig
from amqtt.plugins.base import BaseAuthPlugin

logging.getLogger("amqtt").setLevel(logging.CRITICAL)


USERNAME = "hub"
PASSWORD = "not-a-secret"  # noqa: S105 - of a broker that lives as long as a test


class Door(BaseAuthPlugin):  # type: ignore[misc]
    """Lets the one user in: for a nameless one amqtt keeps no session."""

    async def authenticate(self, *, session: Any) -> bool:
        """By user name and password."""
        return (session.username, session.password) == (USERNAME, PASSWORD)


class MqttBroker:
    """A broker with one user. ``publish`` is the vendor's side."""

    credential: Mapping[str, str] = {"username": USERNAME, "password": PASSWORD}

    def __init__(self) -> None:
        self._broker: Any = None
        self.port = 0

    async def start(self, port: int) -> None:
        """Listen."""
        listeners = {"default": ListenerConfig(bind=f"127.0.0.1:{port}")}
        plugins: dict[str, Any] = {f"{Door.__module__}.{Door.__name__}": {}}
        self._broker = Broker(BrokerConfig(listeners=listeners, plugins=plugins))
        await self._broker.start()
        self.port = port

    async def publish(self, topic: str, body: bytes, quality: int = 1) -> None:
        """To whoever subscribed; for whoever is away it waits."""
        await self._broker.internal_message_broadcast(topic, body, quality)

    async def stop(self) -> None:
        """Close all."""
        await self._broker.shutdown()
