"""The fast path for a prepared operation of a common shape.

graphql-core's executor decides everything at each call; here it is decided once. A plan exists only for operations of
the shapes named in `plan`, and accepts only variables that need no coercion. graphql-core runs everything else, and so
makes every error. A property test compares the two.
"""

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Annotated, Any, NamedTuple

import msgspec
from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLObjectType,
    GraphQLSchema,
    ListTypeNode,
    NamedTypeNode,
    NonNullTypeNode,
    ObjectValueNode,
    OperationDefinitionNode,
    OperationType,
    TypeNode,
    ValueNode,
    VariableDefinitionNode,
    VariableNode,
    get_named_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)
from graphql.language import ListValueNode
from graphql.pyutils import Undefined
from graphql.utilities.coerce_input_value import coerce_input_literal

from heropixel.api.context import Context
from heropixel.api.credentials import Credentials
from heropixel.api.schema import INPUTS, RESOLVER, FieldResolver, getter

Project = Callable[[Any], Any]


class Step(NamedTuple):
    """One field at the root."""

    key: str  # in the response
    resolver: FieldResolver | None  # None: `__typename`
    arguments: Callable[[Any], dict[str, Any]]  # from the variables
    project: Project  # from the answer to its selected fields


class Plan(NamedTuple):
    """A planned operation."""

    variables: type[Any]  # a struct with the names and types of the variables
    steps: Sequence[Step]
    only_records: bool  # each step is `pageview`, which waits for the recorder only

    async def run(self, variables: Mapping[str, Any], context: Context) -> dict[str, Any]:
        """The `data` of the response.

        Raises:
            msgspec.ValidationError: the variables do not simply have their types; graphql-core must check them.
        """
        given = msgspec.convert(variables, self.variables)
        # All arguments come before the first effect: if one does not fit, graphql-core can still run it all.
        arguments = [step.arguments(given) for step in self.steps]
        data: dict[str, Any] = {}
        for step, values in zip(self.steps, arguments, strict=True):
            answer = await step.resolver(context, **values) if step.resolver else None
            data[step.key] = step.project(answer)
        return data


class _Unusual(Exception):  # noqa: N818 - not an error: a reason to leave it to graphql-core
    pass


def plan(schema: GraphQLSchema, document: DocumentNode) -> Plan | None:
    """A plan for a valid document; None if it has anything but one mutation of plain fields.

    Left to graphql-core: queries, several operations, fragments, directives, defaults of variables, fields that merge,
    variables inside of lists or of one object for a list, and variables of `JSON!`.
    """
    if len(document.definitions) != 1:
        return None
    operation = document.definitions[0]
    if not isinstance(operation, OperationDefinitionNode) or operation.operation != OperationType.MUTATION:
        return None
    try:
        return _Planner(schema, operation).plan()
    except _Unusual:
        return None


def plan_events(schema: GraphQLSchema, document: DocumentNode) -> Project | None:
    """The function from an event of a subscription to its `data`; None if its fields are not plain ones."""
    if len(document.definitions) != 1:
        return None
    operation = document.definitions[0]
    if not isinstance(operation, OperationDefinitionNode) or operation.operation != OperationType.SUBSCRIPTION:
        return None
    root = schema.subscription_type
    if root is None:
        return None
    try:
        ((key, node),) = _plain_fields(operation.selection_set.selections).items()  # a valid one has one field
        project = _projection(get_named_type(root.fields[node.name.value].type), node)
    except _Unusual:
        return None
    return lambda event: {key: project(event)}


