"""The API of diagnoses: what the page of a diagnosis shows and takes, for programs.

    POST diagnoses {code}  ─▶  step  ─▶  POST …/answers, …/remedies, …/verifications  ─▶  step … mended

Each press says how many events its caller has seen; if there are others by now it is refused and changes
nothing. After a press the program goes on by itself, as far as it can: `Prefer: wait=SECONDS` holds the
answer until it has.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal, TypeVar

from django.http import HttpRequest, HttpResponse
from msgspec import UNSET
from ninja import Path, Query, Router

from tillwright.diagnosis.events import Outcome
from tillwright.faults import api_answers as answers
from tillwright.faults import api_wire as wire
from tillwright.faults import store
from tillwright.faults.api_call import TillToken, acting, at_rest, person_of, place_of, view_of, wait_until
from tillwright.faults.at_work import diagnoses
from tillwright.faults.running import Diagnoses, View
from tillwright.kernel.fault import FACT_FORM, Fault, FaultError
from tillwright.kernel.masking import mask_cards
from tillwright.kernel.registry import ACTIONS
from tillwright.people.models import Account
from tillwright.till import api_describe as describe
from tillwright.till import api_kit, api_problems
from tillwright.till.api_call import held_for, json_body, refuse_other_parameters
from tillwright.till.api_describe import described
from tillwright.till.api_kit import APPLIED, BODY, READING, WRITING, as_json, held, say_applied
from tillwright.till.api_reading import malformed, plain_uid, read
from tillwright.till.api_wire import LARGEST
from tillwright.till.queries import reader
from tillwright.web import current

router = Router(tags=["Diagnoses"], auth=TillToken())

MOST_LISTED = 200
LONGEST_FACT = 200
LONGEST_WAIT_S = 60
PRESSING = (*BODY, *WRITING, "api.not-found", "faults.stale", "faults.not-now")

Uid = Annotated[str, Path(..., description="The diagnosis's UUID.")]
Press = Callable[[Diagnoses, View], None]
_T = TypeVar("_T")


def _standing_as(description: str) -> dict[str, Any]:
    """How an answer with a diagnosis is described."""
    return describe.answer(description, wire.DiagnosisDetail, Preference_Applied=APPLIED)


def _pressing(structure: type, example: dict[str, Any], *more: str) -> dict[str, Any]:
    """How a press is described."""
    return described(
        {"200": _standing_as("The diagnosis after it.")},
        (*PRESSING, *more),
        parameters=[PREFER],
        requestBody=describe.body(structure, example),
    )


PREFER = describe.header(
    "Prefer",
    "`wait=SECONDS` (RFC 7240): hold the answer until the program has done what it can by itself, at most so "
    "long.",
    examples=["wait=10"],
)


# ── beginning and looking ─────────────────────────────────────────────────────────────────────────


@router.get(
    "/diagnoses",
    summary="List diagnoses",
    openapi_extra=described(
        {"200": describe.answer("The newest first.", wire.DiagnosisPage)}, (*READING, "api.wrong-till")
    ),
)
def list_diagnoses(
    request: HttpRequest,
    till: Annotated[
        str | None,
        Query(description="The token's till; left out: and the station's, too.", min_length=1, max_length=32),
    ] = None,
    state: Annotated[
        Literal["open", "mended", "unverified", "escalated", "left"] | None,
        Query(description="Only those in this state."),
    ] = None,
    code: Annotated[str | None, Query(description="Only those of this code.", max_length=80)] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_LISTED, description="How many at most.")] = 50,
) -> HttpResponse:
    """Diagnoses of the token's till and of the station itself."""
    refuse_other_parameters(request, ("till", "state", "code", "limit"))
    own = place_of(request, till)
    found = store.diagnoses(
        reader(), till=own, state=state or "", code=code or "", limit=limit, with_station=till is None
    )
    language, books = api_problems.language(request), diagnoses().books
    items = [answers.summary(one, books.entry(one.fault.code, one.version), language) for one in found]
    return as_json(wire.DiagnosisPage(items))


