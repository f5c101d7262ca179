"""Verification: a page is fetched and parsed as a browser would do it, and every check gives an answer."""
