"""The API for programs, below /api/v1: its addresses, and what each answers.

    POST operations ─▶ api_call, api_reading ─▶ api_begin ─▶ station ─▶ api_answers ─▶ 201, 202
                                         any fault ─▶ api_problems ─▶ 4xx, 5xx

An answer of 4xx means that nothing was journaled. 201: the operation has ended, whatever its end; 202: it is
open, being undone, or red, and the address in Location tells more later.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cache
from typing import Annotated, Any

import msgspec
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from ninja import NinjaAPI, Path, Query
from ninja.errors import AuthenticationError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation as NinjaOperation

from tillwright.documents.receipt import Receipt
from tillwright.journal.queries import BadCursor
from tillwright.journal.station import Station
from tillwright.kernel.fault import Fault, FaultError
from tillwright.kernel.keys import uid_from_text
from tillwright.machine.resources import shipped_catalogue
from tillwright.operations.model import Operation
from tillwright.operations.states import OperationState
from tillwright.till import api_answers as answers
from tillwright.till import api_approvals, api_docs, api_problems, api_stream
from tillwright.till import api_describe as describe
from tillwright.till import api_wire as wire
from tillwright.till.api_begin import PROGRAM, begin
from tillwright.till.api_call import (
    Patience,
    TillToken,
    json_body,
    patience,
    refuse_other_parameters,
    till_of,
    wait_until_settled,
)
from tillwright.till.api_codes import OF_CONTENTS, OF_THE_MOMENT
from tillwright.till.api_reading import malformed, new_operation
from tillwright.web import current

JSON = "application/json"
PAGE_LENGTH = 50
LONGEST_PAGE = 200

_encode = msgspec.json.Encoder().encode

Uid = Annotated[str, Path(..., description="The operation's UUID.")]


class Api(NinjaAPI):
    """Ninja's routes; the document with our schemas."""

    def get_openapi_operation_id(self, operation: NinjaOperation) -> str:
        """The name of the view."""
        return operation.view_func.__name__

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        """The whole document; addresses in it are relative to its server."""
        document = super().get_openapi_schema(path_prefix="", path_params=path_params)
        describe.finish(document)
        return document


api = Api(
    title="Tillwright: API of a till",
    version="1",
    description=describe.INTRODUCTION.strip(),
    servers=[{"url": api_problems.ROOT}],
    auth=TillToken(),
    docs_url=None,
    openapi_url=None,
    urls_namespace="api",
)


api.add_router("/approvals", api_approvals.router)


def _refusals(*codes: str) -> dict[str, Any]:
    return describe.problems(shipped_catalogue(), (*codes, *describe.OF_A_TILL))


def _extra(responses: dict[str, Any], codes: tuple[str, ...], **more: Any) -> dict[str, Any]:
    parameters = [*more.pop("parameters", ()), describe.ACCEPT_LANGUAGE]
    return {"responses": {**responses, **_refusals(*codes)}, "parameters": parameters, **more}


def _json(body: object, status: int = 200) -> HttpResponse:
    return HttpResponse(_encode(body), status=status, content_type=JSON)


def _operation_of(station: Station, request: HttpRequest, uid: str) -> Operation:
    """The operation, if it is one of the token's till."""
    try:
        operation = station.operation(uid_from_text(uid))
    except ValueError:
        operation = None
    if operation is None or operation.till != till_of(request):
        raise FaultError(Fault("api.not-found"))
    return operation


def _standing(
    request: HttpRequest, operation: Operation, patience: Patience, ended_status: int
) -> HttpResponse:
    """The operation as it stands: `ended_status` if it has ended, else 202."""
    told = answers.operation(operation, api_problems.language(request))
    response = _json(told, ended_status if operation.ended else 202)
    response.headers["Location"] = f"{api_problems.ROOT}/operations/{operation.uid}"
    if not operation.ended:
        response.headers["Retry-After"] = str(api_problems.COME_BACK_S)
    _say_applied(response, patience)
    return response


def _say_applied(response: HttpResponse, patience: Patience) -> None:
    if patience.granted_s is not None:
        response.headers["Preference-Applied"] = f"wait={patience.granted_s}"


def _patience(request: HttpRequest, station: Station) -> AbstractContextManager[Patience]:
    return patience(request, station.rules.wait_cap_ms)


# ── operations ────────────────────────────────────────────────────────────────────────────────────

READING = ("api.malformed",)
WRITING = ("journal.stopping", "journal.write-failed")
BEGINNING = (
    *READING, *WRITING, "journal.disk-low",
    "api.media-type", "api.too-large", "api.wrong-till", "api.uid-reused", *OF_CONTENTS, *OF_THE_MOMENT,
)  # fmt: skip
PRESSING = (*WRITING, "api.not-found", "till.too-late")

