"""Event loops for the adapters' tests."""

import asyncio

import uvloop


def pytest_asyncio_loop_factories(config, item):
    """The hub runs on uvloop, most tests do not: worker processes must work on both."""
    factories = {"asyncio": asyncio.new_event_loop}
    if item.path.name == "test_processes.py":
        factories["uvloop"] = uvloop.new_event_loop
    return factories
