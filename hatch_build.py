"""Refuses to pack the product without the script that pages load, which `make setup` builds."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SCRIPT = Path("src/heropixel/static/pixel.js")


class ScriptIsThere(BuildHookInterface[Any]):
    """Looks for the script before a package is made; whoever works on the sources may do without it."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  the caller's signature
        """Raise where the script is missing."""
        if version != "editable" and not (Path(self.root) / SCRIPT).exists():
            raise FileNotFoundError(f"{SCRIPT} is missing. Run `make setup`, and build again.")