@router.post(
    "/diagnoses",
    summary="Begin a diagnosis",
    openapi_extra=described(
        {
            "200": _standing_as("There was one already."),
            "201": _standing_as("It has begun."),
        },
        (*BODY, *WRITING, "api.not-found", "api.wrong-till"),
        parameters=[PREFER],
        requestBody=describe.body(wire.NewDiagnosis, {"code": "fiscal.sko-disconnected"}),
    ),
)
def begin_diagnosis(request: HttpRequest) -> HttpResponse:
    """Of a code that has a runbook. The open one of the same code at the same place goes on, and one that was
    mended lately is opened again. `api.not-found`: there is no such code, or it has no runbook.
    """
    sent = read(wire.NewDiagnosis, json_body(request))
    till = place_of(request, None if sent.till is UNSET else sent.till)
    operation = "" if sent.operation is UNSET else _operation(request, sent.operation)
    fault = _fault(sent)
    about = diagnoses().books.about(fault.code, operation)
    known = store.open_one(reader(), fault.code, till, about) is not None
    uid = diagnoses().start(fault, till, about, person_of(request))
    return _standing(request, uid, 200 if known else 201)


def _operation(request: HttpRequest, uid: str) -> str:
    return api_kit.operation_of(current.station(), request, plain_uid(uid, "operation")).uid


def _fault(sent: wire.NewDiagnosis) -> Fault:
    """The fault that is meant. Raises FaultError: api.malformed, api.not-found."""
    entry = current.place().catalogue.entries.get(sent.code)
    if entry is None:
        raise FaultError(Fault("api.not-found"))
    facts = {} if sent.facts is UNSET else dict(sent.facts)
    for name, value in facts.items():
        if name not in entry.facts or not FACT_FORM.fullmatch(name):
            raise malformed(f"`{sent.code}` has no fact `{name}` - at `$.facts`")
        if isinstance(value, str):
            facts[name] = mask_cards(value[:LONGEST_FACT])
        elif abs(value) > LARGEST:
            raise malformed(f"the number of `{name}` is too large - at `$.facts`")
    return Fault(sent.code, **facts)


@router.get(
    "/diagnoses/{uid}",
    summary="Look at a diagnosis",
    openapi_extra=described(
        {"200": _standing_as("As it stands.")},
        ("api.not-found",),
        parameters=[PREFER],
    ),
)
def look_at_diagnosis(request: HttpRequest, uid: Uid) -> HttpResponse:
    """The one thing to do now and why, what is known, what remains possible, what must not be done."""
    return _standing(request, view_of(request, uid).stored.uid, 200)


@router.get(
    "/diagnoses/{uid}/events",
    summary="Read the record of a diagnosis",
    openapi_extra=described(
        {"200": describe.answer("Oldest first.", wire.DiagnosisRecord)}, ("api.not-found",)
    ),
)
def read_diagnosis_events(request: HttpRequest, uid: Uid) -> HttpResponse:
    """Everything that happened: what was found, answered, done and verified, by whom and when."""
    view = view_of(request, uid)
    return as_json(answers.record(store.events(reader(), view.stored.uid)))


@router.get(
    "/diagnoses/{uid}/changes",
    summary="Wait for a change of a diagnosis",
    openapi_extra=described(
        {"200": describe.answer("As it stands now.", wire.DiagnosisDetail)}, (*READING, "api.not-found")
    ),
)
def wait_for_diagnosis(
    request: HttpRequest,
    uid: Uid,
    after: Annotated[int, Query(ge=0, le=LARGEST, description="How many events were seen.")] = 0,
    timeout: Annotated[
        int, Query(ge=0, le=LONGEST_WAIT_S, description="Seconds; the pack's cap counts if that is less.")
    ] = 20,
) -> HttpResponse:
    """Held until there are more events than that, or the time is over."""
    refuse_other_parameters(request, ("after", "timeout"))
    station, found = current.station(), view_of(request, uid).stored.uid
    with held_for(timeout, station.rules.wait_cap_ms) as granted:
        view = wait_until(station, found, granted.wait_ms, lambda one: one.seen > after)
    return as_json(_told(request, view))


