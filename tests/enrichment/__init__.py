"""What the rules make of a pageview."""
