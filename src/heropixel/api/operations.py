"""Prepared operations: a document is parsed, checked and planned once, cached, and run many times."""

import hashlib
import re
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from enum import Enum, auto
from functools import partial
from inspect import isawaitable
from typing import Any, NamedTuple

import msgspec
import structlog
from graphql import (
    DocumentNode,
    ExecutionResult,
    Executor,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    OperationType,
    create_source_event_stream,
    execute,
    execute_subscription_event,
    parse,
    validate,
)
from msgspec.structs import replace

from heropixel.api import limits
from heropixel.api.context import Context
from heropixel.api.introspection import Asks, KeptAnswers, SchemaExecutor, TooManyValues, asks
from heropixel.api.live import Audience, Body, Subscription, error_of
from heropixel.api.masking import masked_response, root_fields
from heropixel.api.plans import Plan, Project, plan, plan_events
from heropixel.api.shared_documents import SharedDocuments
from heropixel.concurrency.turns import FIRST, NoRoom, Turns
from heropixel.directory.apps import SECRET_PREFIX
from heropixel.errors import NotAllowed
from heropixel.wire.asgi import in_a_task

log = structlog.get_logger()


class RequestOutcome(Enum):
    """How far a request came. The endpoint derives the HTTP status from it."""

    EXECUTED = auto()
    NOT_PARSED = auto()  # the document is not valid GraphQL syntax
    NOT_VALID = auto()  # its syntax is valid, but it violates the schema or the limits, or the variables do not fit
    NOT_A_QUERY = auto()  # a mutation where only queries are allowed
    SUBSCRIPTION = auto()  # nothing was run: a subscription has to be subscribed to


class Response(msgspec.Struct, frozen=True):  # made faster than a tuple with names, for each pageview
    """The answer to a GraphQL request: its body, to be encoded as JSON."""

    outcome: RequestOutcome
    body: dict[str, Any]
    roots: Callable[[], Mapping[str, str]] | None = None  # of a query: the field at the root behind each key of `data`


class Prepared(NamedTuple):
    """A valid document."""

    document: DocumentNode
    plan: Plan | None
    project: Project | None  # of a subscription: from an event to its `data`

    def operation(self, operation_name: str | None) -> OperationDefinitionNode | None:
        """The operation that would be run; None where it is not clear which one that is."""
        operations = [node for node in self.document.definitions if isinstance(node, OperationDefinitionNode)]
        named = [
            node
            for node in operations
            if not operation_name or (node.name is not None and node.name.value == operation_name)
        ]
        return named[0] if len(named) == 1 else None

    def roots(self, operation_name: str | None) -> dict[str, str]:
        """The field at the root behind each key of the response."""
        return root_fields(self.document, self.operation(operation_name))

    def kind(self, operation_name: str | None) -> OperationType | None:
        """The type of the operation that would be run; None where it is not clear which one that is."""
        operation = self.operation(operation_name)
        return operation.operation if operation else None


# The limit for all cached documents together: a parsed document takes about 100 times the memory of its text.
_MAX_CACHED_CHARACTERS = 500_000
_MAX_KEPT_CHARACTERS = 50_000  # of one document: a longer one contains its values, and would evict many others
_MAX_ERRORS = 20
# Requests of one address take turns by what they ask for, too: a short document does not wait behind many long ones.
_SHORT = 500  # characters
_OF_SCHEMA = "schema"
_MAX_WAITING = 200  # requests whose document is not prepared yet; each may hold a whole body


