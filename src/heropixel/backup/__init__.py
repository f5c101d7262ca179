"""Backups: a copy of all stores as of one moment, taken while the server runs, and restored into an empty folder."""
