"""A pageview is checked, resolved, recorded and loaded here."""
