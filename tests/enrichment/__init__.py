"""Tests of the rules that enrich pageviews."""
