"""What others write where a value is missing: words such as `undefined`, unfilled merge tags, and their digests. Pure.

As an identifier, each of them would make one person of everybody who lacks a value. The words are those that other
analytics products refuse as an id (PostHog, Mixpanel, Amplitude), what programming languages and spreadsheets print
for no value, and the names that forms and templates give to the field itself. The marks of the merge tags are those
of mail tools, CRMs, tag managers and template languages.
"""

import hashlib
import html
import re
from collections.abc import Iterator
from functools import cache
from itertools import product
from urllib.parse import unquote

# Printed by programs for no value. Two of them in a row, or one after a fixed word, are no value either.
_PRINTED = frozenset(("null", "undefined", "none", "nan", "nil", "undef"))

# The field's own name, from a form or a template without its marks. `user_id` stands for `userid` and `user-id` too.
_NAMES_OF_FIELDS = """
    id uid uuid guid email e_mail email_address your_email email_uid user_id external_id visitor_id event_id client_id
    customer_id contact_id subscriber_id distinct_id anonymous_id phone_number
"""
_OTHER_WORDS = """
    n/a na n.a. n.a n.d. unknown anonymous anon anonym anonymous_user guest guest_user true false empty missing unset
    not_set not_provided not_available not_applicable not_authenticated unauthenticated not_logged_in
    logged_out no_email no_phone no_id no_user dbnull infinity -infinity -inf -nan -1 \\n unbekannt keine inconnu
    ffffffff-ffff-ffff-ffff-ffffffffffff
    #n/a #ref! #value! #name? #null! #div/0! #num! #error! #nv #bezug! #wert! #nom? #valeur! lmy47d
"""


def _spelled(words: str) -> frozenset[str]:
    """The words, those of several parts in each way that they are written."""
    return frozenset(word.replace("_", between) for word in words.split() for between in ("_", "-", "", " "))


_FIELDS = _spelled(_NAMES_OF_FIELDS)
_WORDS = _PRINTED | _FIELDS | _spelled(_OTHER_WORDS) | {"object object", "object undefined", "object null"}

# What stands between the marks of a merge tag.
_ANY_NAME = r"[a-z_][\w .:|=/'\"-]*"
_NAME = r"[a-z_](?:[a-z_ .:|=/'\"-]|md5|sha1|sha256)*\d?\d?"

# No identifier has these marks: wherever they stand, a template was not filled.
_TAG = re.compile(
    r"\{\{|\}\}|\{%.*%\}|\[%.*%\]|<[%?#].*[%?#]>|\$!?\{[^}]*\}|[#@%]\{[^}]*\}|\*\|.*\|\*|\[\[.*\]\]|%%.+%%"
    rf"|\{{[!$@#]{_ANY_NAME}\}}|%\(\w+\)[sd]|\$\({_ANY_NAME}\)|<[a-z]+ [^>]*=[^>]*>|eloqua\.\."
)
# These might be part of an identifier. They are a tag if nothing else has a digit: `##ID##`, `crm-@@ID@@`.
_TAG_AMONG_WORDS = re.compile(rf"\D*(?:(##|@@|~~|\$\$){_NAME}\1|<<{_NAME}>>|«{_NAME}»)\D*")
# Marks around a name and nothing else, or one mark in front.
_TAG_ALONE = re.compile(
    rf"([%#$*|~^!?§&=+@]|\|\||__){_NAME}\1|\{{{_NAME}\}}|\[[%§*]?{_NAME}[%§*]?\]|<{_NAME}/?>|\({_NAME}\)"
    r"|\$[a-z_][a-z_.]*\$?|%(\d+\$)?[sdiu@]|\$\d|\{\d?\d?\}"
)
# Marks that identifiers have, too: what they enclose must be the name of a field.
_MARKED_FIELD = re.compile(r"[-_:@&.](?:model\.|user\.|contact\.|customer\.)?([a-z][\w-]*?)[-_:;.]?")

_PHONES = frozenset(("phone", "mobile"))

