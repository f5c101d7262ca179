"""Several nodes on the same stores."""
