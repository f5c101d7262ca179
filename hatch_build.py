"""Refuses to pack the product without what `make setup` builds: the script for pages, the dashboard, the explorer."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

STATIC = Path("src/heropixel/static")
BUILT = (STATIC / "pixel.js", STATIC / "dashboard/index.html", STATIC / "explore/index.html")


class BuiltIsThere(BuildHookInterface[Any]):
    """Looks for the built files before a package is made; whoever works on the sources may do without them."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  the caller's signature
        """Raise where one is missing."""
        for file in BUILT:
            if version != "editable" and not (Path(self.root) / file).exists():
                raise FileNotFoundError(f"{file} is missing. Run `make setup`, and build again.")
