"""The limits of a document. They are checked before validation, since its cost grows with what is counted here."""

from collections.abc import Iterator
from typing import NamedTuple, Self

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)


class Limits(NamedTuple):
    """The most a document may have. A fragment counts at every place where it is spread."""

    tokens: int
    depth: int
    aliases: int
    root_fields: int
    fields: int
    introspected: int = 60_000  # values of the schema; they are counted as they are read


class _Cost(NamedTuple):
    fields: int = 0
    aliases: int = 0
    depth: int = 0
    root_fields: int = 0

    def __add__(self, other: object) -> Self:
        """Side by side."""
        assert isinstance(other, _Cost)  # noqa: S101 - for the type checker: tuples add otherwise
        return type(self)(
            self.fields + other.fields,
            self.aliases + other.aliases,
            max(self.depth, other.depth),
            self.root_fields + other.root_fields,
        )


def check(document: DocumentNode, limits: Limits) -> list[GraphQLError]:
    """An error for each limit that the document exceeds. Its message names the limit."""
    try:
        return _beyond(document, limits)
    except RecursionError:  # the parser bounds each definition, but not how deeply fragments are spread in each other
        return [GraphQLError("The document's fragments are nested too deeply.")]


def _beyond(document: DocumentNode, limits: Limits) -> list[GraphQLError]:
    counter = _Counter(document)
    errors: list[GraphQLError] = []
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            cost = counter.cost(definition.selection_set)
            for name, words in _WORDS:
                asked, allowed = getattr(cost, name), getattr(limits, name)
                if asked > allowed:
                    errors.append(GraphQLError(f"The document has {asked} {words}, {allowed} are allowed."))
    return errors


_WORDS = (
    ("fields", "fields"),
    ("aliases", "aliases"),
    ("depth", "levels of fields"),
    ("root_fields", "fields at the root"),
)


class _Counter:
    """Computes the cost of each fragment once, however often it is spread: the cost is cached."""

    def __init__(self, document: DocumentNode) -> None:
        self._fragments = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        self._costs: dict[str, _Cost] = {}

    def cost(self, selections: SelectionSetNode) -> _Cost:
        """The cost of a selection set."""
        total = _Cost()
        for part in self._parts(selections):
            total += part
        return total

    def _parts(self, selections: SelectionSetNode) -> Iterator[_Cost]:
        for selection in selections.selections:
            match selection:
                case FieldNode():
                    inner = self.cost(selection.selection_set) if selection.selection_set else _Cost()
                    aliased = 1 if selection.alias else 0
                    yield _Cost(inner.fields + 1, inner.aliases + aliased, inner.depth + 1, 1)
                case InlineFragmentNode():
                    yield self.cost(selection.selection_set)
                case FragmentSpreadNode():
                    yield self._of_fragment(selection.name.value)

    def _of_fragment(self, name: str) -> _Cost:
        if name not in self._costs:
            self._costs[name] = _Cost()  # a cycle counts nothing here; validation refuses it
            if name in self._fragments:
                self._costs[name] = self.cost(self._fragments[name].selection_set)
        return self._costs[name]
