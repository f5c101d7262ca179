"""The visitor's door: what a browser may send without a secret."""
