"""Assets: what exists and where. It appears, changes, goes stale, is gone."""

from .places import Places
from .service import AssetKeeper

__all__ = ["AssetKeeper", "Places"]
