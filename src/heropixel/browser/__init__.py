"""The visitor's door: what browsers send without a secret, and what may be known of who sent it."""
