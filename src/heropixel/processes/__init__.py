"""Which parts there are, and how they are opened: in the order of the way of a pageview."""
