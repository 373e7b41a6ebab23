"""Flock Safety v3: hot-list alerts, devices, plate look-up, custom hot lists."""
