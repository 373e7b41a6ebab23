"""The registration desk: where residents and businesses register their cameras, withdraw them, and
answer when they are asked for footage. A service of its own: the hub reads its list without names
and addresses, by the connector ``camera-registry``."""

from .desk import Desk, hub_token, opened
from .hub_side import HubSide
from .pages import Pages
from .settings import Settings, read_settings

__all__ = ["Desk", "HubSide", "Pages", "Settings", "hub_token", "opened", "read_settings"]