class _Planner:
    def __init__(self, schema: GraphQLSchema, operation: OperationDefinitionNode) -> None:
        self._schema = schema
        self._operation = operation

    def plan(self) -> Plan:
        if self._operation.directives:
            raise _Unusual
        # The names get a prefix: a caller may name a variable `__init__`, but a struct cannot have such a field.
        variables = msgspec.defstruct(
            "Variables",
            [_variable(definition) for definition in self._operation.variable_definitions or ()],
            kw_only=True,  # an optional variable may stand before a required one
            rename=lambda name: name.removeprefix(_PREFIX),
        )
        root = self._schema.mutation_type
        if root is None:
            raise _Unusual
        fields = _plain_fields(self._operation.selection_set.selections)
        return Plan(
            variables,
            [self._step(root, key, node) for key, node in fields.items()],
            only_records=all(node.name.value == "pageview" for node in fields.values()),
        )

    def _step(self, root: GraphQLObjectType, key: str, node: FieldNode) -> Step:
        name = node.name.value
        if name == "__typename":
            return Step(key, None, lambda _variables: {}, lambda _answer: root.name)
        field = root.fields[name]
        project = _projection(get_named_type(field.type), node)
        return Step(key, field.extensions[RESOLVER], self._arguments(root, node), project)

    def _arguments(self, root: GraphQLObjectType, node: FieldNode) -> Callable[[Any], dict[str, Any]]:
        definitions = root.fields[node.name.value].args
        values = {
            definitions[argument.name.value].out_name: self._value(
                argument.value, definitions[argument.name.value].type
            )
            for argument in node.arguments or ()
        }
        return lambda variables: {name: value(variables) for name, value in values.items()}

    def _value(self, node: ValueNode, type_: Any) -> Callable[[Any], Any]:  # noqa: ANN401 - any input type
        """The function from the variables to an argument."""
        if isinstance(node, VariableNode):
            return attrgetter(_PREFIX + node.name.value)
        if _has_variables(node):
            nullable = type_.of_type if is_non_null_type(type_) else type_
            if not isinstance(node, ObjectValueNode) or is_list_type(
                nullable
            ):  # one object for a list is a list of one
                raise _Unusual
            return self._object(node, nullable.name)
        constant = coerce_input_literal(node, type_)
        if constant is Undefined:
            raise _Unusual
        if isinstance(constant, Credentials):
            constant = constant.proof  # as `Context.caller` would make it at each call
        return lambda _variables: constant

    def _object(self, node: ObjectValueNode, type_name: str) -> Callable[[Any], Any]:
        """An input object that mixes literals and variables."""
        struct = INPUTS.get(type_name)
        if struct is None:
            raise _Unusual
        definition: Any = self._schema.type_map[type_name]
        values = {
            definition.fields[field.name.value].out_name: self._value(
                field.value, definition.fields[field.name.value].type
            )
            for field in node.fields
        }
        return lambda variables: struct(**{name: value(variables) for name, value in values.items()})


def _projection(type_: Any, node: FieldNode) -> Project:  # noqa: ANN401 - any output type
    """The function from an object to its selected fields."""
    if not isinstance(type_, GraphQLObjectType) or node.selection_set is None:
        raise _Unusual
    readers = [(key, _reader(type_, field)) for key, field in _plain_fields(node.selection_set.selections).items()]

    def project(source: Any) -> dict[str, Any]:  # noqa: ANN401 - an object of any type
        selected: dict[str, Any] = {}
        for key, read in readers:  # no comprehension: it is a call of its own, for each of a thousand results
            selected[key] = read(source)
        return selected

    return project


def _reader(type_: GraphQLObjectType, node: FieldNode) -> Project:
    name = node.name.value
    if name == "__typename":
        return lambda _source: type_.name
    get = getter(type_.name, name)
    field_type = type_.fields[name].type
    if is_leaf_type(get_named_type(field_type)):
        return get
    project = _projection(get_named_type(field_type), node)
    nullable = field_type.of_type if is_non_null_type(field_type) else field_type
    if is_list_type(nullable):
        return lambda source: _each(project, get(source))
    return lambda source: _perhaps(project, get(source))


def _each(project: Project, items: Sequence[Any] | None) -> list[Any] | None:
    return None if items is None else [project(item) for item in items]


def _perhaps(project: Project, item: Any) -> Any:  # noqa: ANN401 - any value of a field
    return None if item is None else project(item)


def _plain_fields(selections: Sequence[Any]) -> dict[str, FieldNode]:
    fields: dict[str, FieldNode] = {}
    for node in selections:
        if not isinstance(node, FieldNode) or node.directives:
            raise _Unusual
        key = node.alias.value if node.alias else node.name.value
        if key in fields:
            raise _Unusual
        fields[key] = node
    return fields


def _has_variables(node: ValueNode) -> bool:
    match node:
        case VariableNode():
            return True
        case ObjectValueNode():
            return any(_has_variables(field.value) for field in node.fields)
        case ListValueNode():
            return any(_has_variables(item) for item in node.values)
    return False


_PREFIX = "v_"

# The types that a scalar variable may have without coercion. A JSON value is not checked.
_SCALARS: dict[str, Any] = {
    "Int": Annotated[int, msgspec.Meta(ge=-(2**31), lt=2**31)],
    "String": str,
    "Boolean": bool,
    "JSON": Any,
    "Timestamp": str | int | float,
}


def _variable(definition: VariableDefinitionNode) -> Any:  # noqa: ANN401 - as msgspec.defstruct takes a field
    if definition.default_value or definition.directives:
        raise _Unusual
    name = _PREFIX + definition.variable.name.value
    if isinstance(definition.type, NonNullTypeNode):
        return name, _python_type(definition.type)
    return name, _python_type(definition.type) | None, None


def _python_type(node: TypeNode) -> Any:  # noqa: ANN401 - a type
    match node:
        case NonNullTypeNode():
            inner = _python_type(node.type)
            if inner is Any:  # takes null as well
                raise _Unusual
            return inner
        case ListTypeNode():
            item = _python_type(node.type)
            return list[item] if isinstance(node.type, NonNullTypeNode) else list[item | None]  # type: ignore[valid-type]  # built at run time
        case NamedTypeNode():
            name = node.name.value
            if name in _SCALARS or name in INPUTS:
                return _SCALARS.get(name) or INPUTS[name]
    raise _Unusual
