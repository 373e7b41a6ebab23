"""Watchfloor connector: motor vehicle and licence look-ups through a state's message switch."""
