"""The elements of a page that browsers would run or obey, in order, by HTML's rules, also for broken markup. Pure.

It is our own parser, since an untrusted page may be made to keep a parser busy. This one only moves forward, and reads
nothing twice.
"""

import codecs
import html
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

_SPACE = r"[\t\n\f\r ]"
_NAME = re.compile(r"[a-zA-Z][^\t\n\f\r />]*+")
# The rest of a tag after its name; a quoted value may contain a >.
_LEFT = rf"""(?:[^>=]++|={_SPACE}*+(?:"[^"]*+"|'[^']*+'|(?!["'])[^\t\n\f\r >]*+))*+>"""
_REST = re.compile(_LEFT)
_ATTRIBUTE = re.compile(
    rf"""[^\t\n\f\r />][^\t\n\f\r />=]*+(?:{_SPACE}*+={_SPACE}*+(?:"[^"]*+"|'[^']*+'|[^\t\n\f\r >]*+))?+"""
)
_COMMENT_END = re.compile(r"--!?>")

_WANTED = {"script", "img", "meta", "base", "template", "noscript"}
_TEXT_ONLY = {"script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes", "noscript"}
# Text and tags that give no element, as many as follow each other.
_PLAIN = re.compile(
    rf"(?:[^<]++|<(?![a-zA-Z/!?])|</?(?!(?:{'|'.join([*_WANTED, *_TEXT_ONLY, 'plaintext'])})[\t\n\f\r />])"
    rf"[a-zA-Z][^\t\n\f\r />]*+{_LEFT})*+",
    re.IGNORECASE,
)
_OF_HEAD = {"html", "head", "base", "basefont", "bgsound", "link", "meta", "noframes"} | {
    "noscript",
    "script",
    "style",
    "template",
    "title",
}


class Element(NamedTuple):
    """A start tag, or a comment. A comment has no name."""

    name: str
    attributes: Mapping[str, str]
    text: str = ""  # the content of a script or a comment
    in_noscript: bool = False  # only browsers without JavaScript see it
    in_head: bool = False


def elements(page: str) -> Iterator[Element]:
    """The scripts, images, `meta`, `base` and comments of a page. The content of templates is left out."""
    yield from _elements(page, in_noscript=False)


def _elements(page: str, *, in_noscript: bool) -> Iterator[Element]:
    templates = _Templates()
    in_head = True
    place = page.find("<")
    while place >= 0:
        tag = _tag(page, place)
        if tag is None or tag.name == "plaintext":
            return
        begin = place
        in_head = in_head and (tag.closing or not tag.name or tag.name in _OF_HEAD)
        place = _end_of_text(page, tag, in_noscript=in_noscript)
        text = page[tag.end : place]
        if tag.name == "template":
            templates.take(tag)
        elif tag.closing or templates.inert:
            pass
        elif page.startswith("<!--", begin):
            yield Element("", {}, page[begin : tag.end], in_noscript, in_head)
        elif tag.name == "noscript" and not in_noscript:
            yield from _elements(text, in_noscript=True)
        elif tag.name in _WANTED:
            yield Element(tag.name, tag.attributes, text, in_noscript, in_head)
        place = page.find("<", place) if in_head else _plain_end(page, place)


class _Templates:
    """The open templates."""

    def __init__(self) -> None:
        self.inert = 0  # how many open templates hide their content from the page
        self._open: list[bool] = []

    def take(self, tag: "_Tag") -> None:
        if not tag.closing:
            self._open.append("shadowrootmode" not in tag.attributes)  # a declarative shadow root is part of the page
            self.inert += self._open[-1]
        elif self._open:
            self.inert -= self._open.pop()


def _plain_end(page: str, place: int) -> int:
    """The place of the next tag that gives an element; -1: there is none."""
    plain = _PLAIN.match(page, place)
    assert plain  # noqa: S101 - it also matches empty text
    return plain.end() if plain.end() < len(page) else -1


