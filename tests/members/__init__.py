"""Who may sign in: links, sessions, passwords, attempts, keys, the audit list."""
