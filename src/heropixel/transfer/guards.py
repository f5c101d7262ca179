"""Guards against formulas: spreadsheets run a cell that begins with "=", and a stranger may have written the cell.

A guarded cell has an apostrophe before it. When the file is imported again, the apostrophe is taken off. Pure.
"""

import re

# What begins a formula, also in the full width that Japanese spreadsheets take for the same. Apostrophes before it are
# part of it, so that a cell which really has one comes back with it.
_FORMULA = re.compile("'*[=+\\-@\t\r\uff1d\uff0b\uff0d\uff20]")
_GUARDED = re.compile("'+[=+\\-@\t\r\uff1d\uff0b\uff0d\uff20]")


def guarded(cell: str) -> str:
    """The cell as a spreadsheet may open it."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unguarded(cell: str) -> str:
    """The cell as it was before it was guarded."""
    return cell[1:] if cell[:1] == "'" and _GUARDED.match(cell) else cell
