"""Tests of consent, the visitor cookie, and counting without a cookie."""
