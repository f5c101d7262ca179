"""What `make bench` runs: every number of the product beside its ceiling, both measured in the same run."""
