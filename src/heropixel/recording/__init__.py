"""The way of a pageview: checked, resolved, recorded, loaded."""