class _Tag(NamedTuple):
    closing: bool
    name: str  # empty for a comment
    attributes: dict[str, str]
    end: int


def _tag(page: str, place: int) -> _Tag | None:
    """The tag or comment that begins at a `<`; None where the page ends within it."""
    following = page[place + 1 : place + 2]
    if following in ("!", "?"):
        return _comment(page, place)
    closing = following == "/"
    name = _NAME.match(page, place + 1 + closing)
    if not name:
        if closing:
            return _comment(page, place)
        return _Tag(False, "<", {}, place + 1)  # a text: it ends the head
    rest = _REST.match(page, name.end())
    if not rest:
        return None
    lower = name[0].lower()
    attributes = {} if closing or lower not in _WANTED else _attributes(page[name.end() : rest.end() - 1])
    return _Tag(closing, lower, attributes, rest.end())


def _comment(page: str, place: int) -> _Tag | None:
    if not page.startswith("<!--", place):
        end = page.find(">", place)
        return _Tag(False, "", {}, end + 1) if end >= 0 else None
    for empty in ("<!-->", "<!--->"):
        if page.startswith(empty, place):
            return _Tag(False, "", {}, place + len(empty))
    found = _COMMENT_END.search(page, place + 4)
    return _Tag(False, "", {}, found.end() if found else len(page))


def _attributes(text: str) -> dict[str, str]:
    """The attributes of a tag. Of several with the same name the first counts."""
    attributes: dict[str, str] = {}
    for found in _ATTRIBUTE.finditer(text):
        name, _, value = found[0].partition("=")
        value = value.strip("\t\n\f\r ")
        if value[:1] in ('"', "'"):
            value = value[1:-1]
        attributes.setdefault(name.rstrip("\t\n\f\r ").lower(), _unescaped(value))
    return attributes


def _unescaped(value: str) -> str:
    try:
        return html.unescape(value)
    except ValueError:  # a character reference with thousands of digits
        return value


def _end_of_text(page: str, tag: _Tag, *, in_noscript: bool) -> int:
    """The end of the text of an element that contains only text. Other elements have no text here."""
    if tag.closing or tag.name not in _TEXT_ONLY or (in_noscript and tag.name == "noscript"):
        return tag.end
    found = _ENDS[tag.name].search(page, tag.end)
    return found.start() if found else len(page)


_ENDS = {name: re.compile(rf"</{name}(?=[\t\n\f\r />])", re.IGNORECASE) for name in _TEXT_ONLY}

# The encodings of the web (the Encoding Standard), by their names in Python. No others: some of Python's codecs take
# hours for a page that is made for it.
_ENCODINGS = re.compile(
    r"utf-(8|16|16-le|16-be)|iso8859-\d+|koi8-[ru]|mac-roman|cp(866|874|125\d)|gbk|gb18030|big5|euc_jp|euc_kr"
    r"|iso2022_jp|shift_jis"
)
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_DECLARED = re.compile(rb"""<meta[^>]{0,200}?charset\s{0,9}=\s{0,9}["']?([\w.:-]{1,40})""", re.IGNORECASE)
_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE)


def decoded(body: bytes, content_type: str) -> str:
    """A page as text, in the encoding that it declares. Bytes that cannot be decoded are replaced."""
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace")
    said = _CHARSET.search(content_type)
    if said:
        return body.decode(_known(said[1]), "replace")
    declared = _DECLARED.search(body, 0, 1024)
    encoding = _known(declared[1].decode()) if declared else "utf-8"
    # A page that declares UTF-16 in ASCII cannot be UTF-16.
    return body.decode("utf-8" if encoding.startswith("utf-16") else encoding, "replace")


def _known(label: str) -> str:
    try:
        name = codecs.lookup(label).name
    except LookupError:
        return "utf-8"
    if name in ("iso8859-1", "ascii"):
        return "cp1252"
    return name if _ENCODINGS.fullmatch(name) else "utf-8"