_QUOTES = "\"'`\\“”„‘’‚«»‹›"
_BRACKETS = re.compile(r"\(.*\)|\[.*\]|<.*>|\{.*\}")
_NO_VALUE = re.compile(r"[-+\s:.,/]*(0x)?0[-+0\s:.,/]*|[-+–—_.?*#\s]+|[\[\](){}\"']+")
_BETWEEN_WORDS = re.compile(r"[\s,;|/_.:=@-]+")

# Nearly all identifiers: they have a digit other than zero, and only marks that identifiers have. Or they are a word.
_USUAL = re.compile(r"(?=[^1-9]*[1-9])\+?[A-Za-z0-9_.-]+(?:[@:/|+=#][A-Za-z0-9_.-]+)*")
_SHORT = 7  # a word that is no value and has such a digit is shorter
_PLAIN = re.compile(r"[A-Za-z][A-Za-z.@-]*")
_LONGEST = 256  # characters: no identifier is longer, and the expressions take the square of the length


def is_usual(text: str) -> bool:
    """Whether a text looks as nearly all identifiers do. It is never nothing, and this is quicker to say."""
    return _USUAL.fullmatch(text) is not None and (len(text) >= _SHORT or text.lower() not in _WORDS)


def is_nothing(text: str) -> bool:
    """Whether a trimmed text says that there is no value."""
    if _USUAL.fullmatch(text):
        return len(text) < _SHORT and text.lower() in _WORDS
    if len(text) > _LONGEST:
        return False
    lower = text.lower()
    if lower in _WORDS:
        return True
    if _PLAIN.fullmatch(text):
        return lower.endswith(_ENDINGS) and _is_interpolated(lower)
    decoded = html.unescape(unquote(lower)) if "%" in lower or "&" in lower else lower
    return any(is_tag(each) or is_tag(each.strip(_QUOTES)) or _is_wrapped_word(each) for each in {lower, decoded})


# What a program writes in a cell without a value, whatever the cell is about. `none` and `unknown` may be values there.
NO_VALUES = frozenset(
    ("null", "NULL", "[NULL]", "(null)", "<null>", "\\N", "nan", "NaN", "NAN", "undefined", "(not set)", "#N/A", "#NV")
)
_UNFILLED = re.compile(
    r"\{\{[^{}]*\}\}|\*\|[^|]*\|\*|%%[^%]+%%|\[\[[^\[\]]*\]\]|\$\{[^{}]*\}|##[^#]+##|@@[^@]+@@|<%[^%]*%>"
)


def is_unfilled(text: str) -> bool:
    """Whether a text is a merge tag that was not filled, and nothing else."""
    return bool(_UNFILLED.fullmatch(text))


def is_tag(text: str) -> bool:
    """Whether a text in lower case is a merge tag, or holds one."""
    if _TAG.search(text) or _TAG_AMONG_WORDS.fullmatch(text) or _TAG_ALONE.fullmatch(text):
        return True
    marked = _MARKED_FIELD.fullmatch(text)
    return bool(marked and (marked[1] in _FIELDS or marked[1] in _PHONES))


def _is_wrapped_word(text: str) -> bool:
    """A word, which may be in quotes or brackets, such as `"undefined"` and `(none)`."""
    while text and (inner := _unwrapped(text)) != text:
        text = inner
    return not text or text in _WORDS or bool(_NO_VALUE.fullmatch(text)) or _is_interpolated(text)


def _unwrapped(text: str) -> str:
    inner = text.strip().strip(_QUOTES).strip()
    return inner[1:-1].strip() if _BRACKETS.fullmatch(inner) else inner


