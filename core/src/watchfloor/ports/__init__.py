"""The ports: what services need from the world, stated by the services.

Adapters implement them, bootstrap chooses, tests pass in-memory twins.
"""
