"""Rules for a run of tests: which tests may start processes, where they write, and what is printed at the end."""