class Operations:
    """Runs GraphQL requests on the schema.

    To parse and check a document may take a second, and so may a question about the schema. Both are done on a thread
    of their own, one at a time. Callers with a secret come first; the others take turns by their address.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        bounds: limits.Limits,
        max_documents: int,
        *,
        schema_for_all: bool = True,
        shared: SharedDocuments | None = None,
    ) -> None:
        self._schema = schema
        self._limits = bounds
        self._max_documents = max_documents
        self._schema_for_all = schema_for_all
        self._shared = shared or SharedDocuments()
        self._prepared: OrderedDict[str, Prepared] = OrderedDict()
        self._characters = 0
        self._turns = Turns("documents", _MAX_WAITING)
        self._answers = KeptAnswers()

    def close(self) -> None:
        """End the thread."""
        self._turns.close()

    async def run(
        self,
        query: str,
        variables: Mapping[str, Any],
        operation_name: str | None,
        context: Context,
        *,
        only_queries: bool = False,
    ) -> Response:
        """Run one operation of a document."""
        kept = self._kept(query)
        if kept is None or kept.plan is None or not kept.plan.only_records:
            await in_a_task()
        if context.callers.guesses:
            await in_a_task()
            await context.pause(query, variables)
        if context.is_of_share and query not in self._shared:
            return _not_shared()
        # Most are kept: they need no coroutine.
        prepared = kept or await self.prepared(query, variables, context)
        if isinstance(prepared, Response):
            return prepared
        if only_queries and prepared.kind(operation_name) is OperationType.MUTATION:
            message = "This operation can only be sent by POST: GET is for queries."
            return Response(RequestOutcome.NOT_A_QUERY, {"errors": [{"message": message}]})
        response: Response | None = None
        if prepared.plan is not None and not operation_name:
            try:
                response = Response(RequestOutcome.EXECUTED, {"data": await prepared.plan.run(variables, context)})
            except msgspec.ValidationError:
                response = None
        if response is None:
            response = await self._executed(query, prepared, variables, operation_name, context)
            response = replace(response, roots=partial(prepared.roots, operation_name))
        if context.reply.masked:
            return replace(response, body=masked_response(response.body, prepared.roots(operation_name)))
        return response

    async def _executed(
        self,
        query: str,
        prepared: Prepared,
        variables: Mapping[str, Any],
        operation_name: str | None,
        context: Context,
    ) -> Response:
        """Run what has no plan."""
        await in_a_task()
        operation = prepared.operation(operation_name)
        if operation is not None:
            if operation.operation is OperationType.SUBSCRIPTION:
                return _SUBSCRIPTION
            match asks(prepared.document, operation):
                case Asks.ONLY_SCHEMA:
                    return await self._of_schema(query, operation, prepared.document, variables, context)
                case Asks.BOTH:
                    return _not_valid("Ask for the schema (__schema, __type) in a request of its own.")
        return await self.execute(prepared.document, variables, operation_name, context)

    async def subscribe(
        self, query: str, variables: Mapping[str, Any], operation_name: str | None, context: Context
    ) -> Subscription | Response:
        """Start a subscription, or answer why it is refused."""
        await context.pause(query, variables)
        if context.is_of_share and query not in self._shared:
            return _not_shared()
        prepared = await self.prepared(query, variables, context)
        if isinstance(prepared, Response):
            return prepared
        executor = Executor.build(
            self._schema,
            prepared.document,
            context_value=context,
            raw_variable_values=dict(variables),
            operation_name=operation_name or None,
            max_coercion_errors=_MAX_ERRORS,
        )
        if isinstance(executor, list):
            return _not_subscribed(executor)
        audience = create_source_event_stream(executor)
        if isinstance(audience, ExecutionResult):
            return _not_subscribed(audience.errors or ())
        assert isinstance(audience, Audience)  # noqa: S101 - the schema's only subscription returns it
        asked = hashlib.blake2b(msgspec.json.encode((query, variables, operation_name)), digest_size=16).digest()
        return Subscription(audience, _body(prepared.project, executor), asked)

    async def prepared(self, query: str, variables: Mapping[str, Any], context: Context) -> Prepared | Response:
        """A prepared document, or the response that says what is wrong with it."""
        prepared = self._kept(query)
        if prepared is not None:
            return prepared
        known = context.is_known(query, variables)
        try:
            async with self._turns.turn(FIRST if known else (context.sender(), len(query) > _SHORT)):
                prepared = self._kept(query)  # another request may have brought the same one meanwhile
                return prepared or self._keep(
                    query, await self._turns.run(self._prepare, query, known or self._schema_for_all)
                )
        except NoRoom:
            return _BUSY

    def _kept(self, query: str) -> Prepared | None:
        prepared = self._prepared.get(query)
        if prepared is not None:
            self._prepared.move_to_end(query)  # so a flood of documents that are used once does not evict it
        return prepared

    def _prepare(self, query: str, suggests: bool) -> Prepared | Response:  # noqa: FBT001 - the thread takes no keywords
        try:
            document = parse(query, max_lexical_tokens=self._limits.tokens, max_comments=self._limits.tokens)
        except GraphQLSyntaxError as error:
            return Response(RequestOutcome.NOT_PARSED, {"errors": [_formatted(error)]})
        errors = limits.check(document, self._limits) or validate(
            self._schema, document, max_errors=_MAX_ERRORS, hide_suggestions=not suggests
        )  # a suggestion names what is in the schema
        if errors:
            return Response(RequestOutcome.NOT_VALID, {"errors": [_formatted(error) for error in errors]})
        return Prepared(document, plan(self._schema, document), plan_events(self._schema, document))

    async def _of_schema(
        self,
        query: str,
        operation: OperationDefinitionNode,
        document: DocumentNode,
        variables: Mapping[str, Any],
        context: Context,
    ) -> Response:
        """The answer to a question about the schema, which is kept."""
        known = context.is_known(query, variables)
        if not known and not self._schema_for_all:
            return _not_valid("This server shows its schema only to callers with credentials: send them by HTTP Basic.")
        name = operation.name.value if operation.name else None
        declared = {definition.variable.name.value for definition in operation.variable_definitions or ()}
        given = {key: value for key, value in variables.items() if key in declared}
        try:
            key = hashlib.blake2b(msgspec.json.encode((query, given, name)), digest_size=16).digest()
        except RecursionError:
            return _not_valid("The variables are nested too deeply.")
        answer = self._answers.get(key)
        if answer is not None:
            return Response(RequestOutcome.EXECUTED, {"data": answer})
        try:
            async with self._turns.turn(FIRST if known else (context.sender(), _OF_SCHEMA)):
                response = await self._turns.run(self._read_schema, document, given, name)
        except NoRoom:
            return _BUSY
        if response.outcome is RequestOutcome.EXECUTED and "errors" not in response.body:
            self._answers.keep(key, response.body["data"])
        return response

    def _read_schema(self, document: DocumentNode, variables: dict[str, Any], name: str | None) -> Response:
        limit = self._limits.introspected
        try:
            result = execute(
                self._schema,
                document,
                variable_values=variables,
                operation_name=name,
                max_coercion_errors=_MAX_ERRORS,
                executor_class=SchemaExecutor,
                max_values=limit,
            )
        except TooManyValues:
            return _not_valid(f"The document asks for more than {limit} values of the schema, which is the limit.")
        assert isinstance(result, ExecutionResult)  # noqa: S101 - no field of the schema is awaitable
        response = _response(result)
        if "errors" in response.body:
            return response
        return Response(response.outcome, {"data": msgspec.Raw(msgspec.json.encode(response.body["data"]))})

    def _keep(self, query: str, prepared: Prepared | Response) -> Prepared | Response:
        if isinstance(prepared, Response) or len(query) > _MAX_KEPT_CHARACTERS:
            return prepared
        self._prepared[query] = prepared
        self._characters += len(query)
        while len(self._prepared) > self._max_documents or self._characters > _MAX_CACHED_CHARACTERS:
            oldest, _ = self._prepared.popitem(last=False)
            self._characters -= len(oldest)
        return prepared

    async def execute(
        self,
        document: DocumentNode,
        variables: Mapping[str, Any],
        operation_name: str | None,
        context: Context,
    ) -> Response:
        """Run one operation with graphql-core's own executor."""
        result = execute(
            self._schema,
            document,
            context_value=context,
            variable_values=dict(variables),
            operation_name=operation_name or None,
            max_coercion_errors=_MAX_ERRORS,
        )
        if isawaitable(result):
            result = await result
        return _response(result)


