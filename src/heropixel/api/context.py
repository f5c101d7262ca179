"""What a resolver knows of a request: its caller, the selected fields, and the place that a trusted proxy gives."""

import asyncio
import re
from collections.abc import Mapping
from itertools import islice
from typing import Any, NamedTuple

import msgspec

from heropixel.api.callers import Caller, Callers, Proof
from heropixel.api.credentials import Credentials, KeyProof, SecretProof, SessionProof, ShareProof, parse_authorization
from heropixel.api.needs import Need
from heropixel.api.sign_in_pages import Reply, session_of
from heropixel.directory.apps import APP_PREFIX, SECRET_PREFIX
from heropixel.directory.registry import App
from heropixel.enrichment import NOWHERE, Place, PlaceHeaders
from heropixel.errors import InvalidCredentials, NotAllowed
from heropixel.wire.asgi import Scope, peer_of
from heropixel.wire.proxies import Proxies

_MAX_LOOKED_AT = 10  # variables of a request in which a secret is looked for
_SECRET = re.compile(rf"{SECRET_PREFIX}[\w-]{{20,}}")


def _has_secret(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("appSecret"), str)


_NO_HEADERS: Mapping[bytes, bytes] = {}
_NO_ARGUMENTS: Mapping[str, Any] = {}


class RequestOrigin(msgspec.Struct, frozen=True):  # made a fifth of a microsecond faster than a tuple with names
    """Where a request comes from, looked up when it is asked: few requests need it."""

    proxies: Proxies
    scope: Scope

    def sender(self) -> str:
        """The address of the client."""
        return self.proxies.address_of(peer_of(self.scope), self.scope["headers"])

    def host(self) -> str:
        """The host that was requested, with its port."""
        return self.proxies.forwarded_host(peer_of(self.scope), self.scope["headers"])


