"""A product of which a test makes only the parts it uses."""

from typing import Any

from heropixel.api.context import AtMost, Product

AT_MOST = AtMost(events=3, contacts=10, page=100, joined=5)


def product(**parts: Any) -> Product:
    """The product with these parts, and without the others."""
    unused = dict.fromkeys(Product.__struct_fields__)
    return Product(**{**unused, "at_most": AT_MOST, **parts})
