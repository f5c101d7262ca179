"""Filters of callers for whom addresses are masked: what is masked in answers cannot be found out letter by letter.

Parts of a value, `contains` and `wildcard`, fit no value that holds what is masked. A whole value, `is`, still fits:
whoever knows it learns nothing.
"""

from typing import Final

from heropixel.api.callers import Caller
from heropixel.masked import ADDRESS_MARKS, NUMBER_MARKS, names_phones
from heropixel.reports.filters import All, Condition, Either, Filter, Not, Operator

_DIGITS: Final = tuple("0123456789")
_HOLD: Final = (*ADDRESS_MARKS, *(mark + digit for mark in NUMBER_MARKS for digit in _DIGITS))


def filter_for(caller: Caller, tree: Filter) -> Filter:
    """A filter as it may be asked by a caller."""
    return without_masked(tree) if caller.masked else tree


def without_masked(tree: Filter) -> Filter:
    """A filter whose conditions on parts of a value fit no value that holds what is masked."""
    match tree:
        case All(parts):
            return All(tuple(map(without_masked, parts)))
        case Either(parts):
            return Either(tuple(map(without_masked, parts)))
        case Not(part):
            return Not(without_masked(part))
        case Condition(dimension, operator, _, trait):
            if operator is Operator.IS:
                return tree
            hold = (*_HOLD, *_DIGITS) if names_phones(trait) else _HOLD
            return All((tree, Not(Condition(dimension, Operator.CONTAINS, hold, trait))))
