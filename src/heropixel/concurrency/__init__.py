"""How an event loop delegates work: to a thread of its own, and in groups that share one piece of work."""
