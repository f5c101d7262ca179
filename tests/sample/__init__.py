"""The sample world of `make run`."""
