"""A provider, and the hub's side of it."""

from urllib.parse import urlsplit

import pytest
from relying import CALLBACK, HOME, KEY, OTHER, PERSON, Clock, Kept

from watchfloor.adapters.http_out import HttpOut
from watchfloor.adapters.oidc import OidcSignOn
from watchfloor.settings_sign_on import SignOnSettings
from watchfloor_city.demo.provider import Client, start_provider


@pytest.fixture
async def there():
    """A provider with a client of each way to show who it is."""
    ways = [
        Client("hub", [CALLBACK], secret="s3cret", post_logout_redirect_uris=[HOME]),
        Client("other", [CALLBACK], secret="0ther"),
        Client("public", [CALLBACK]),
        Client("keyed", [CALLBACK], key=KEY.as_dict(private=False)),
    ]
    async with start_provider("127.0.0.1", 0, ways, [PERSON, OTHER]) as running:
        yield running


@pytest.fixture
async def http(there):
    out = HttpOut([urlsplit(there.issuer).netloc])
    yield out
    await out.close()


@pytest.fixture
def hub(there, http):
    """Makes the hub's side, with other settings where a test needs them."""

    def make(secret="s3cret", clock=None, **changes):
        wanted = {"issuer": there.issuer, "client_id": "hub", **changes}
        kept = Kept(client_secret=secret, private_key=KEY.as_pem(private=True).decode())
        settings = SignOnSettings(**wanted)
        return OidcSignOn(settings, http, kept, clock or Clock(), CALLBACK, HOME)

    return make
