"""Watchfloor connector: person, address and phone look-ups with permissible-purpose codes."""
