"""Files as programs write them."""
