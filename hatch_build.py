"""Refuses to pack the product without what `make setup` builds: the script that pages load, and the dashboard."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUILT = (Path("src/heropixel/static/pixel.js"), Path("src/heropixel/static/dashboard/index.html"))


class BuiltIsThere(BuildHookInterface[Any]):
    """Looks for the built files before a package is made; whoever works on the sources may do without them."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  the caller's signature
        """Raise where one is missing."""
        for file in BUILT:
            if version != "editable" and not (Path(self.root) / file).exists():
                raise FileNotFoundError(f"{file} is missing. Run `make setup`, and build again.")