class Context(msgspec.Struct, frozen=True):
    """One request."""

    callers: Callers
    header: Credentials | KeyProof | ShareProof | None  # of `Authorization`
    selected: frozenset[str] = frozenset()  # the names of the selected fields, for queries that look ahead
    place: Place = NOWHERE  # of the caller, if a trusted proxy gives it
    origin: RequestOrigin | None = None  # None: no request over HTTP
    session: SessionProof | None = None  # of the cookie, if it counts
    headers: Mapping[bytes, bytes] = _NO_HEADERS
    reply: Reply = msgspec.field(default_factory=Reply)
    need: Need | None = None  # of the operation that is called
    arguments: Mapping[str, Any] = _NO_ARGUMENTS  # of the same

    def sender(self) -> str:
        """The address of the caller; empty where there is none."""
        return self.origin.sender() if self.origin else ""

    def host(self) -> str:
        """The host that was requested, with its port; empty where there is none."""
        return self.origin.host() if self.origin else ""

    def calling(self, need: Need, arguments: Mapping[str, Any]) -> "Context":
        """The context of one operation."""
        return msgspec.structs.replace(self, need=need, arguments=arguments)

    def authenticate(self, argument: Credentials | SecretProof | None) -> App:
        """The app of the caller, who may do what is called.

        Raises:
            InvalidCredentials, NotAllowed, PixelNotFound: see `caller`.
        """
        return self.caller(argument).app

    def caller(self, argument: Credentials | SecretProof | None) -> Caller:
        """The caller, who may do what is called.

        The argument wins, then the `Authorization` header, then the session. A wrong secret or key is noted.

        Raises:
            InvalidCredentials: there are none, or they are wrong. Neither answer nor time reveals which of the two.
            NotAllowed, PixelNotFound: they may not do it.
        """
        return self.permitted(self.proof(argument))

    def permitted(self, proof: Proof) -> Caller:
        """The caller with this proof, who may do what is called; see `caller`."""
        try:
            caller = proof.caller(self.callers)
        except InvalidCredentials:
            # No guess: a page that was left open goes on asking with what has ended.
            if proof is not self.session and not isinstance(proof, ShareProof):
                self.callers.guesses.note(self.sender())
            raise
        self.reply.caller = caller
        if not caller.is_secret:
            self.reply.masked = self.reply.masked or caller.masked
            if self.need:
                self.need.check(caller, self.arguments)
        return caller

    def recognise(self) -> None:
        """Check the credentials, whatever they may do.

        Raises:
            InvalidCredentials: there are none, or they are wrong.
        """
        if self.session is not None and self.has_session_only:
            self.session.signed_in(self.callers)  # a member of several apps names one later, or not at all
        else:
            self.permitted(self.proof(None))

    def signed_in(self) -> Caller:
        """The member who is signed in, for what only a member may do; see `member`.

        Raises:
            InvalidCredentials: nobody is signed in.
            NotAllowed: a key or a secret calls.
        """
        if not self.has_session_only:
            self.permitted(self.proof(None))
            raise NotAllowed(why=f"Only a member who is signed in can do this: {self.need.does if self.need else ''}")
        return self.member()

    @property
    def is_of_share(self) -> bool:
        """Whether a visitor of a share asks, who may run the documents of its views only."""
        return type(self.header) is ShareProof

    @property
    def has_session_only(self) -> bool:
        """Whether the session is all that the request has to say who calls."""
        return self.header is None or self._is_of_a_proxy()

    def member(self) -> Caller:
        """The member who is signed in, in no app or any.

        Raises:
            InvalidCredentials: nobody is signed in.
        """
        if self.session is None:
            raise InvalidCredentials
        caller = self.session.signed_in(self.callers)
        self.reply.caller = caller
        return caller

    async def pause(self, query: str, variables: Mapping[str, Any]) -> None:
        """Let the request wait if its address has sent many wrong secrets, unless it holds a right one."""
        guesses = self.callers.guesses
        if guesses and (seconds := guesses.wait(self.sender())) and not self.is_known(query, variables):
            await asyncio.sleep(seconds)

    def proof(self, argument: Credentials | SecretProof | None) -> Proof:
        """What the request proves who it is by. A subscription outlives the request, and is checked again and again.

        Raises:
            InvalidCredentials: there are no credentials.
        """
        given = argument or self.header
        if given is None or (given is self.header and self._is_of_a_proxy()):
            if self.session is None:
                raise InvalidCredentials
            return self.session
        return given.proof if isinstance(given, Credentials) else given

    def _is_of_a_proxy(self) -> bool:
        """Whether the header is a password that a proxy before the dashboard asks for: browsers send it here too."""
        header = self.header
        return self.session is not None and isinstance(header, Credentials) and not header.app_id.startswith(APP_PREFIX)

    def is_known(self, query: str, variables: Mapping[str, Any]) -> bool:
        """Whether the request holds a secret that works for any app, wherever it stands; or a key, or a session."""
        other = self.header if isinstance(self.header, KeyProof | ShareProof) else self.session
        if other is not None and self.callers.recognises(other):
            return True
        given = [self.header.app_secret] if isinstance(self.header, Credentials) else []
        given += [value["appSecret"] for value in islice(variables.values(), _MAX_LOOKED_AT) if _has_secret(value)]
        written = _SECRET.search(query)
        if written:
            given.append(written[0])
        return any(self.callers.knows(secret) for secret in given)


class Contexts(NamedTuple):
    """Makes the context of each request."""

    callers: Callers
    proxies: Proxies
    place_headers: PlaceHeaders | None = None

    def of(self, scope: Scope, headers: Mapping[bytes, bytes]) -> Context:
        """The caller, from the headers of a request."""
        authorization = headers.get(b"authorization")
        origin = RequestOrigin(self.proxies, scope)
        return Context(
            self.callers,
            parse_authorization(authorization.decode("latin-1")) if authorization else None,
            place=self.place_headers.place_of(peer_of(scope), headers) if self.place_headers else NOWHERE,
            origin=origin,
            session=session_of(headers, origin.host) if b"cookie" in headers else None,
            headers=headers,
        )
