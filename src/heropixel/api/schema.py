"""The hand-written schema, bound to the resolvers and to the Python types of its inputs."""

import math
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from importlib import resources
from operator import attrgetter
from typing import Any

import msgspec
from graphql import (
    DocumentNode,
    GraphQLEnumType,
    GraphQLError,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLScalarType,
    GraphQLSchema,
    build_ast_schema,
    parse,
    value_from_ast_untyped,
)
from graphql.language import FloatValueNode, IntValueNode, StringValueNode, ValueNode
from graphql.pyutils import Undefined

from heropixel.api.answers import FIELDS, Answer
from heropixel.api.context import Context
from heropixel.api.credentials import Credentials
from heropixel.api.last_seen import SeenInput
from heropixel.api.needs import NEEDS
from heropixel.api.resolvers import Resolvers
from heropixel.api.selection import selected
from heropixel.identity.person import UserInput, UserSelector
from heropixel.identity.search import TraitInput, UserSearch
from heropixel.identity.suppress import ContactInput
from heropixel.recording.pageview import PageviewEvent
from heropixel.reports.filters import ConditionInput, FilterInput
from heropixel.reports.question import ReportInput, ReportOrder
from heropixel.reports.ranges import ComparisonInput, RangeInput
from heropixel.reports.viewed import ViewInput, ViewOption
from heropixel.values import snake

FieldResolver = Callable[..., Awaitable[Answer]]

# The Python type of each input object.
INPUTS: Mapping[str, type[Any]] = {
    "AuthInput": Credentials,
    "PageviewEventInput": PageviewEvent,
    "UserInput": UserInput,
    "UserSelector": UserSelector,
    "ContactInput": ContactInput,
    "UserSearch": UserSearch,
    "SeenInput": SeenInput,
    "TraitInput": TraitInput,
    "ReportInput": ReportInput,
    "RangeInput": RangeInput,
    "ComparisonInput": ComparisonInput,
    "FilterInput": FilterInput,
    "ConditionInput": ConditionInput,
    "ReportOrder": ReportOrder,
    "ViewInput": ViewInput,
    "ViewOptionInput": ViewOption,
}

# A field of the schema keeps its resolver under this name, for plans that do not use graphql-core's executor.
RESOLVER = "heropixel.resolver"

# These queries have expensive fields that few callers select: they look at the selection first.
LOOKING_AHEAD = {
    "auditEntries",
    "user",
    "users",
    "userPageviews",
    "userSessions",
    "userTimeline",
    "suppressions",
    "merges",
    "erasures",
    "report",
    "pageviews",
}

# The Python type of each answer, for the interface.
ANSWERS = {
    "AppAnswer": "AppResponse",
    "SecretAnswer": "SecretResponse",
    "UserAnswer": "UserResponse",
    "UsersAnswer": "UsersResponse",
    "UserPageviewsAnswer": "UserPageviewsResponse",
    "TimelineAnswer": "UserTimelineResponse",
    "WholePersonAnswer": "UserDataResponse",
    "UserSessionsAnswer": "UserSessionsResponse",
    "IdentifyAnswer": "IdentifyResponse",
    "IdentifyManyAnswer": "IdentifyManyResponse",
    "UnmergeAnswer": "UnmergeResponse",
    "UnlinkAnswer": "UnlinkResponse",
    "SuppressAnswer": "SuppressResponse",
    "SuppressionsAnswer": "SuppressionsResponse",
    "ErasureAnswer": "ErasureResponse",
    "ErasuresAnswer": "ErasuresResponse",
    "MergesAnswer": "MergesResponse",
    "HashPreviewAnswer": "HashPreviewResponse",
    "PixelAnswer": "PixelResponse",
    "PixelsAnswer": "PixelsResponse",
    "VerificationAnswer": "VerificationResponse",
    "PageviewAnswer": "PageviewResponse",
    "PageviewsAnswer": "PageviewsResponse",
    "PageviewListAnswer": "PageviewListResponse",
    "ReportAnswer": "ReportResponse",
    "MeAnswer": "MeResponse",
    "SignedOutAnswer": "SignedOutResponse",
    "MemberSessionsAnswer": "MemberSessionsResponse",
    "MemberAnswer": "MemberResponse",
    "MembersAnswer": "MembersResponse",
    "InvitationAnswer": "InvitationResponse",
    "KeyAnswer": "KeyResponse",
    "NewKeyAnswer": "NewKeyResponse",
    "KeysAnswer": "KeysResponse",
    "ShareAnswer": "ShareResponse",
    "NewShareAnswer": "NewShareResponse",
    "SharesAnswer": "SharesResponse",
    "OpenedShareAnswer": "OpenedShareResponse",
    "SavedViewAnswer": "SavedViewResponse",
    "SavedViewsAnswer": "SavedViewsResponse",
    "AuditEntriesAnswer": "AuditEntriesResponse",
}


def load_schema(resolvers: Resolvers | None = None) -> GraphQLSchema:
    """The schema of `schema.graphql`, ready to be executed. Without resolvers it can only be read."""
    # A test checks that the text is a valid schema: to check it at each start takes as long as everything else here.
    schema = build_ast_schema(_document(), assume_valid=True, assume_valid_sdl=True)
    for name, bound in schema.type_map.items():
        if name.startswith("__"):
            continue
        match bound:
            case GraphQLInterfaceType():
                bound.resolve_type = lambda answer, *_: ANSWERS[type(answer).__name__]
            case GraphQLObjectType(name="Subscription"):
                _bind_subscriptions(bound, resolvers)
            case GraphQLObjectType(name="Query" | "Mutation"):
                _bind_root(bound, resolvers)
            case GraphQLObjectType():
                _bind_fields(bound)
            case GraphQLInputObjectType():
                _bind_input(bound)
            case GraphQLScalarType() | GraphQLEnumType():
                pass
    _bind_json(schema)
    _bind_timestamp(schema)
    return schema


