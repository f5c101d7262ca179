"""Tests of what is known of a visitor: consent, the cookie, and counting without one."""
