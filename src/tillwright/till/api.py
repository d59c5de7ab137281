"""The API for programs, below /api/v1: its addresses, and what each answers.

    POST operations ─▶ api_call, api_reading ─▶ api_begin ─▶ station ─▶ api_answers ─▶ 201, 202
                                         any fault ─▶ api_problems ─▶ 4xx, 5xx

An answer of 4xx means that nothing was journaled. 201: the operation has ended, whatever its end; 202: it is
open, being undone, or red, and the address in Location tells more later.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Annotated, Any, Literal

import msgspec
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import get_resolver
from ninja import NinjaAPI, Path, Query
from ninja.errors import AuthenticationError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation as NinjaOperation

from tillwright.documents.correction import CorrectionSlip
from tillwright.documents.receipt import Receipt
from tillwright.documents.report import ShiftReport
from tillwright.journal.queries import BadCursor
from tillwright.journal.station import Station
from tillwright.kernel.fault import Fault, FaultError
from tillwright.machine.resources import shipped_catalogue
from tillwright.operations.model import Operation
from tillwright.operations.states import OperationState
from tillwright.till import api_answers as answers
from tillwright.till import (
    api_answers_detail,
    api_answers_till,
    api_approvals,
    api_docs,
    api_kit,
    api_problems,
    api_rulings,
    api_stream,
    api_till,
    finding,
    queries,
)
from tillwright.till import api_describe as describe
from tillwright.till import api_wire as wire
from tillwright.till.api_begin import begin
from tillwright.till.api_call import (
    TillToken,
    json_body,
    refuse_other_parameters,
    till_of,
    wait_until_settled,
)
from tillwright.till.api_codes import OF_CONTENTS, OF_THE_MOMENT
from tillwright.till.api_describe import described
from tillwright.till.api_kit import (
    APPLIED,
    BODY,
    READING,
    UNFINISHED,
    WRITING,
    as_json,
    document_of,
    ended,
    held,
    operation_of,
    say_applied,
    settled_answer,
    standing,
)
from tillwright.till.api_reading import malformed, new_operation
from tillwright.till.api_who import PROGRAM
from tillwright.till.api_wire_detail import OperationDetail
from tillwright.till.api_wire_till import Printing, Refundable
from tillwright.web import current

PAGE_LENGTH = 50
LONGEST_PAGE = 200

Uid = Annotated[str, Path(..., description="The operation's UUID.")]
Number = Annotated[str, Path(..., description="The number.")]
Copy = Annotated[
    Literal["true", "false"],
    Query(alias="copy", description="true: marked as a copy, as for any print but the first."),
]


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


api.add_router("", api_till.router)
api.add_router("/operations", api_rulings.router)


# ── operations ────────────────────────────────────────────────────────────────────────────────────

BEGINNING = (
    *BODY, *WRITING, "journal.disk-low", "api.wrong-till", "api.uid-reused", *OF_CONTENTS, *OF_THE_MOMENT,
)  # fmt: skip
PRESSING = (*WRITING, "api.not-found", "till.too-late")

DOCUMENT = describe.answer("The document as it was stored.", Receipt, ShiftReport, CorrectionSlip)
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


@api.post(
    "/operations",
    summary="Begin an operation",
    tags=["Operations"],
    openapi_extra=described(
        {"201": ended("It has ended, whatever its end: see `state` and `fault`."), "202": UNFINISHED},
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
    with held(request, station) as granted:
        operation = begin(station, current.place(), till_of(request), sent, granted.wait_ms)
    return standing(request, operation, granted, 201)


@api.get(
    "/operations",
    summary="List operations",
    tags=["Operations"],
    openapi_extra=described(
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
    return as_json(answers.page(page))


@api.get(
    "/operations/newest",
    summary="Look at the newest operation",
    tags=["Operations"],
    openapi_extra=described(
        {"200": describe.answer("The operation.", OperationDetail, Preference_Applied=APPLIED)},
        ("api.not-found",),
        parameters=[describe.PREFER],
    ),
)
def look_at_newest_operation(request: HttpRequest) -> HttpResponse:
    """What the till is doing, or has done last, whatever has become of the printer."""
    station, till = current.station(), till_of(request)
    rows = station.page(till=till, state=None, after=None, limit=1).items
    if not rows:
        raise FaultError(Fault("api.not-found"))
    uid: str = max(rows, key=lambda row: row.number).uid
    return _looked_at(request, uid)


@api.get(
    "/operations/{uid}",
    summary="Look at an operation",
    tags=["Operations"],
    openapi_extra=described(
        {"200": describe.answer("The operation.", OperationDetail, Preference_Applied=APPLIED)},
        ("api.not-found",),
        parameters=[describe.PREFER],
    ),
)
def look_at_operation(request: HttpRequest, uid: Uid) -> HttpResponse:
    """What was asked for, what has become of each leg and who says so, and everything that has happened."""
    return _looked_at(request, uid)


def _looked_at(request: HttpRequest, uid: str) -> HttpResponse:
    station = current.station()
    operation = operation_of(station, request, uid)
    with held(request, station) as granted:
        operation = wait_until_settled(station, operation, granted.wait_ms)
    response = as_json(api_answers_detail.detail(station, operation, api_problems.language(request)))
    say_applied(response, granted)
    return response


def _pressed(request: HttpRequest, uid: str, press: Callable[[Station, str, str], Operation]) -> HttpResponse:
    """What comes of a person's answer to an operation's question."""
    station = current.station()
    return settled_answer(request, press(station, operation_of(station, request, uid).uid, PROGRAM))


@api.post(
    "/operations/{uid}/continue",
    summary="Go on with an operation",
    tags=["Operations"],
    openapi_extra=described(
        {"200": ended("It has ended."), "202": UNFINISHED}, PRESSING, parameters=[describe.PREFER]
    ),
)
def continue_operation(request: HttpRequest, uid: Uid) -> HttpResponse:
    """The answer 'Continue' to its question; without a question, asks the parties at once what they know."""
    return _pressed(request, uid, Station.go_on)


@api.post(
    "/operations/{uid}/give-up",
    summary="Give up an operation",
    tags=["Operations"],
    openapi_extra=described(
        {"200": ended("It has ended."), "202": UNFINISHED}, PRESSING, parameters=[describe.PREFER]
    ),
)
def give_up_operation(request: HttpRequest, uid: Uid) -> HttpResponse:
    """The answer 'Give up': what has not happened is refused, what has is undone, the unknown is red."""
    return _pressed(request, uid, Station.give_up)


@api.get(
    "/operations/{uid}/receipt",
    summary="Read the receipt",
    tags=["Operations"],
    openapi_extra=described({"200": DOCUMENT}, (*READING, "api.not-found")),
)
def read_receipt(request: HttpRequest, uid: Uid, marked: Copy = "false") -> HttpResponse:
    """The document of an operation that is done: a receipt, a slip, the Z of a shift. Reading it prints
    nothing.
    """
    refuse_other_parameters(request, ("copy",))
    operation = operation_of(current.station(), request, uid)
    return document_of(operation.uid, copy=marked == "true")


@api.get(
    "/receipts/{number}",
    summary="Read a receipt by its number",
    tags=["Operations"],
    openapi_extra=described({"200": DOCUMENT}, (*READING, "api.not-found")),
)
def read_receipt_by_number(request: HttpRequest, number: Number, marked: Copy = "false") -> HttpResponse:
    """The same, for who has only the paper."""
    refuse_other_parameters(request, ("copy",))
    wanted = finding.Wanted(number=api_kit.number_of(number))
    found = finding.find(queries.reader(), [till_of(request)], wanted)
    if not found:
        raise FaultError(Fault("api.not-found"))
    return document_of(found[0].uid, copy=marked == "true")


@api.post(
    "/operations/{uid}/print",
    summary="Print the receipt again",
    tags=["Operations"],
    openapi_extra=described(
        {"200": describe.answer("Whether it goes to a printer.", Printing)}, (*WRITING, "api.not-found")
    ),
)
def print_receipt(request: HttpRequest, uid: Uid) -> HttpResponse:
    """A copy of the stored document, on the till's own printer. No other party is asked anything."""
    station = current.station()
    operation = operation_of(station, request, uid)
    return as_json(Printing(station.print_document(operation.uid, copy=True)))