def _told(request: HttpRequest, view: View) -> wire.DiagnosisDetail:
    children = store.children(reader(), view.stored.uid)
    return answers.detail(view, children, api_problems.language(request))


def _standing(request: HttpRequest, uid: str, status: int) -> HttpResponse:
    """The diagnosis, once the program has done what it can, as long as the caller wants to wait for that."""
    station = current.station()
    with held(request, station) as granted:
        view = wait_until(station, uid, granted.wait_ms, at_rest)
    response = as_json(_told(request, view), status)
    if status == 201:
        response.headers["Location"] = f"{api_problems.ROOT}/diagnoses/{uid}"
    say_applied(response, granted)
    return response


def _sent(request: HttpRequest, uid: str, form: type[_T]) -> _T:
    """What is pressed at a diagnosis. One that is not the caller's is not there, whatever is sent to it."""
    view_of(request, uid)
    return read(form, json_body(request))


def _pressed(request: HttpRequest, uid: str, press: Press) -> HttpResponse:
    view = view_of(request, uid)
    press(diagnoses(), view)
    return _standing(request, view.stored.uid, 200)


# ── what people see and do ────────────────────────────────────────────────────────────────────────


@router.post(
    "/diagnoses/{uid}/answers",
    summary="Answer a question",
    openapi_extra=_pressing(wire.NewAnswer, {"check": "lamp", "answer": "no", "seen": 4}),
)
def answer_check(request: HttpRequest, uid: Uid) -> HttpResponse:
    """What a person sees; null where they cannot tell, which is an answer like any other."""
    sent = _sent(request, uid, wire.NewAnswer)

    def press(at_work: Diagnoses, view: View) -> None:
        if sent.answer is None:
            at_work.cannot_tell(view.stored.uid, sent.check, person_of(request), sent.seen)
        else:
            at_work.answer(view.stored.uid, sent.check, sent.answer, person_of(request), sent.seen)

    return _pressed(request, uid, press)


@router.post(
    "/diagnoses/{uid}/remedies",
    summary="Say that a remedy was done, or agree to one",
    openapi_extra=_pressing(
        wire.NewRemedy,
        {"remedy": "plug-in", "seen": 6, "took_ms": 20_000},
        "faults.consent-needed",
        "till.approval-invalid",
    ),
)
def do_remedy(request: HttpRequest, uid: Uid) -> HttpResponse:
    """A person has done it; whether it has helped is looked at next. One that has an `action` the program
    does itself, with the consent of a person: the token's own is a cashier's, a higher one is an approval.
    """
    sent = _sent(request, uid, wire.NewRemedy)

    def press(at_work: Diagnoses, view: View) -> None:
        who = acting(request, view.stored.uid, None if sent.approval is UNSET else sent.approval)
        found = next((one for one in view.entry.remedies if one.id == sent.remedy), None)
        if found is not None and found.action in ACTIONS:
            at_work.consent(view.stored.uid, sent.remedy, who.person, who.role, sent.seen, also=who.also)
        else:
            took_ms = 0 if sent.took_ms is UNSET else sent.took_ms
            at_work.did(view.stored.uid, sent.remedy, who.person, sent.seen, took_ms)

    return _pressed(request, uid, press)


@router.post(
    "/diagnoses/{uid}/verifications",
    summary="Say whether it is gone, or look again",
    openapi_extra=_pressing(wire.NewVerification, {"outcome": "gone", "seen": 7}),
)
def verify_diagnosis(request: HttpRequest, uid: Uid) -> HttpResponse:
    """Where only a person can see it (`verify.kind` is 'asked'), their word; else leave `outcome` out, and
    the program looks once more. Nobody's word makes mended what the program can see.
    """
    sent = _sent(request, uid, wire.NewVerification)
    outcome = None if sent.outcome is UNSET else _outcome(sent.outcome)

    def press(at_work: Diagnoses, view: View) -> None:
        if outcome is not None:
            at_work.verified(view.stored.uid, outcome, person_of(request), sent.seen)
        elif view.seen != sent.seen:
            raise FaultError(Fault("faults.stale"))
        else:
            at_work.look_again(view.stored.uid)

    return _pressed(request, uid, press)


