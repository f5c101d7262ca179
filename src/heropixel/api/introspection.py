"""Questions about the schema itself. It never changes, so answers are kept; and they are no larger than is allowed."""

from collections import OrderedDict
from collections.abc import Hashable, Iterator
from enum import Enum, auto
from typing import Any

import msgspec
from graphql import (
    DocumentNode,
    Executor,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLObjectType,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    is_introspection_type,
)
from graphql.execution.collect_fields import GroupedFieldSet
from graphql.pyutils import Path

SCHEMA_FIELDS = ("__schema", "__type")

# Answers of the schema that are kept, in bytes of JSON. The one that tools ask for has 200 kB.
_MAX_KEPT = 4_000_000


class Asks(Enum):
    """What an operation asks for."""

    NOT_SCHEMA = auto()
    ONLY_SCHEMA = auto()
    BOTH = auto()


def asks(document: DocumentNode, operation: OperationDefinitionNode) -> Asks:
    """Whether an operation of a valid document asks for the schema, for other things, or for both."""
    names = {*_root_fields(document, operation)} - {"__typename"}
    if names.isdisjoint(SCHEMA_FIELDS):
        return Asks.NOT_SCHEMA
    return Asks.ONLY_SCHEMA if names <= {*SCHEMA_FIELDS} else Asks.BOTH


def _root_fields(document: DocumentNode, operation: OperationDefinitionNode) -> Iterator[str]:
    fragments = {
        definition.name.value: definition
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }
    waiting: list[SelectionNode] = [*operation.selection_set.selections]
    spread: set[str] = set()
    while waiting:
        selection = waiting.pop()
        if isinstance(selection, FieldNode):
            yield selection.name.value
        elif isinstance(selection, InlineFragmentNode):
            waiting.extend(selection.selection_set.selections)
        elif (name := selection.name.value) not in spread:  # type: ignore[attr-defined]  # a spread is all that is left
            spread.add(name)
            waiting.extend(fragments[name].selection_set.selections)


class TooManyValues(BaseException):
    """A document asks for more values of the schema than are allowed. No exception of a field: it ends everything."""


class SchemaExecutor(Executor[Any]):
    """graphql-core's executor, which gives up where too many values of the schema are asked for.

    Lists multiply below `__schema`: a short document may ask for millions.
    """

    def __init__(self, *args: Any, max_values: int, **more: Any) -> None:  # noqa: ANN401 - as graphql-core has them
        super().__init__(*args, **more)
        self._left = max_values

    def execute_fields(
        self,
        parent_type: GraphQLObjectType,
        source_value: Any,  # noqa: ANN401 - any part of a schema
        path: Path | None,
        grouped_field_set: GroupedFieldSet,
        *more: Any,  # noqa: ANN401 - as graphql-core has them
    ) -> Any:  # noqa: ANN401 - as graphql-core has it
        """Count the fields of one object of the schema, then execute them.

        Raises:
            TooManyValues: there were too many.
        """
        if is_introspection_type(parent_type):
            self._left -= len(grouped_field_set)
            if self._left < 0:
                raise TooManyValues
        return super().execute_fields(parent_type, source_value, path, grouped_field_set, *more)


class KeptAnswers:
    """The latest answers, as JSON."""

    def __init__(self) -> None:
        self._answers: OrderedDict[Hashable, msgspec.Raw] = OrderedDict()
        self._bytes = 0

    def get(self, key: Hashable) -> msgspec.Raw | None:
        """An answer that is kept."""
        answer = self._answers.get(key)
        if answer is not None:
            self._answers.move_to_end(key)
        return answer

    def keep(self, key: Hashable, answer: msgspec.Raw) -> None:
        """Keep an answer, and drop the oldest where they become too many."""
        if key not in self._answers:
            self._answers[key] = answer
            self._bytes += len(bytes(answer))
        while self._bytes > _MAX_KEPT:
            _, oldest = self._answers.popitem(last=False)
            self._bytes -= len(bytes(oldest))
