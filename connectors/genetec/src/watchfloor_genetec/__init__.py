"""Genetec Security Center: hits, entities and actions by the Web SDK; reads by AutoVu's files."""
