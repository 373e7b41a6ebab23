"""Watchfloor connector: notes and calls written into a dispatch system as NENA EIDO."""
