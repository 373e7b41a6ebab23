"""Typed, for the rule on types; the worker is beside."""


def one() -> int:
    return 1
