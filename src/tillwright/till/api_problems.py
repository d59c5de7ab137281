"""Refusals as problem details (RFC 9457): one form for everything that goes wrong below /api.

    fault ─▶ status, title, sentence and next step in the reader's language ─▶ application/problem+json

What a bug was is never told to a caller: it stands in the log under a reference, which the caller is given.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Iterable

import msgspec
import structlog
from django.http import Http404, HttpRequest, HttpResponse

from tillwright.catalogue.entry import Entry
from tillwright.kernel.fault import Fault, FaultError
from tillwright.kernel.masking import mask_cards
from tillwright.till import api_wire as wire
from tillwright.till.api_reading import language_of
from tillwright.web import current
from tillwright.web.words import PageFormatter, say

ROOT = "/api/v1"
MEDIA_TYPE = "application/problem+json"
COME_BACK_S = 1
"""How soon to ask again where nothing better is known."""

_encode = msgspec.json.Encoder().encode
_log = structlog.get_logger(__name__)


def language(request: HttpRequest) -> str:
    """The language of the reader."""
    return language_of(request.META.get("HTTP_ACCEPT_LANGUAGE", ""))


def problem(request: HttpRequest, fault: Fault) -> HttpResponse:
    """The answer that refuses a request."""
    chosen = language(request)
    entry = current.place().catalogue.entry(fault.code)
    status = entry.http_status or 500
    body = _encode(_problem(entry, fault, status, chosen, request.path))
    response = HttpResponse(body, status=status, content_type=MEDIA_TYPE)
    response.headers["Content-Language"] = chosen
    if status in (429, 503):
        response.headers["Retry-After"] = str(_come_back_s(fault))
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="till"'
    return response


def _broken(request: HttpRequest, error: Exception) -> HttpResponse:
    """The answer to what should not have happened; recorded under a reference, told without details.

    The record has no values of variables, which a log of exceptions may show: there a token stands, and a
    name that was not masked yet.
    """
    reference = os.urandom(4).hex()
    trace = mask_cards("".join(traceback.format_exception(error)))
    address = mask_cards(request.path)
    _log.error("api.internal", reference=reference, method=request.method, path=address, trace=trace)
    return problem(request, Fault("api.internal", reference=reference))


def record_and_answer(request: HttpRequest, error: Exception) -> HttpResponse:
    """A refusal, or the answer to a bug."""
    if isinstance(error, Http404):
        return problem(request, Fault("api.not-found"))
    return problem(request, error.fault) if isinstance(error, FaultError) else _broken(request, error)


def method_not_allowed(request: HttpRequest, allowed: Iterable[str]) -> HttpResponse:
    """The answer to a method that the address does not take."""
    response = problem(request, Fault("api.method-not-allowed"))
    response.headers["Allow"] = ", ".join(sorted(allowed))
    return response


def type_address(code: str) -> str:
    """Where a code is described."""
    return f"{ROOT}/problems/{code}"


def title(entry: Entry, chosen: str) -> str:
    """The short name of a code: the first of the names that people call it."""
    name = entry.known_as.texts(chosen)[0]
    return name[:1].upper() + name[1:]


def _problem(entry: Entry, fault: Fault, status: int, chosen: str, path: str) -> wire.Problem:
    said = say(fault, chosen)
    return wire.Problem(
        type=type_address(fault.code),
        title=title(entry, chosen),
        status=status,
        detail=said.sentence,
        next_step=said.next_step,
        instance=path,
        code=fault.code,
        facts=fault.facts,
        program=_program_words(entry, fault),
    )


def problem_type(entry: Entry, chosen: str) -> wire.ProblemType:
    """What a code means, facts unfilled."""
    sentence, next_step = entry.words(chosen, "cashier")
    program = entry.program
    return wire.ProblemType(
        code=entry.code,
        status=entry.http_status or 500,
        severity=entry.severity,
        facts=entry.facts,
        title=title(entry, chosen),
        says=sentence,
        next=next_step,
        program=None if program is None else wire.ProgramWords(program.says, program.next),
    )


def _program_words(entry: Entry, fault: Fault) -> wire.ProgramWords | None:
    if entry.program is None:
        return None
    told = current.place().catalogue.say(fault, "en", "program", PageFormatter())
    return wire.ProgramWords(told.sentence, told.next_step)


def _come_back_s(fault: Fault) -> int:
    wait_ms = fault.facts.get("wait_ms")
    return max(COME_BACK_S, -(-wait_ms // 1000)) if isinstance(wait_ms, int) else COME_BACK_S
