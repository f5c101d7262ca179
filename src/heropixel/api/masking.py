"""Masks addresses and telephone numbers in a response, wherever they stand: `j•••@example.com`, `+4••••••67`.

It is done to the finished response, so that no field, list or trait can be forgotten. Only responses to members who
must not see addresses pass here. Their own addresses and those of other members stay readable.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec
from graphql import DocumentNode, FieldNode, FragmentDefinitionNode, FragmentSpreadNode, OperationDefinitionNode
from graphql.language import InlineFragmentNode, SelectionSetNode

# Operations that are about members, not about the people an app knows.
OF_MEMBERS: Final = frozenset(
    {"me", "members", "sessions", "auditEntries", "inviteMember", "changeMember", "removeMember"}
    | {"signIn", "signInByLink", "signOut", "setPassword", "showAddresses", "revokeSession"}
)

# The end of an address in any text, also percent-encoded in an address of a page; and what cannot be before it.
_END = re.compile(r"(?:@|%40)\w[\w-]{0,62}(?:\.[\w-]{1,63})+", re.IGNORECASE)
_BREAK = re.compile(r"""[\s@<>"'(),:;=&?/\[\]\\]""")
_MAX_LOCAL = 254  # characters before the @: more is no address, and the search takes a bounded time for each @
_PHONE = re.compile(r"(\+|%2B)(\d)(?:[ .()/-]{0,2}\d){5,13}", re.IGNORECASE)
_NAMED_PHONE = re.compile(r"(?i:phone|mobile|telefon|handy|whatsapp)|(?:^|_)[Tt]el(?:$|_|[A-Z])")
_DIGITS = re.compile(r"\d(?=[^\d]*\d[^\d]*\d)")


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


def masked_text(text: str, *, is_phone: bool = False) -> str:
    """A text with every address in it masked."""
    if "@" in text or "%40" in text:
        text = _without_emails(text)
    if "+" in text or "%2B" in text or "%2b" in text:
        text = _PHONE.sub(lambda found: f"{found[1]}{found[2]}••••••{found[0][-2:]}", text)
    if is_phone and "•" not in text:
        text = _DIGITS.sub("•", text)
    return text


def _without_emails(text: str) -> str:
    parts, done = [], 0
    for end in _END.finditer(text):
        before = text[max(done, end.start() - _MAX_LOCAL) : end.start()]
        local = _BREAK.split(before)[-1]
        if local:
            parts += [text[done : end.start() - len(local)], local[0], "•••", end[0]]
            done = end.end()
    return "".join([*parts, text[done:]])


def names_phones(name: str) -> bool:
    """Whether the values under a name are telephone numbers, with or without a country code."""
    return bool(name) and _NAMED_PHONE.search(name) is not None


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