def _outcome(text: str) -> Outcome:
    try:
        return Outcome(text)
    except ValueError:
        raise malformed("Expected 'gone', 'still' or 'unknown' - at `$.outcome`") from None


@router.post(
    "/diagnoses/{uid}/undo",
    summary="Take an answer or a remedy back",
    openapi_extra=_pressing(wire.NewUndo, {"step": "lamp", "seen": 5}),
)
def undo_step(request: HttpRequest, uid: Uid) -> HttpResponse:
    """It was not so; what is believed is worked out anew from what is left."""
    sent = _sent(request, uid, wire.NewUndo)
    return _pressed(
        request,
        uid,
        lambda at_work, view: at_work.undo(view.stored.uid, sent.step, person_of(request), sent.seen),
    )


# ── who is at it ──────────────────────────────────────────────────────────────────────────────────


@router.post(
    "/diagnoses/{uid}/hand-over",
    summary="Hand a diagnosis over",
    openapi_extra=_pressing(wire.NewHandOver, {"to": "50", "seen": 5}, "people.number-unknown"),
)
def hand_over_diagnosis(request: HttpRequest, uid: Uid) -> HttpResponse:
    """Somebody else goes on with it."""
    sent = _sent(request, uid, wire.NewHandOver)
    person = _person(sent.to)
    return _pressed(
        request,
        uid,
        lambda at_work, view: at_work.hand_over(view.stored.uid, person, person_of(request), sent.seen),
    )


def _person(number: str) -> str:
    known = number.isascii() and number.isdigit()
    account = Account.objects.filter(number=int(number), is_active=True).first() if known else None
    if account is None:
        raise FaultError(Fault("people.number-unknown", number=mask_cards(number)))
    return account.cashier


@router.post(
    "/diagnoses/{uid}/leave",
    summary="Leave a diagnosis",
    openapi_extra=_pressing(wire.NewPress, {"seen": 5}),
)
def leave_diagnosis(request: HttpRequest, uid: Uid) -> HttpResponse:
    """The person goes away from it; it stays open."""
    return _plain(request, uid, Diagnoses.leave)


@router.post(
    "/diagnoses/{uid}/resume",
    summary="Come back to a diagnosis",
    openapi_extra=_pressing(wire.NewPress, {"seen": 6}),
)
def resume_diagnosis(request: HttpRequest, uid: Uid) -> HttpResponse:
    """A person goes on where it was left."""
    return _plain(request, uid, Diagnoses.come_back)


@router.post(
    "/diagnoses/{uid}/escalate",
    summary="Give a diagnosis to somebody outside",
    openapi_extra=_pressing(wire.NewPress, {"seen": 8}),
)
def escalate_diagnosis(request: HttpRequest, uid: Uid) -> HttpResponse:
    """With its whole record; `escalate` says to whom."""
    return _plain(request, uid, Diagnoses.escalate)


def _plain(request: HttpRequest, uid: str, press: Callable[[Diagnoses, str, str, int], None]) -> HttpResponse:
    sent = _sent(request, uid, wire.NewPress)
    return _pressed(
        request, uid, lambda at_work, view: press(at_work, view.stored.uid, person_of(request), sent.seen)
    )


@router.post(
    "/diagnoses/{uid}/close",
    summary="Close a diagnosis",
    openapi_extra=_pressing(wire.NewClose, {"seen": 9}),
)
def close_diagnosis(request: HttpRequest, uid: Uid) -> HttpResponse:
    """Nothing more is done. It is not mended by that."""
    sent = _sent(request, uid, wire.NewClose)
    cause = "" if sent.cause is UNSET else sent.cause
    return _pressed(
        request,
        uid,
        lambda at_work, view: at_work.close(view.stored.uid, person_of(request), sent.seen, cause),
    )