@api.get(
    "/operations/{uid}/refundable",
    summary="What may still go back",
    tags=["Operations"],
    openapi_extra=described({"200": describe.answer("In all, and by line.", Refundable)}, ("api.not-found",)),
)
def read_refundable(request: HttpRequest, uid: Uid) -> HttpResponse:
    """What of a sale has not been taken back yet."""
    station = current.station()
    operation = operation_of(station, request, uid)
    return as_json(api_answers_till.refundable(station.refundable(operation.uid)))


# ── the till ──────────────────────────────────────────────────────────────────────────────────────


@api.get(
    "/events",
    summary="Follow the till",
    tags=["Till"],
    openapi_extra=described({"200": describe.STREAM}, ("api.rate",), parameters=[describe.LAST_EVENT_ID]),
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
    return as_json(api_problems.problem_type(entry, api_problems.language(request)))


@api.get("/openapi.json", auth=None, include_in_schema=False)
def openapi(request: HttpRequest) -> HttpResponse:
    """This API as an OpenAPI document."""
    return HttpResponse(document(), content_type=api_kit.JSON)


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
    """The OpenAPI document as JSON: of all addresses, once the rooms above this one have brought theirs."""
    _ = get_resolver().url_patterns  # reading them is what brings the others
    return msgspec.json.encode(dict(api.get_openapi_schema()))


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
