"""The selected fields of an answer, for resolvers that need them before they answer."""

from collections.abc import Iterator
from typing import Any

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLIncludeDirective,
    GraphQLResolveInfo,
    GraphQLSkipDirective,
    InlineFragmentNode,
    SelectionSetNode,
    get_directive_values,
)


def selected(info: GraphQLResolveInfo[Any]) -> frozenset[str]:
    """The names of all fields below a root field that will be answered, at any depth."""
    finder = _Finder(info)
    return frozenset(name for node in info.field_nodes for name in finder.names(node.selection_set))


class _Finder:
    """Looks into each fragment once, however often it is spread."""

    def __init__(self, info: GraphQLResolveInfo[Any]) -> None:
        self._info = info
        self._seen: set[str] = set()

    def names(self, selections: SelectionSetNode | None) -> Iterator[str]:
        for node in selections.selections if selections else ():
            if not self._is_included(node):
                continue
            match node:
                case FieldNode():
                    yield node.name.value
                    yield from self.names(node.selection_set)
                case InlineFragmentNode():
                    yield from self.names(node.selection_set)
                case FragmentSpreadNode() if node.name.value not in self._seen:
                    self._seen.add(node.name.value)
                    yield from self.names(self._info.fragments[node.name.value].selection_set)

    def _is_included(self, node: Any) -> bool:  # noqa: ANN401 - any selection
        variables = self._info.variable_values
        skip = get_directive_values(GraphQLSkipDirective, node, variables)
        include = get_directive_values(GraphQLIncludeDirective, node, variables)
        return not (skip and skip["if"]) and not (include and not include["if"])
