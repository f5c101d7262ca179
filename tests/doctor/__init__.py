"""Tests of `heropixel doctor`."""
