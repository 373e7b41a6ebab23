"""Watchfloor connector: alerts delivered to a Slack channel."""
