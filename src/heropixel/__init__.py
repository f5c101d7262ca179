"""heropixel: a self-hosted pixel server that tells who is on your site, from your own data."""
