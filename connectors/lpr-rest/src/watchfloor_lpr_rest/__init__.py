"""Plate reads polled from a REST interface of our own shape."""
