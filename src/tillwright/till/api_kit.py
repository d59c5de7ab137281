"""What the operations of the API have in common: whose an operation is, and the forms of answers."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse

from tillwright.documents import stored
from tillwright.journal.station import Station
from tillwright.kernel.fault import Fault, FaultError
from tillwright.kernel.keys import uid_from_text
from tillwright.operations.model import Operation
from tillwright.till import api_answers as answers
from tillwright.till import api_describe as describe
from tillwright.till import api_problems
from tillwright.till import api_wire as wire
from tillwright.till.api_call import Patience, patience, till_of, wait_until_settled
from tillwright.web import current

JSON = "application/json"
LOCATION = "Where the operation stands."
RETRY_AFTER = "Seconds after which to ask again."
APPLIED = "The wait that was granted."

READING = ("api.malformed",)
WRITING = ("journal.stopping", "journal.write-failed")
BODY = (*READING, "api.media-type", "api.too-large")

_NUMBER = re.compile("[1-9][0-9]{0,8}")
_encode = msgspec.json.Encoder().encode

UNFINISHED = describe.answer(
    "It has not ended: open, being undone, or red. Ask again, or send the same request again.",
    wire.Operation, Location=LOCATION, Retry_After=RETRY_AFTER, Preference_Applied=APPLIED,
)  # fmt: skip


def ended(description: str) -> dict[str, Any]:
    """The description of an answer with an operation that has ended."""
    return describe.answer(description, wire.Operation, Location=LOCATION, Preference_Applied=APPLIED)


def as_json(body: object, status: int = 200) -> HttpResponse:
    """An answer with a structure as its body."""
    return HttpResponse(_encode(body), status=status, content_type=JSON)


def number_of(text: str) -> int:
    """A number in an address. Raises FaultError(api.not-found): nothing has such a number."""
    if not _NUMBER.fullmatch(text):
        raise FaultError(Fault("api.not-found"))
    return int(text)


def operation_of(station: Station, request: HttpRequest, uid: str) -> Operation:
    """The operation, if it is one of the token's till. Raises FaultError(api.not-found)."""
    try:
        operation = station.operation(uid_from_text(uid))
    except ValueError:
        operation = None
    if operation is None or operation.till != till_of(request):
        raise FaultError(Fault("api.not-found"))
    return operation


def held(request: HttpRequest, station: Station) -> AbstractContextManager[Patience]:
    """How long the call may be held."""
    return patience(request, station.rules.wait_cap_ms)


def say_applied(response: HttpResponse, granted: Patience) -> None:
    """Tell the caller which wait was granted."""
    if granted.granted_s is not None:
        response.headers["Preference-Applied"] = f"wait={granted.granted_s}"


def standing(
    request: HttpRequest, operation: Operation, granted: Patience, ended_status: int
) -> HttpResponse:
    """The operation as it stands: `ended_status` if it has ended, else 202."""
    told = answers.operation(operation, api_problems.language(request))
    response = as_json(told, ended_status if operation.ended else 202)
    response.headers["Location"] = f"{api_problems.ROOT}/operations/{operation.uid}"
    if not operation.ended:
        response.headers["Retry-After"] = str(api_problems.COME_BACK_S)
    say_applied(response, granted)
    return response


def settled_answer(request: HttpRequest, operation: Operation) -> HttpResponse:
    """What came of something that a person has said about an operation, waited for."""
    station = current.station()
    with held(request, station) as granted:
        operation = wait_until_settled(station, operation, granted.wait_ms)
    return standing(request, operation, granted, 200)


def document_of(uid: str, *, copy: bool) -> HttpResponse:
    """The stored document of an operation, or a copy of it. Raises FaultError(api.not-found)."""
    body = current.station().document(uid)
    if body is None:
        raise FaultError(Fault("api.not-found"))
    if copy:
        body = stored.encode(stored.copy_of(stored.decode(body)))
    return HttpResponse(body, content_type=JSON)
