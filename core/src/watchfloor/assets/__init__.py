"""Assets: what exists and where. It appears, changes, goes stale, is gone."""

from .service import AssetKeeper

__all__ = ["AssetKeeper"]
