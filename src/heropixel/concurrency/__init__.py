"""How an event loop has work done elsewhere, and shared: a thread of one's own, and the next group."""
