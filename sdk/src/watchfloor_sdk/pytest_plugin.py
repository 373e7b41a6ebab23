"""The pytest plugin that comes with the SDK: fixtures for a connector's own tests.

Loaded by itself where the SDK is installed. The fixtures need the extra ``[testing]``; without it
there are none, and nothing else changes.
"""

from importlib.util import find_spec

if all(find_spec(name) for name in ("aiohttp", "pytest_asyncio")):
    from watchfloor_sdk.testing.fixtures import connector_id, ctx, hub_double, simulator

    __all__ = ["connector_id", "ctx", "hub_double", "simulator"]
