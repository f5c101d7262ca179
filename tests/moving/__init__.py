"""Moving a world into a cluster."""
