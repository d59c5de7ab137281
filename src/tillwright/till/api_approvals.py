"""Approvals for programs: number and PIN of somebody with the right, for one purpose of one operation.

The token says which till it is, number and PIN say who approves; neither is enough alone. A wrong PIN counts
towards the same lock as at the sign-in page.
"""

from __future__ import annotations

import json

import msgspec
from django.http import HttpRequest, HttpResponse
from ninja import Router

from tillwright.kernel.fault import FaultError
from tillwright.kernel.keys import uid_from_text
from tillwright.machine.resources import shipped_catalogue
from tillwright.people.approvals import Approved, Asked, approve
from tillwright.people.rules import APPROVABLE
from tillwright.till import api_describe as describe
from tillwright.till.api_call import json_body, till_of
from tillwright.till.api_reading import malformed, once
from tillwright.till.api_wire_people import Approval, NewApproval
from tillwright.web import current

router = Router(tags=["Approvals"])

REFUSALS = (
    *describe.OF_A_TILL, "api.malformed", "api.media-type", "api.too-large", "journal.stopping",
    "journal.write-failed", "people.approval-refused", "people.locked", "people.senior-needed",
    "people.administrator-needed",
)  # fmt: skip
EXAMPLE = {
    "number": 50,
    "pin": "5656",
    "operation": "7d1f4a52-0c3b-4e8e-9a57-2f6f0b9f1c11",
    "purpose": "refund",
}

_DECODER = msgspec.json.Decoder(NewApproval)
_encode = msgspec.json.Encoder().encode


@router.post(
    "",
    summary="Approve a purpose of an operation",
    openapi_extra={
        "responses": {
            "201": describe.answer("The approval was given.", Approval),
            **describe.problems(shipped_catalogue(), REFUSALS),
        },
        "parameters": [describe.ACCEPT_LANGUAGE],
        "requestBody": describe.body(NewApproval, EXAMPLE),
    },
)
def give_approval(request: HttpRequest) -> HttpResponse:
    """Send what comes of it with the operation, within its time. Each call that succeeds gives another one;
    what was not used means nothing once its time is over.
    """
    sent = _read(json_body(request))
    asked = Asked(str(sent.number), sent.pin, sent.operation, sent.purpose, till_of(request))
    approved = approve(current.station(), asked, current.place().rules, current.now_ms())
    return HttpResponse(_encode(_told(approved)), status=201, content_type="application/json")


def _told(approved: Approved) -> Approval:
    grant = approved.grant
    return Approval(
        approval=grant.id,
        operation=grant.operation,
        purpose=grant.purpose,
        person=grant.person,
        expires_ms=grant.expires_ms,
    )


def _read(body: bytes) -> NewApproval:
    """What was sent, its uid in lower case. Raises FaultError(api.malformed); its reason never names the
    PIN.
    """
    try:
        sent = _DECODER.decode(body)
        json.loads(body.decode(), object_pairs_hook=once)
    except UnicodeDecodeError:
        raise malformed("the body is not UTF-8") from None
    except (msgspec.MsgspecError, RecursionError) as error:
        raise malformed(str(error)) from None
    if sent.purpose not in APPROVABLE:
        raise malformed("Expected a purpose that can be approved - at `$.purpose`")
    return msgspec.structs.replace(sent, operation=_uid(sent.operation))


def _uid(text: str) -> str:
    try:
        uid = uid_from_text(text)
    except ValueError:
        raise _no_uid() from None
    if len(uid) != len(text):
        raise _no_uid()
    return uid


def _no_uid() -> FaultError:
    return malformed("Expected a UUID - at `$.operation`")
