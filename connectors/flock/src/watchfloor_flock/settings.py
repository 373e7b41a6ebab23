"""What agency IT sets for one organisation at Flock."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

Url = Annotated[str, Meta(pattern="^https?://", max_length=1024)]


class Settings(Struct, kw_only=True, frozen=True):
    """``base_url`` is the host alone, for the token is fetched beside the API. ``owner`` owns what
    comes from a device whose network is not said. ``webhook_scheme`` and ``webhook_header`` are the
    alert subscription's own ``credentials.scheme`` and ``headerName``: the hub checks by them.
    ``pictures_url`` is the host of ``imageUrl``; without it no picture is fetched.
    ``kept_days`` is how long Flock keeps the agency's reads. With ``look_ups_as`` ``user`` only who
    is signed in at Flock looks anything up there; ``authorize_url`` is where their browsers go.
    ``exports`` is the folder that Flock's exports are put into: the audit log, the sharing
    settings.
    """

    base_url: Url
    owner: Annotated[str, Meta(min_length=1, max_length=256)]
    webhook_scheme: Literal["apiKey", "basic"]
    webhook_header: Annotated[str, Meta(pattern="^[A-Za-z0-9-]+$", max_length=128)]
    audience: Annotated[str, Meta(min_length=1, max_length=256)] = "com.flocksafety.integrations"
    pictures_url: Url | None = None
    kept_days: Annotated[float, Meta(gt=0, le=3650)] = 30.0
    look_ups_as: Literal["client", "user"] = "client"
    authorize_url: Url | None = None
    exports: Annotated[str, Meta(min_length=1, max_length=4096)] | None = None
