"""`python -m heropixel.cli` is the `heropixel` command."""

from heropixel.cli import main

main()
