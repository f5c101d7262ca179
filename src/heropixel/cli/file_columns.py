"""The option of imports that says what a column of a file holds."""

from typing import Annotated

import typer

OfColumns = Annotated[
    list[str] | None,
    typer.Option(
        "--column", metavar="COLUMN=NAME", help='What a column holds, such as "E-Mail"=email; may be given again.'
    ),
]


def meanings_of(columns: list[str] | None) -> dict[str, str]:
    """What the columns hold, by their names.

    Raises:
        typer.BadParameter: a value is not COLUMN=NAME.
    """
    meanings: dict[str, str] = {}
    for text in columns or ():
        column, _, meant = text.rpartition("=")
        if not column.strip() or not meant.strip():
            raise typer.BadParameter(f'--column must be COLUMN=NAME, such as "E-Mail"=email, not {text}')
        meanings[column.strip()] = meant.strip()
    return meanings