def _is_interpolated(text: str) -> bool:
    """`user-undefined`, `customer:null`, `undefined undefined`, `nullnull`: nothing was put into a fixed text."""
    *before, last = _BETWEEN_WORDS.split(text)
    if last == "undefined":
        return not any(map(str.isdigit, text))
    if last in _PRINTED:
        return {*before} <= _BEFORE_AN_ID
    return any(last == word * (len(last) // len(word)) for word in _PRINTED) and not before


_ENDINGS = tuple(_PRINTED)
_WORDS_BEFORE_IDS = """
    user users customer client contact id uid member account visitor subscriber person lead order event pageview
    session email phone crm web app shop
"""
_BEFORE_AN_ID = _PRINTED | {"", *_WORDS_BEFORE_IDS.split()}


def digest_of_nothing(digest: bytes) -> str | None:
    """What a digest was made of, if it says that there is no value: a word or tag, `""` for blanks, or its zeros."""
    return _digests().get(digest)


_ALGORITHMS = (hashlib.md5, hashlib.sha1, hashlib.sha256)


@cache
def _digests() -> dict[bytes, str]:
    """By digest. Made when the first digest comes: it takes some milliseconds, and few commands need it."""
    found = {bytes(algorithm().digest_size): "0" for algorithm in _ALGORITHMS}
    for text in _hashed_by_mistake():
        raw = text.encode()
        for algorithm in _ALGORITHMS:
            digest = algorithm(raw)
            found.setdefault(digest.digest(), text.strip())
            if text in _HASHED_TWICE:  # by two programs, one after the other
                for inner, again in product((digest.hexdigest(), digest.hexdigest().upper()), _ALGORITHMS):
                    found.setdefault(again(inner.encode()).digest(), text.strip())
    return found


_OFTEN_HASHED = (*_PRINTED, "n/a", "na", "anonymous", "guest", "unknown", "false", "true", "0", "email", "not set")
_HASHED_TWICE = frozenset(("", "null", "NULL", "None", "undefined", "none"))
_CAMEL = ("NaN", "anonymousUser", "notAuthenticated", "userId", "externalId", "emailAddress", "email_UID")
_OBJECTS = "[object Object]", "[object Undefined]", "[object Null]", "[]", "{}", "<nil>", "<null>"
_MERGE_TAGS = (
    "{{%s}}", "{{ %s }}", "{%s}", "{$%s}", "${%s}", "#{%s}", "[%s]", "[[%s]]", "<%%= %s %%>", "%%%s%%", "%%%%%s%%%%",
    "*|%s|*", "##%s##", "@@%s@@", "$%s", "$%s$", "@%s@", "#%s#", "~%s~", "~%s", "<%s>", "<<%s>>", "«%s»", "%%{%s}",
)  # fmt: skip
_TAGGED = (
    "email", "Email", "EMAIL", "e-mail", "email_address", "EmailAddress", "EMAIL_ADDRESS", "emailaddress",
    "Email Address", "user.email", "customer.email", "contact.email", "contact.EMAIL", "lead.Email Address",
    "lead.email", "person.email", "subscriber.email", "recipient.email", "profile.email", "email_uid", "EMAIL_UID",
    "phone", "Phone", "PHONE", "phone_number", "user.phone", "contact.phone", "customer.phone", "mobile", "MOBILE",
    "user_id", "userId", "id", "ID", "contact.id", "UNIQID", "hash", "email_hash", "email_sha256", "email_md5",
)  # fmt: skip


def _hashed_by_mistake() -> Iterator[str]:
    yield from ("", " ", "  ", "\t", "\n", "\r\n", "\r", "\u00a0", '""', "''", "\ufeff")
    for word in (*_WORDS, *_CAMEL, *_OBJECTS, "0", "-", "+", "(none)", "(not set)", "(null)", "."):
        yield from {word, word.upper(), word.capitalize()}
    for word in _OFTEN_HASHED:
        yield f"{word}@{word}.com"
        for form in (word, word.upper(), word.capitalize()):
            yield from (f"{form}\n", f"{form}\r\n", f'"{form}"', f"'{form}'", f" {form}", f"{form} ")
    for sign, length in product(("", "+"), range(2, 16)):
        yield sign + "0" * length
    for tag, name in product(_MERGE_TAGS, _TAGGED):
        yield tag % name
