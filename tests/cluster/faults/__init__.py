"""Faults of a whole cluster under load: `make crash`."""
