"""Masks addresses and telephone numbers in a response, wherever they stand: `j•••@example.com`, `+4••••••67`.

It is done to the finished response, so that no field, list or trait can be forgotten. Only responses to members who
must not see addresses pass here. Their own addresses and those of other members stay readable. What is
masked, `heropixel/masked.py` says.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec
from graphql import DocumentNode, FieldNode, FragmentDefinitionNode, FragmentSpreadNode, OperationDefinitionNode
from graphql.language import InlineFragmentNode, SelectionSetNode

from heropixel.masked import masked_text, names_phones

# Operations that are about members, not about the people an app knows.
OF_MEMBERS: Final = frozenset(
    {"me", "members", "sessions", "auditEntries", "inviteMember", "changeMember", "removeMember"}
    | {"signIn", "signInByLink", "signOut", "setPassword", "showAddresses", "revokeSession"}
)


def masked_response(body: Mapping[str, Any], roots: Mapping[str, str]) -> dict[str, Any]:
    """A response with its `data` masked. `roots` has the field of each key of it."""
    data = body.get("data")
    if not isinstance(data, dict):
        return {**body}
    return {
        **body,
        "data": {key: value if roots.get(key) in OF_MEMBERS else masked(value) for key, value in data.items()},
    }


def masked(value: Any, name: str = "") -> Any:  # noqa: ANN401 - any JSON
    """A value with every address in it masked. `name` is that of its field."""
    match value:
        case str():
            return masked_text(value, is_phone=names_phones(name))
        case dict():
            return {masked_text(str(key)): masked(inner, str(key)) for key, inner in value.items()}
        case list() | tuple():
            return [masked(inner, name) for inner in value]
        case msgspec.Raw():
            return masked(msgspec.json.decode(value), name)
        case int() if not isinstance(value, bool) and names_phones(name):
            return masked_text(str(value), is_phone=True)
    return value


def root_fields(document: DocumentNode, operation: OperationDefinitionNode | None) -> dict[str, str]:
    """The field at the root behind each key of the response to an operation."""
    if operation is None:
        return {}
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    return dict(_fields(operation.selection_set, fragments))


def _fields(selections: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode]) -> Iterator[tuple[str, str]]:
    for node in selections.selections:
        match node:
            case FieldNode():
                yield (node.alias or node.name).value, node.name.value
            case InlineFragmentNode():
                yield from _fields(node.selection_set, fragments)
            case FragmentSpreadNode():
                yield from _fields(fragments[node.name.value].selection_set, fragments)
