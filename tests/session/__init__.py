"""What holds for a whole run of tests: which of them may start processes, where they write, what is said at the end."""