def sdl() -> str:
    """The text of the schema."""
    return (resources.files("heropixel.api") / "schema.graphql").read_text()


@cache  # a process may build several schemas from it
def _document() -> DocumentNode:
    return parse(sdl())


def _bind_root(bound: GraphQLObjectType, resolvers: Resolvers | None) -> None:
    for name, field in bound.fields.items():
        _bind_arguments(field)
        resolver = resolvers and resolvers.of(bound.name, name)
        if resolver:
            calling = _calling(resolver, bound.name, name)
            looks_ahead = bound.name == "Query" and name in LOOKING_AHEAD
            field.resolve = _looking_ahead(calling) if looks_ahead else _root(calling)
            field.extensions[RESOLVER] = calling


def _bind_subscriptions(bound: GraphQLObjectType, resolvers: Resolvers | None) -> None:
    for name, field in bound.fields.items():
        _bind_arguments(field)
        subscribe = resolvers and resolvers.of(bound.name, name)
        if subscribe:
            field.subscribe = _root(_calling(subscribe, bound.name, name))
            field.resolve = lambda event, _info, **_arguments: event


def _calling(resolver: FieldResolver, root: str, name: str) -> FieldResolver:
    """A resolver that is told what its operation needs."""
    need = NEEDS[root][name]

    def calling(context: Context, **arguments: Any) -> Awaitable[Answer]:  # noqa: ANN401 - arguments of any field
        return resolver(context.calling(need, arguments), **arguments)

    return calling


def _bind_fields(bound: GraphQLObjectType) -> None:
    for name, field in bound.fields.items():
        field.resolve = _leaf(getter(bound.name, name))


def _bind_arguments(field: GraphQLField) -> None:
    for name, argument in field.args.items():
        argument.out_name = snake(name)


def _root(resolver: FieldResolver) -> Callable[..., Awaitable[Answer]]:
    def resolve(_root: object, info: GraphQLResolveInfo[Any], **arguments: Any) -> Awaitable[Answer]:  # noqa: ANN401 - arguments of any field
        return resolver(info.context, **arguments)

    return resolve


def _looking_ahead(resolver: FieldResolver) -> Callable[..., Awaitable[Answer]]:
    def resolve(_root: object, info: GraphQLResolveInfo[Any], **arguments: Any) -> Awaitable[Answer]:  # noqa: ANN401 - arguments of any field
        return resolver(msgspec.structs.replace(info.context, selected=selected(info)), **arguments)

    return resolve


def _leaf(get: Callable[[Any], Any]) -> Callable[[Any, GraphQLResolveInfo[Any]], Any]:
    return lambda source, _info: get(source)


def getter(type_name: str, field: str) -> Callable[[Any], Any]:
    """The function that reads a field from its object. A field without an entry is the attribute of the same name."""
    return FIELDS.get(type_name, {}).get(field) or attrgetter(snake(field))


def _bind_input(bound: GraphQLInputObjectType) -> None:
    struct = INPUTS[bound.name]
    for name, field in bound.fields.items():
        field.out_name = snake(name)
    bound.out_type = lambda value: struct(**value)  # type: ignore[method-assign]  # graphql-core's own way to bind a built schema


def _bind_json(schema: GraphQLSchema) -> None:
    scalar = schema.type_map["JSON"]
    assert isinstance(scalar, GraphQLScalarType)  # noqa: S101 - a line of our own schema
    scalar.parse_literal = _json_literal  # type: ignore[method-assign]  # as above


def _json_literal(node: ValueNode, variables: dict[str, Any] | None = None) -> Any:  # noqa: ANN401 - any JSON
    return _json_value(value_from_ast_untyped(node, variables), node)


def _json_value(value: Any, node: ValueNode) -> Any:  # noqa: ANN401 - any JSON
    """A variable that was not given omits its field, as in an input object. In a list it is null."""
    match value:
        case dict():
            return {name: _json_value(inner, node) for name, inner in value.items() if inner is not Undefined}
        case list():
            return [None if inner is Undefined else _json_value(inner, node) for inner in value]
        case float() if not math.isfinite(value):
            raise GraphQLError("A JSON number must be finite.", node)
    return value


def _bind_timestamp(schema: GraphQLSchema) -> None:
    scalar = schema.type_map["Timestamp"]
    assert isinstance(scalar, GraphQLScalarType)  # noqa: S101 - a line of our own schema
    scalar.coerce_input_value = _timestamp_value  # `parse_value` is too late: it is read when the type is created
    scalar.parse_literal = _timestamp_literal  # type: ignore[method-assign]  # as above


def _timestamp_value(value: object) -> str | int | float:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise GraphQLError("A Timestamp is a number or a string.")
    return value


def _timestamp_literal(node: ValueNode, variables: dict[str, Any] | None = None) -> str:  # noqa: ARG001 - graphql-core's signature
    if not isinstance(node, IntValueNode | FloatValueNode | StringValueNode):
        raise GraphQLError("A Timestamp is a number or a string.", node)
    return node.value
