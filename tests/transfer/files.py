"""Files of tests, and what is read of them."""

from pathlib import Path

from hypothesis import strategies as st

from heropixel.transfer import BadRow, FileRow, open_rows

NOT_UTF8 = "text that is not UTF-8"
OPEN_QUOTE = "not valid CSV: a quote is not closed"


def made(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def read(path: Path) -> list[FileRow | BadRow]:
    with open_rows(path) as source:
        return list(source)


COLUMNS: dict[str, type] = {"url": str, "pixelId": int, "score": float, "consent": bool, "properties": dict}
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
integers = st.integers(-(2**63), 2**63 - 1)
floats = st.floats(allow_nan=False, allow_infinity=False)
objects = st.dictionaries(texts, st.none() | st.booleans() | integers | floats | texts, max_size=3)
values = {str: texts, int: integers, float: floats, bool: st.booleans(), dict: objects}
rows = st.lists(st.fixed_dictionaries({name: st.none() | values[type_] for name, type_ in COLUMNS.items()}))
