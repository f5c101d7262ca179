"""Real proxies in front of a real server, set up as docs/proxying.md says."""
