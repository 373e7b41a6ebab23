"""A connector whose import crashes."""

raise RuntimeError("no licence for this camera")