LOCATION = "Where the operation stands."
RETRY_AFTER = "Seconds after which to ask again."
APPLIED = "The wait that was granted."
EXAMPLE = {
    "uid": "7d1f4a52-0c3b-4e8e-9a57-2f6f0b9f1c11",
    "kind": "cash-sale",
    "currency": "EUR",
    "lines": [
        {"goods": "1001", "quantity_milli": 2000, "total_minor": 378},
        {"goods": "1002", "total_minor": 190},
    ],
    "tenders": [{"kind": "cash", "amount_minor": 1000}],
}
_UNFINISHED = describe.answer(
    "It has not ended: open, being undone, or red. Ask again, or send the same request again.",
    wire.Operation, Location=LOCATION, Retry_After=RETRY_AFTER, Preference_Applied=APPLIED,
)  # fmt: skip


def _ended(description: str) -> dict[str, Any]:
    return describe.answer(description, wire.Operation, Location=LOCATION, Preference_Applied=APPLIED)


@api.post(
    "/operations",
    summary="Begin an operation",
    tags=["Operations"],
    openapi_extra=_extra(
        {"201": _ended("It has ended, whatever its end: see `state` and `fault`."), "202": _UNFINISHED},
        BEGINNING,
        parameters=[describe.PREFER],
        requestBody=describe.body(wire.NewOperation, EXAMPLE),
    ),
)
def begin_operation(request: HttpRequest) -> HttpResponse:
    """The same uid with the same content is the same operation, however often and from wherever it is sent:
    after a lost answer, send the same request again.
    """
    sent = new_operation(json_body(request))
    station = current.station()
    with _patience(request, station) as granted:
        operation = begin(station, current.place(), till_of(request), sent, granted.wait_ms)
    return _standing(request, operation, granted, 201)


@api.get(
    "/operations",
    summary="List operations",
    tags=["Operations"],
    openapi_extra=_extra(
        {"200": describe.answer("A part of the list.", wire.OperationPage)},
        (*READING, "api.cursor-invalid"),
    ),
)
def list_operations(
    request: HttpRequest,
    state: Annotated[OperationState | None, Query(description="Only those in this state.")] = None,
    kind: Annotated[str | None, Query(description="Only those of this kind.", max_length=32)] = None,
    cursor: Annotated[
        str | None, Query(description="From the part before; with the same filters.", max_length=64)
    ] = None,
    limit: Annotated[int, Query(ge=1, le=LONGEST_PAGE, description="How many at most.")] = PAGE_LENGTH,
) -> HttpResponse:
    """Operations of the token's till, the newest first; without `state`, red ones before all others."""
    refuse_other_parameters(request, ("state", "kind", "cursor", "limit"))
    page = current.station().page(
        till=till_of(request),
        state=None if state is None else state.value,
        after=cursor,
        limit=limit,
        kind=kind,
    )
    return _json(answers.page(page))


@api.get(
    "/operations/{uid}",
    summary="Look at an operation",
    tags=["Operations"],
    openapi_extra=_extra(
        {"200": describe.answer("The operation.", wire.OperationDetail, Preference_Applied=APPLIED)},
        ("api.not-found",),
        parameters=[describe.PREFER],
    ),
)
def look_at_operation(request: HttpRequest, uid: Uid) -> HttpResponse:
    """What was asked for, what has become of each leg and who says so, and everything that has happened."""
    station = current.station()
    operation = _operation_of(station, request, uid)
    with _patience(request, station) as granted:
        operation = wait_until_settled(station, operation, granted.wait_ms)
    events = station.events(operation.uid)
    response = _json(answers.detail(operation, events, api_problems.language(request)))
    _say_applied(response, granted)
    return response


def _pressed(request: HttpRequest, uid: str, press: Callable[[Station, str, str], Operation]) -> HttpResponse:
    """What comes of a person's answer to an operation's question."""
    station = current.station()
    operation = press(station, _operation_of(station, request, uid).uid, PROGRAM)
    with _patience(request, station) as granted:
        operation = wait_until_settled(station, operation, granted.wait_ms)
    return _standing(request, operation, granted, 200)


@api.post(
    "/operations/{uid}/continue",
    summary="Go on with an operation",
    tags=["Operations"],
    openapi_extra=_extra(
        {"200": _ended("It has ended."), "202": _UNFINISHED}, PRESSING, parameters=[describe.PREFER]
    ),
)
def continue_operation(request: HttpRequest, uid: Uid) -> HttpResponse:
    """The answer 'Continue' to its question; without a question, asks the parties at once what they know."""
    return _pressed(request, uid, Station.go_on)


