"""Tests of the script in a real browser."""
