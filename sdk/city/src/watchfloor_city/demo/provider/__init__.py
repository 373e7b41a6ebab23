"""The demo's identity provider: real single sign-on for a city that is made up.

A simulator outside the hub. It stands in for the provider of an agency: the console sends people
here, they choose whom they play, and the hub is told over OpenID Connect.
"""

from .desk import Client, Faults
from .people import GROUPS, ORI, Person, demo_people
from .server import Running, start_provider

__all__ = [
    "GROUPS",
    "ORI",
    "Client",
    "Faults",
    "Person",
    "Running",
    "demo_people",
    "start_provider",
]
