"""The till through the API: how it stands, its cash, counts and shifts, its parties, its outbox."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from msgspec import UNSET
from ninja import Path, Query, Router

from tillwright.documents import stored
from tillwright.documents.report import ShiftReport
from tillwright.journal.records import ShiftState
from tillwright.journal.station import Station
from tillwright.kernel.fault import Fault, FaultError
from tillwright.kernel.masking import mask_cards
from tillwright.operations.states import OperationState
from tillwright.till import api_answers as common
from tillwright.till import api_answers_till as answers
from tillwright.till import api_describe as describe
from tillwright.till import api_kit, api_problems, finding, queries
from tillwright.till import api_wire_till as tills
from tillwright.till.api_call import json_body, refuse_other_parameters, till_of
from tillwright.till.api_describe import described
from tillwright.till.api_kit import BODY, READING, WRITING, as_json
from tillwright.till.api_reading import plain_uid, read
from tillwright.till.api_who import PROGRAM
from tillwright.web import current

router = Router()

MOST_SHIFTS = 200
MOST_DOCUMENTS = 200
CORRECTION = "correction"
HOLDING = ("till.shift-closed", "till.operation-open", "till.held")

Number = Annotated[str, Path(..., description="The number of the shift.")]


# ── how it stands ─────────────────────────────────────────────────────────────────────────────────


@router.get(
    "/till",
    summary="Look at the till",
    tags=["Till"],
    openapi_extra=described({"200": describe.answer("The till as it is now.", tills.Till)}, ()),
)
def look_at_till(request: HttpRequest) -> HttpResponse:
    """What is open, what is red, the shift, how each party is, and what the till takes."""
    return _till(request)


def _till(request: HttpRequest) -> HttpResponse:
    state = current.station().till_state(till_of(request))
    return as_json(answers.till(state, current.place(), api_problems.language(request)))


@router.get(
    "/till/cash",
    summary="Get data",
    tags=["Cash"],
    openapi_extra=described({"200": describe.answer("Cash by the book and by the device.", tills.Cash)}, ()),
)
def read_cash(request: HttpRequest) -> HttpResponse:
    """Cash in the till and in the shift by the book and by the control device, the difference, and the
    operations that explain it.
    """
    return as_json(answers.cash(current.station().cash_state(till_of(request))))


@router.post(
    "/till/parties/check",
    summary="Ask all parties",
    tags=["Till"],
    openapi_extra=described({"202": describe.answer("They are being asked.", tills.Parties)}, WRITING),
)
def check_parties(request: HttpRequest) -> HttpResponse:
    """Ask the device, the operator, the licence and the printer how they stand; `GET /till` tells what they
    say.
    """
    station, till = current.station(), till_of(request)
    station.check_parties(till)
    return as_json(tills.Parties(answers.parties(station.party_states(till))), 202)


@router.post(
    "/till/warning",
    summary="Show the operator's warning",
    tags=["Till"],
    openapi_extra=described({"200": describe.answer("What to show, and how long.", tills.Warned)}, WRITING),
)
def show_warning(request: HttpRequest) -> HttpResponse:
    """The warning that the operator gives before it blocks a till. Its time runs from the first call in a
    shift, so call this when it stands before a person.
    """
    found = current.station().operator_warning(till_of(request))
    if found is None:
        return as_json(tills.Warned(None, 0))
    return as_json(tills.Warned(common.fault(found[0], api_problems.language(request)), found[1]))


@router.get(
    "/documents",
    summary="List what has not reached the operator",
    tags=["Till"],
    openapi_extra=described(
        {"200": describe.answer("How much, how old, why, and which.", tills.Documents)}, READING
    ),
)
def list_documents(
    request: HttpRequest,
    limit: Annotated[int, Query(ge=1, le=MOST_DOCUMENTS, description="How many at most.")] = 50,
) -> HttpResponse:
    """The outbox of the till: documents that the operator refused are set aside, the others wait."""
    refuse_other_parameters(request, ("limit",))
    station, till = current.station(), till_of(request)
    return as_json(answers.documents(station.upload(till), station.waiting_documents(till, limit)))


# ── counting ──────────────────────────────────────────────────────────────────────────────────────


@router.post(
    "/till/count/open",
    summary="Begin to count blind",
    tags=["Cash"],
    openapi_extra=described(
        {"200": describe.answer("The till is held for it.", tills.Hold)}, (*WRITING, *HOLDING)
    ),
)
def open_count(request: HttpRequest) -> HttpResponse:
    """From now on until a count is stored nobody is told what should be in the drawer."""
    return as_json(answers.hold(current.station().open_count(till_of(request), PROGRAM)))


@router.post(
    "/till/count",
    summary="Store a count",
    tags=["Cash"],
    openapi_extra=described(
        {"201": describe.answer("What was counted, and what was expected.", tills.Count)},
        (*BODY, *WRITING, "till.amount-invalid", "till.count-missing"),
        requestBody=describe.body(
            tills.NewCount,
            {"denominations": [{"value_minor": 5000, "count": 3}, {"value_minor": 200, "count": 11}]},
        ),
    ),
)
def store_count(request: HttpRequest) -> HttpResponse:
    """Name each note and coin of the currency at most once. After a lost answer look at the shift: its counts
    tell whether it was stored. Then close the shift with the count's uid, or count anew.
    """
    station, till = current.station(), till_of(request)
    sent = read(tills.NewCount, json_body(request), "reason")
    reason = "" if sent.reason is UNSET else mask_cards(sent.reason)
    told = station.store_count(till, PROGRAM, _pieces(station, till, sent), reason)
    return as_json(answers.count(told), 201)


def _pieces(station: Station, till: str, sent: tills.NewCount) -> dict[int, int]:
    """Value → how many. Raises FaultError(till.amount-invalid) for what is no money, or is named twice."""
    currency = current.place().rules.currency(station.currencies[till])
    known = currency.denominations_minor if currency is not None else ()
    counted = {one.value_minor: one.count for one in sent.denominations}
    if len(counted) < len(sent.denominations) or not counted.keys() <= set(known):
        raise FaultError(Fault("till.amount-invalid"))
    return counted


@router.post(
    "/till/count/reason",
    summary="Explain a difference",
    tags=["Cash"],
    openapi_extra=described(
        {"200": describe.answer("The count with its reason.", tills.Count)},
        (*BODY, *WRITING, "api.not-found", "till.too-late"),
        requestBody=describe.body(
            tills.NewReason, {"count": "7d1f4a52-0c3b-4e8e-9a57-2f6f0b9f1c11", "reason": "miscounted"}
        ),
    ),
)
def explain_count(request: HttpRequest) -> HttpResponse:
    """Why it differs; once, when the difference is known."""
    station, till = current.station(), till_of(request)
    sent = read(tills.NewReason, json_body(request), "reason")
    uid = plain_uid(sent.count, "count")
    _require_own_count(station, till, uid)
    return as_json(answers.count(station.explain_count(uid, PROGRAM, mask_cards(sent.reason))))


def _require_own_count(station: Station, till: str, uid: str) -> None:
    shift = station.till_state(till).last_shift
    if not any(one.uid == uid for number in (shift, shift - 1) for one in station.counts(till, number)):
        raise FaultError(Fault("api.not-found"))


@router.post(
    "/till/release",
    summary="Let the till go",
    tags=["Cash"],
    openapi_extra=described({"200": describe.answer("The till as it is now.", tills.Till)}, WRITING),
)
def release_till(request: HttpRequest) -> HttpResponse:
    """End what the till is held for: a count, a close, a correction. It is written down who did."""
    current.station().release(till_of(request), PROGRAM)
    return _till(request)


@router.post(
    "/till/correction/hold",
    summary="Hold the till for a correction",
    tags=["Cash"],
    openapi_extra=described(
        {"200": describe.answer("The device, read just now, beside the book.", tills.Cash)},
        (*BODY, *WRITING, *HOLDING, "till.approval-invalid", "till.red-blocks", "fiscal.sko-disconnected"),
        requestBody=describe.body(
            tills.NewCorrection,
            {"operation": "7d1f4a52-0c3b-4e8e-9a57-2f6f0b9f1c11", "approval": "k3Jq0cVtXo2yq1lHcWm9T2uP"},
        ),
    ),
)
def hold_for_correction(request: HttpRequest) -> HttpResponse:
    """An administrator approves the purpose 'correction' for a new uid; then begin that operation, kind
    'correction', with `difference_minor` as its total, `device_number` as `after`, and the same approval.
    """
    station, till = current.station(), till_of(request)
    sent = read(tills.NewCorrection, json_body(request))
    uid = plain_uid(sent.operation, "operation")
    grant = station.approver(till, uid, CORRECTION, [sent.approval])
    return as_json(answers.cash(station.hold_for_correction(till, grant.person)))


# ── shifts ────────────────────────────────────────────────────────────────────────────────────────


@router.get(
    "/shifts",
    summary="List shifts",
    tags=["Shifts"],
    openapi_extra=described({"200": describe.answer("The newest first.", tills.ShiftPage)}, READING),
)
def list_shifts(
    request: HttpRequest,
    limit: Annotated[int, Query(ge=1, le=MOST_SHIFTS, description="How many at most.")] = 50,
) -> HttpResponse:
    """The shifts of the till."""
    refuse_other_parameters(request, ("limit",))
    rows = current.station().shifts(till_of(request), limit)
    return as_json(tills.ShiftPage([answers.shift(row) for row in rows]))


@router.get(
    "/shifts/{number}",
    summary="Look at a shift",
    tags=["Shifts"],
    openapi_extra=described({"200": describe.answer("The shift.", tills.ShiftDetail)}, ("api.not-found",)),
)
def look_at_shift(request: HttpRequest, number: Number) -> HttpResponse:
    """When it was opened and closed, by whom, and how it was counted."""
    station, till = current.station(), till_of(request)
    shift = _shift(station, till, number)
    blind = shift.is_open and station.till_state(till).blind
    return as_json(answers.shift_detail(shift, () if blind else station.counts(till, shift.number)))


@router.get(
    "/shifts/{number}/report",
    summary="Read the Z of a shift",
    tags=["Shifts"],
    openapi_extra=described(
        {"200": describe.answer("The Z as it was stored with the close.", ShiftReport)}, ("api.not-found",)
    ),
)
def read_z_report(request: HttpRequest, number: Number) -> HttpResponse:
    """The report with which a shift was closed."""
    station, till = current.station(), till_of(request)
    shift = _shift(station, till, number)
    wanted = finding.Wanted(at_ms=shift.closed_ms or 0)
    for row in finding.find(queries.reader(), [till], wanted):
        if row.kind == "shift-close" and row.state == OperationState.DONE.value:
            operation = station.operation(row.uid)
            if operation is not None and operation.content.shift == shift.number:
                return api_kit.document_of(row.uid, copy=False)
    raise FaultError(Fault("api.not-found"))


def _shift(station: Station, till: str, number: str) -> ShiftState:
    """A shift of the till. Raises FaultError(api.not-found)."""
    wanted = api_kit.number_of(number)
    found = station.shift_numbered(till, wanted)
    if found is None:
        raise FaultError(Fault("api.not-found"))
    return found


@router.get(
    "/till/report",
    summary="Read the X of the open shift",
    tags=["Shifts"],
    openapi_extra=described(
        {"200": describe.answer("How the shift stands.", ShiftReport)}, ("till.shift-closed", "till.held")
    ),
)
def read_x_report(request: HttpRequest) -> HttpResponse:
    """How the open shift stands; nothing is closed by it. Refused while cash is counted blind."""
    report = current.station().x_report(till_of(request))
    return HttpResponse(stored.encode(report), content_type=api_kit.JSON)
