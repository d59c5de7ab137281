"""Red operations through the API: rulings, taking back what stands twice, enquiries at the operator.

A ruling is a person's word. Who that is does not stand in the call: it is whoever gave the first of its
approvals, with number and PIN, for just this operation.
"""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from msgspec import UNSET
from ninja import Path, Router

from tillwright.kernel.fault import Fault, FaultError
from tillwright.kernel.masking import mask_cards
from tillwright.operations.model import Operation
from tillwright.operations.rulings import PURPOSE, Ruling
from tillwright.till import api_answers_detail as answers
from tillwright.till import api_describe as describe
from tillwright.till import api_kit, api_problems
from tillwright.till.api_call import json_body
from tillwright.till.api_codes import OF_RULINGS
from tillwright.till.api_describe import described
from tillwright.till.api_kit import BODY, UNFINISHED, WRITING, as_json, ended, operation_of, settled_answer
from tillwright.till.api_reading import read
from tillwright.till.api_who import PROGRAM, require_approvals
from tillwright.till.api_wire_rulings import Enquiry, NewCancel, NewRuling
from tillwright.web import current

router = Router(tags=["Red operations"])

Uid = Annotated[str, Path(..., description="The operation's UUID.")]
EXAMPLE = {
    "leg": 1,
    "version": 7,
    "happened": True,
    "approvals": ["k3Jq0cVtXo2yq1lHcWm9T2uP"],
    "reason": "operator-lists-it",
    "document_number": 118,
    "registered_ms": 1_700_000_000_000,
    "unique_number": "4F1C9A0B77D2E3516A8890CD",
    "enquiry": 12,
}
RULING = (*BODY, *WRITING, "api.not-found", "till.too-late", *OF_RULINGS)
CANCELLING = (
    *BODY, *WRITING, "api.not-found", "till.too-late", "till.approval-needed", "till.approval-invalid",
    "till.second-person-needed",
)  # fmt: skip


@router.post(
    "/{uid}/rulings",
    summary="Rule on a leg",
    openapi_extra=described(
        {"200": ended("It has ended."), "202": UNFINISHED},
        RULING,
        parameters=[describe.PREFER],
        requestBody=describe.body(NewRuling, EXAMPLE),
    ),
)
def rule_on_operation(request: HttpRequest, uid: Uid) -> HttpResponse:
    """What a person says became of a leg of which nobody knows. It is checked against everything that is
    known, and later once more against the operator's records. After a lost answer look at the operation: its
    `rulings` tell whether it was taken.
    """
    station, rules = current.station(), current.place().rules
    operation = operation_of(station, request, uid)
    sent = read(NewRuling, json_body(request), "reason", "unique_number", "spoke_with")
    require_approvals(sent.approvals, PURPOSE, rules)
    grant = station.approver(operation.till, operation.uid, PURPOSE, sent.approvals)
    ruling = _ruling(operation, sent, grant.person)
    return settled_answer(request, station.rule(ruling, grant.role, tuple(sent.approvals)))


def _ruling(operation: Operation, sent: NewRuling, person: str) -> Ruling:
    return Ruling(
        uid=operation.uid,
        leg=sent.leg,
        version=sent.version,
        happened=sent.happened,
        then="" if sent.then is UNSET else sent.then,
        person=person,
        second="",
        reason="" if sent.reason is UNSET else mask_cards(sent.reason),
        document_number=None if sent.document_number is UNSET else sent.document_number,
        registered_ms=None if sent.registered_ms is UNSET else sent.registered_ms,
        unique_number=None if sent.unique_number is UNSET else sent.unique_number.strip(),
        enquiry=None if sent.enquiry is UNSET else sent.enquiry,
        spoke_with=None if sent.spoke_with is UNSET else mask_cards(sent.spoke_with),
        spoke_ms=None if sent.spoke_ms is UNSET else sent.spoke_ms,
    )


@router.post(
    "/{uid}/cancel",
    summary="Take back what stands twice",
    openapi_extra=described(
        {"200": ended("It has ended."), "202": UNFINISHED},
        CANCELLING,
        parameters=[describe.PREFER],
        requestBody=describe.body(NewCancel, {"approvals": EXAMPLE["approvals"]}),
    ),
)
def cancel_operation(request: HttpRequest, uid: Uid) -> HttpResponse:
    """Two documents stand for one intent, and no party can say which is too many: the surplus is reversed."""
    station = current.station()
    operation = operation_of(station, request, uid)
    sent = read(NewCancel, json_body(request))
    require_approvals(sent.approvals, PURPOSE, current.place().rules)
    return settled_answer(request, station.cancel_approved(operation.uid, tuple(sent.approvals)))


# ── enquiries ─────────────────────────────────────────────────────────────────────────────────────


@router.post(
    "/{uid}/enquiries",
    summary="Ask the operator",
    openapi_extra=described(
        {
            "202": describe.answer(
                "It was asked.",
                Enquiry,
                Location="Where the answer is.",
                Retry_After=api_kit.RETRY_AFTER,
            )
        },
        (*WRITING, "api.not-found", "fiscal.operator-unreachable"),
    ),
)
def ask_operator(request: HttpRequest, uid: Uid) -> HttpResponse:
    """What the operator has of the time of this operation. Each call is another enquiry; asking changes
    nothing there.
    """
    station = current.station()
    operation = operation_of(station, request, uid)
    identity = station.enquire(operation.uid, PROGRAM)
    told = station.enquiry(identity)
    if told is None:
        raise LookupError(identity)
    response = as_json(answers.enquiry(station, operation, told), 202)
    response.headers["Location"] = f"{api_problems.ROOT}/operations/{operation.uid}/enquiries/{identity}"
    response.headers["Retry-After"] = str(api_problems.COME_BACK_S)
    return response


@router.get(
    "/{uid}/enquiries/{number}",
    summary="Read an enquiry",
    openapi_extra=described(
        {"200": describe.answer("The enquiry, and its answer if there is one.", Enquiry)}, ("api.not-found",)
    ),
)
def read_enquiry(
    request: HttpRequest,
    uid: Uid,
    number: Annotated[str, Path(..., description="The number of the enquiry.")],
) -> HttpResponse:
    """What the operator listed, beside what is known here, and what that proves."""
    station = current.station()
    operation = operation_of(station, request, uid)
    told = station.enquiry(api_kit.number_of(number))
    if told is None or told.operation != operation.uid:
        raise FaultError(Fault("api.not-found"))
    return as_json(answers.enquiry(station, operation, told))
