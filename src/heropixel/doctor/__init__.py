"""What `heropixel doctor` looks at: whether this installation can keep what it promises."""
