"""A world in a folder moves into a cluster: copied while it runs, caught up with, and changed over to at one moment."""
