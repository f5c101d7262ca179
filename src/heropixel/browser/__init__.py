"""The browser endpoints: what browsers send without a secret, and what may be known of the visitor who sent it."""
