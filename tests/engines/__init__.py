"""Tests of the script in three engines: Chromium, Firefox and WebKit."""