@api.post(
    "/operations/{uid}/give-up",
    summary="Give up an operation",
    tags=["Operations"],
    openapi_extra=_extra(
        {"200": _ended("It has ended."), "202": _UNFINISHED}, PRESSING, parameters=[describe.PREFER]
    ),
)
def give_up_operation(request: HttpRequest, uid: Uid) -> HttpResponse:
    """The answer 'Give up': what has not happened is refused, what has is undone, the unknown is red."""
    return _pressed(request, uid, Station.give_up)


@api.get(
    "/operations/{uid}/receipt",
    summary="Read the receipt",
    tags=["Operations"],
    openapi_extra=_extra(
        {"200": describe.answer("The receipt as it was stored with the end.", Receipt)}, ("api.not-found",)
    ),
)
def read_receipt(request: HttpRequest, uid: Uid) -> HttpResponse:
    """The document of an operation that is done. Reading it prints nothing."""
    station = current.station()
    stored = station.document(_operation_of(station, request, uid).uid)
    if stored is None:
        raise FaultError(Fault("api.not-found"))
    return HttpResponse(stored, content_type=JSON)


# ── the till ──────────────────────────────────────────────────────────────────────────────────────


@api.get(
    "/till",
    summary="Look at the till",
    tags=["Till"],
    openapi_extra=_extra({"200": describe.answer("The till as it is now.", wire.Till)}, ()),
)
def look_at_till(request: HttpRequest) -> HttpResponse:
    """What is open, what is red, how the control device is, and what the till takes."""
    state = current.station().till_state(till_of(request))
    return _json(answers.till(state, current.place(), api_problems.language(request)))


@api.get(
    "/events",
    summary="Follow the till",
    tags=["Till"],
    openapi_extra=_extra({"200": describe.STREAM}, ("api.rate",), parameters=[describe.LAST_EVENT_ID]),
)
def follow_till(request: HttpRequest) -> StreamingHttpResponse:
    """Server-sent events: a `snapshot`, then an `operation` for each change. It ends by itself within 25
    seconds; come back with Last-Event-ID, and nothing is missed.
    """
    last_seen = request.META.get("HTTP_LAST_EVENT_ID", "")
    stream = api_stream.open_stream(current.station(), till_of(request), last_seen)
    return StreamingHttpResponse(
        stream, content_type="text/event-stream", headers={"X-Accel-Buffering": "no"}
    )


# ── what the API says of itself ───────────────────────────────────────────────────────────────────


@api.get(
    "/problems/{code}",
    auth=None,
    summary="Read what a code means",
    tags=["About"],
    openapi_extra={
        "responses": {
            "200": describe.answer("The code.", wire.ProblemType),
            **describe.problems(shipped_catalogue(), ("api.not-found",)),
        },
        "parameters": [describe.ACCEPT_LANGUAGE],
    },
)
def read_problem_type(request: HttpRequest, code: str) -> HttpResponse:
    """The `type` of a problem leads here."""
    entry = current.place().catalogue.entries.get(code)
    if entry is None:
        raise FaultError(Fault("api.not-found"))
    return _json(api_problems.problem_type(entry, api_problems.language(request)))


@api.get("/openapi.json", auth=None, include_in_schema=False)
def openapi(request: HttpRequest) -> HttpResponse:
    """This API as an OpenAPI document."""
    return HttpResponse(document(), content_type=JSON)


@api.get("/docs", auth=None, include_in_schema=False)
def docs(request: HttpRequest) -> HttpResponse:
    """The document as a page to read and try."""
    return api_docs.page()


@api.get("/docs/{name}", auth=None, include_in_schema=False)
def docs_asset(request: HttpRequest, name: str) -> HttpResponse:
    """A part of that page."""
    return api_docs.asset(name)


@cache
def document() -> bytes:
    """The OpenAPI document as JSON."""
    return _encode(dict(api.get_openapi_schema()))


# ── what goes wrong ───────────────────────────────────────────────────────────────────────────────


@api.exception_handler(Exception)
def _failed(request: HttpRequest, error: Exception) -> HttpResponse:
    return api_problems.record_and_answer(request, error)


@api.exception_handler(AuthenticationError)
def _stranger(request: HttpRequest, error: Exception) -> HttpResponse:
    return api_problems.problem(request, Fault("api.token-invalid"))


@api.exception_handler(BadCursor)
def _bad_cursor(request: HttpRequest, error: Exception) -> HttpResponse:
    return api_problems.problem(request, Fault("api.cursor-invalid"))


@api.exception_handler(ValidationError)
def _unreadable(request: HttpRequest, error: ValidationError) -> HttpResponse:
    first = error.errors[0]
    return api_problems.record_and_answer(request, malformed(f"{first['loc'][-1]}: {first['msg']}"))
