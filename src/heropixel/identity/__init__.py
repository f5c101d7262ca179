"""Who it was: normalise and hash identifiers, find, learn and link users."""
