"""The hook by which the worker finds this connector."""

from watchfloor_sdk import hookimpl

from .connector import Slack


@hookimpl
def watchfloor_connector() -> type[Slack]:
    """The connector of this package."""
    return Slack
