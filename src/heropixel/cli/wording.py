"""Says in our words what the libraries find wrong with an argument or a setting."""

import re
from typing import Any

import typer
from typer.core import TyperGroup

# What pydantic says, and what it means to the reader.
_WORDS = (
    (r"Input should be a valid integer.*", "it must be a whole number"),
    (r"Input should be a (?:valid|finite) number.*", "it must be a number"),
    (r"Input should be a valid boolean.*", "it must be true or false"),
    (r"Input should be (?:less than or equal to) (.*)", r"it must be at most \1"),
    (r"Input should be (?:greater than or equal to) (.*)", r"it must be at least \1"),
    (r"Input should be ('.*)", r"it must be \1"),
    (r"Input is not a valid path.*", "it must be a path"),
    (r"Value error, (.*)", r"\1"),
)


def reworded(message: str) -> str:
    """A message of pydantic's as a sentence of ours. Others are unchanged."""
    for theirs, ours in _WORDS:
        found = re.fullmatch(theirs, message, flags=re.DOTALL)
        if found:
            return found.expand(ours)
    return message


class Rewording(TyperGroup):
    """Commands whose wrong arguments are told in our words."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - typer does not export these types
        """Run the command of the arguments."""
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            error.message = reworded(error.message)
            raise