_SUBSCRIPTION = Response(
    RequestOutcome.SUBSCRIPTION,
    {
        "errors": [
            {
                "message": "A subscription is answered as server-sent events (accept text/event-stream) or over a "
                "WebSocket (graphql-transport-ws)."
            }
        ]
    },
)


def _not_valid(message: str) -> Response:
    return Response(RequestOutcome.NOT_VALID, {"errors": [{"message": message}]})


def _not_shared() -> Response:
    why = "A share shows figures by the documents of its views, and this is none of them: load its page again"
    return _not_subscribed([error_of(NotAllowed(why=why))])


_BUSY = _not_valid("The server is busy with new documents: send the request again in a moment.")


def _not_subscribed(errors: Iterable[GraphQLError]) -> Response:
    return Response(RequestOutcome.NOT_VALID, {"errors": [_formatted(error) for error in errors]})


def _body(project: Project | None, executor: Executor[Any]) -> Body:
    """The function that makes the response of an event: by the plan, or else by graphql-core's executor."""
    if project is not None:
        return lambda event: {"data": project(event)}

    def body(event: Any) -> Mapping[str, Any]:  # noqa: ANN401 - any event of the subscription
        result = execute_subscription_event(executor.build_per_event_executor(event))
        assert isinstance(result, ExecutionResult)  # noqa: S101 - no field of an event is awaitable
        return _response(result).body

    return body


def _response(result: ExecutionResult) -> Response:
    if result.errors is None:
        return Response(RequestOutcome.EXECUTED, {"data": result.data})
    body: dict[str, Any] = {"errors": [_formatted(error) for error in result.errors]}
    if result.data is None and all(error.path is None for error in result.errors):
        return Response(RequestOutcome.NOT_VALID, body)
    return Response(RequestOutcome.EXECUTED, {**body, "data": result.data})


# graphql-core quotes a wrong value in its message, and that value may contain the secret.
_SECRET = re.compile(rf"{SECRET_PREFIX}[\w-]+")


def _formatted(error: GraphQLError) -> Mapping[str, Any]:
    """An error as the caller sees it: errors in the request in full, errors of the server masked."""
    if error.original_error is None or isinstance(error.original_error, GraphQLError):
        return {**error.formatted, "message": _SECRET.sub(f"{SECRET_PREFIX}...", error.message)}
    if error.path is None and isinstance(error.original_error, ValueError):  # `int` refuses thousands of digits
        return {**error.formatted, "message": "A number has more digits than can be read."}
    # Only the type: the text of an exception may hold the document, and the document a secret.
    log.error("a field failed", path=error.path, exception=type(error.original_error).__name__)
    return {**error.formatted, "message": "Internal server error"}
