"""Files are read in the encoding and with the line ends that the program has written: they become UTF-8 and LF."""

import codecs
import gzip
import io
import re
from typing import Any, NamedTuple, TypeAlias

from heropixel.half_pairs import whole_text

Text: TypeAlias = "io.BufferedReader[Any]"

_SAMPLE = 1 << 16  # bytes: the first line end is looked for in these
_CHUNK = 1 << 16  # bytes


class Encoding(NamedTuple):
    """How a file is written."""

    name: str  # as Python names the encoding
    mark: int = 0  # bytes of the byte order mark before the text
    cr_only: bool = False  # lines end with CR alone, as in files of older programs on a Mac

    @property
    def guessed(self) -> str:
        """The usual name of the encoding, if nothing in the file says it; else empty."""
        return _ONE_BYTE.get(self.name, "")


# By their byte order marks. UTF-32 comes first: its mark begins like that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ONE_BYTE = {"cp1252": "Windows-1252", "mac_roman": "Mac Roman"}


def text_of(file: io.BufferedReader, *, packed: bool, any_encoding: bool) -> tuple[Text, Encoding]:
    """The text of a file as UTF-8, where CR alone ended the lines with LF, and how the file is written.

    With `any_encoding` a file that is not UTF-8 is read as Windows-1252 or Mac Roman. It is read through once to find
    that out. A character that cannot be decoded becomes U+FFFD.
    """
    text: Text = io.BufferedReader(gzip.GzipFile(fileobj=file), _SAMPLE) if packed else file
    encoding = _encoding_of(text, any_encoding=any_encoding and file.seekable())
    if encoding.mark:
        text.read(encoding.mark)
    if encoding.name == "utf-8" and not encoding.cr_only:
        return text, encoding
    return io.BufferedReader(_AsUtf8(text, encoding), _CHUNK), encoding


def utf8(line: bytes) -> str:
    """The text of bytes in UTF-8. Surrogates that were encoded one by one become characters, half of a pair U+FFFD.

    Raises:
        UnicodeDecodeError: the bytes are not UTF-8.
    """
    try:
        return line.decode()
    except UnicodeDecodeError:
        return whole_text(line.decode(errors="surrogatepass"))


class _AsUtf8(io.RawIOBase):
    """A text in another encoding, as UTF-8."""

    def __init__(self, text: Text, encoding: Encoding) -> None:
        self._text = text
        self._decoder = codecs.getincrementaldecoder(encoding.name)(errors="replace")
        self._keeps_bytes = encoding.name == "utf-8"  # what is not UTF-8 costs its row, and is shown as it is
        self._cr_only = encoding.cr_only
        self._waiting = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # it is always a memoryview
        while not self._waiting:
            read = self._text.read(_CHUNK)
            text = read if self._keeps_bytes else self._decoder.decode(read, final=not read).encode()
            self._waiting = text.replace(b"\r", b"\n") if self._cr_only else text
            if not read:
                break
        given, self._waiting = self._waiting[: len(buffer)], self._waiting[len(buffer) :]
        buffer[: len(given)] = given
        return len(given)


def _encoding_of(text: Text, *, any_encoding: bool) -> Encoding:
    sample = text.peek(_SAMPLE)[:_SAMPLE]
    for mark, name in _MARKS:
        if sample.startswith(mark):
            return Encoding(name, len(mark), _ends_with_cr(sample[len(mark) :].decode(name, "ignore")))
    if len(sample) >= 4 and (name := _WITHOUT_MARK.get(tuple(map(bool, sample[:4])), "")):
        return Encoding(name, 0, _ends_with_cr(sample.decode(name, "ignore")))
    cr_only = _ends_with_cr(sample.decode("latin-1"))
    if not any_encoding:
        return Encoding("utf-8", 0, cr_only)
    name = _utf8_or_one_byte(text, cr_only=cr_only)
    text.seek(0)
    return Encoding(name, 0, cr_only)


# Which of the first four bytes are not zero: UTF-16 without a mark, as databases write it.
_WITHOUT_MARK: dict[tuple[bool, ...], str] = {
    (True, False, True, False): "utf-16-le",
    (False, True, False, True): "utf-16-be",
}


def _ends_with_cr(text: str) -> bool:
    """Whether the first line ends with CR alone."""
    first = _LINE.match(text)
    return bool(first and first[1])


_LINE = re.compile(r'(?:[^"\r\n]|"[^"]*")*(?:(\r)(?!\n|\Z)|\r?\n)')


def _utf8_or_one_byte(text: Text, *, cr_only: bool) -> str:
    if _is_utf8(text):
        return "utf-8"
    text.seek(0)
    characters, others, mac, windows = 0, 0, 0, 0
    decoder = codecs.getincrementaldecoder("utf-8")(errors="surrogateescape")
    while chunk := text.read(_CHUNK):
        if chunk.isascii():
            continue
        decoded = decoder.decode(chunk)
        wrong = len(_ESCAPED.findall(decoded))
        others += wrong
        characters += len(decoded) - len(decoded.encode("ascii", "ignore")) - wrong
        # The letters of German, French and Spanish: Mac Roman has them from 0x80 on, Windows-1252 from 0xC0 on.
        mac += len(_MAC_LETTERS.findall(chunk))
        windows += len(_WINDOWS_LETTERS.findall(chunk))
    if characters >= others:  # UTF-8, with some wrong bytes
        return "utf-8"
    return "mac_roman" if cr_only and mac > windows else "cp1252"


def _is_utf8(text: Text) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")(errors="surrogatepass")
    try:
        while chunk := text.read(_CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


_ESCAPED = re.compile("[\udc80-\udcff]")
_MAC_LETTERS = re.compile(rb"[\x80-\x9f]")
_WINDOWS_LETTERS = re.compile(rb"[\xc0-\xff]")
