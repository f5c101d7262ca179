"""Stored pageviews change after they were loaded: they are erased, dropped by retention, or reprocessed."""
