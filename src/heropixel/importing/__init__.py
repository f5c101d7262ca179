"""Imports: the rows of files become users, suppressions and pageviews."""
