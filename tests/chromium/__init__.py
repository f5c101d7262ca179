"""Tests in a real browser: what a page and its visitor notice of the script."""
