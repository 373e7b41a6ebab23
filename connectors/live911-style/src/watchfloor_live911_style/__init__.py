"""Watchfloor connector ``live911-style``: 911 calls before dispatch has them."""
