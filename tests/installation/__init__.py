"""Verifying an installation."""
