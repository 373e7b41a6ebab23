"""The hub's side of a sign-on by OpenID Connect."""

import time

import pytest
from joserfc.jwk import RSAKey
from sign_on import walk

from watchfloor.contracts import Refused
from watchfloor_city.demo.provider import Person

CALLBACK = "http://127.0.0.1:9/sign-on/callback"
HOME = "http://127.0.0.1:9/"
PERSON = Person("aruiz", "Ana", "Ruiz", "Analyst", "", {"groups": ["RTCC Analysts"]})
OTHER = Person("sokafor", "Sam", "Okafor", "Supervisor", "", {})
SECOND = 1_000_000
KEY = RSAKey.generate_key(2048)


class Clock:
    ahead_s = 0.0

    def now(self):
        return int((time.time() + self.ahead_s) * SECOND)


class Kept:
    """The keyring, as far as it is asked."""

    def __init__(self, **parts):
        self.parts = parts

    async def get(self, instance, name):
        assert (instance, name) == ("hub", "sign_on")
        return self.parts


async def through(sign_on, person="aruiz", answer="touched", **wishes):
    """One whole sign-on."""
    departure = await sign_on.begin("/", **wishes)
    return await sign_on.finish(await walk(departure.url, person, answer), departure.pending)


async def refused(sign_on, **wishes):
    with pytest.raises(Refused) as raised:
        await through(sign_on, **wishes)
    return raised.value
