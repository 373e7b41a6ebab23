"""``watchfloor demo``: a hub, a city, and the simulated vendor systems between them.

The only part of this package that knows the hub and the SDK. ``cast`` says which vendor systems a
city has, ``vendors`` runs them in a process of their own, ``command`` starts both sides and
introduces them to each other through the hub's public API.
"""
