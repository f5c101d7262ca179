"""What a browser may send without a secret."""
