"""Tests of the promises to users, from outside."""
