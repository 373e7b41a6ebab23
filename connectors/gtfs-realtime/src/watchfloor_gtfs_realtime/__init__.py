"""Vehicle positions of a GTFS-Realtime feed."""
