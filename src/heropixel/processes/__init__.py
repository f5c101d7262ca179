"""The parts of a process, and how they are opened: in the order of a pageview's way."""
