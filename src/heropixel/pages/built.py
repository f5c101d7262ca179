"""Files that were built into the package, compressed when they were built, with what browsers may keep of them."""

import hashlib
from collections.abc import Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from heropixel.wire.codings import accepted_codings

FOR_EVER = "public, max-age=31536000, immutable"  # a year: the name has the hash of the contents
ASK_AGAIN = "no-cache"  # kept, and asked for again with its ETag

_TYPES = {"css": "text/css", "html": "text/html", "js": "text/javascript"}
_CODINGS = (("br", "br"), ("gzip", "gz"))  # best first, each with the ending of its file


class Built(NamedTuple):
    """One file in each coding in which it is there."""

    media_type: str
    plain: bytes
    coded: Mapping[str, bytes]
    fingerprint: str

    def answer(self, request: Request, caching: str, headers: Mapping[str, str]) -> Response:
        """The file in the best coding that the browser accepts, or 304 where the browser has it."""
        accepted = accepted_codings(request.headers.get("accept-encoding", ""))
        coding = next((name for name, _ in _CODINGS if name in accepted and name in self.coded), None)
        tag = f'"{self.fingerprint}{f"-{coding}" if coding else ""}"'
        answered = {**headers, "cache-control": caching, "etag": tag, "vary": "accept-encoding"}
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=answered)
        if coding:
            answered["content-encoding"] = coding
        return Response(self.coded[coding] if coding else self.plain, media_type=self.media_type, headers=answered)


def built_files(folder: str) -> dict[str, Built]:
    """The files of a folder of `static/` by their names; none where nothing was built."""
    there = resources.files("heropixel") / "static" / folder
    if not there.is_dir():
        return {}
    files = {file.name: file for file in there.iterdir()}
    return {name: _built(name, files) for name in files if name.rpartition(".")[2] in _TYPES}


def _built(name: str, files: Mapping[str, Traversable]) -> Built:
    plain = files[name].read_bytes()
    coded = {
        coding: files[f"{name}.{ending}"].read_bytes() for coding, ending in _CODINGS if f"{name}.{ending}" in files
    }
    return Built(_TYPES[name.rpartition(".")[2]], plain, coded, hashlib.sha256(plain).hexdigest()[:16])
