"""The API of what is known of faults, and of how the station is: search, catalogue, probes."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from msgspec import UNSET
from ninja import Path, Query, Router

from tillwright.catalogue.catalogue import Catalogue
from tillwright.catalogue.search import LONGEST_QUERY, Candidate
from tillwright.faults import api_answers as answers
from tillwright.faults import api_wire as wire
from tillwright.faults import at_work, searching, store
from tillwright.faults.api_call import STATION_WIDE, TillToken, person_of
from tillwright.faults.looking import look
from tillwright.faults.rules import parts
from tillwright.faults.scene import Target, scene
from tillwright.kernel.fault import Fault, FaultError
from tillwright.kernel.finding import Finding
from tillwright.kernel.masking import mask_cards
from tillwright.kernel.registry import PROBES, Scope
from tillwright.till import api_describe as describe
from tillwright.till import api_problems
from tillwright.till.api_call import json_body, refuse_other_parameters, till_of
from tillwright.till.api_describe import described
from tillwright.till.api_kit import BODY, READING, WRITING, as_json
from tillwright.till.api_reading import malformed, read
from tillwright.web import current

router = Router(auth=TillToken())

Code = Annotated[str, Path(..., description="A code of the catalogue.")]


# ── faults ────────────────────────────────────────────────────────────────────────────────────────


@router.get(
    "/faults",
    summary="Find a fault by its words",
    tags=["Faults"],
    openapi_extra=described({"200": describe.answer("What may be meant.", wire.FoundFaults)}, READING),
)
def find_faults(
    request: HttpRequest,
    says: Annotated[
        str,
        Query(
            description="What the screen says or what people call it, in any language; or an error number.",
            max_length=LONGEST_QUERY,
        ),
    ],
    limit: Annotated[int, Query(ge=1, le=10, description="How many at most.")] = 3,
) -> HttpResponse:
    """The likeliest first. `known` false: these words are those of no fault of the catalogue."""
    refuse_other_parameters(request, ("says", "limit"))
    found = searching.find(says, limit)
    catalogue, language = current.place().catalogue, api_problems.language(request)
    candidates = [_candidate(one, catalogue, language) for one in found.candidates]
    return as_json(wire.FoundFaults(found.known, candidates))


def _candidate(one: Candidate, catalogue: Catalogue, language: str) -> wire.FaultCandidate:
    entry = catalogue.entries[one.code]
    sentence, next_step = entry.words(language, "cashier")
    return wire.FaultCandidate(
        code=one.code,
        codes=one.codes,
        group=one.group,
        score=round(min(1.0, one.score), 4),
        wording=one.wording,
        sentence=sentence,
        next_step=next_step,
        runbook=bool(entry.causes),
    )


@router.post(
    "/faults/words",
    summary="Propose words for a fault",
    tags=["Faults"],
    openapi_extra=described(
        {"202": describe.answer("They wait for their review.", wire.ProposedWords)},
        (*BODY, *WRITING, "api.not-found"),
        requestBody=describe.body(
            wire.NewWords, {"code": "fiscal.sko-disconnected", "says": "the little box is dead"}
        ),
    ),
)
def propose_words(request: HttpRequest) -> HttpResponse:
    """Words by which a fault was not found, and which it turned out to be. The same words count once."""
    sent = read(wire.NewWords, json_body(request), "says")
    if sent.code not in current.place().catalogue.entries:
        raise FaultError(Fault("api.not-found"))
    says, language = mask_cards(sent.says.strip()), api_problems.language(request)
    if not says:
        raise malformed("nothing is said - at `$.says`")
    who, now_ms = person_of(request), current.now_ms()
    current.station().write(
        lambda connection: store.propose(connection, sent.code, says, language, who, now_ms)
    )
    return as_json(wire.ProposedWords(sent.code, says, language), 202)


@router.get(
    "/faults/{code}",
    summary="Read an entry of the catalogue",
    tags=["Faults"],
    openapi_extra=described({"200": describe.answer("The entry.", wire.FaultEntry)}, ("api.not-found",)),
)
def read_fault(request: HttpRequest, code: Code) -> HttpResponse:
    """What a code says, what else it is called, what may cause it, and what must not be done."""
    return as_json(answers.entry(at_work.diagnoses().books.entry(code), api_problems.language(request)))


# ── how the station is ────────────────────────────────────────────────────────────────────────────


@router.get(
    "/status",
    summary="Look at how everything is",
    tags=["Status"],
    openapi_extra=described({"200": describe.answer("Every part.", wire.Status)}, ()),
)
def look_at_status(request: HttpRequest) -> HttpResponse:
    """The parts of the station and of the token's till, by what probes found last; a part that is sick only
    because another one is says which in `follows`.
    """
    return _status(request, at_work.findings())


@router.post(
    "/status/look",
    summary="Look afresh",
    tags=["Status"],
    openapi_extra=described(
        {"200": describe.answer("Every part, afresh.", wire.Status)},
        BODY,
        requestBody=describe.body(wire.NewLook, {"probes": ["control_link", "disk_room"]}),
    ),
)
def look_afresh(request: HttpRequest) -> HttpResponse:
    """Run probes now, side by side, each within its time; what the others found last stands beside it."""
    sent = read(wire.NewLook, json_body(request))
    names = _named(None if sent.probes is UNSET else list(sent.probes))
    found = look(scene(), names, Target(till_of(request)))
    watch = at_work.watch()
    if watch is not None:
        watch.take(found)
    fresh = {(one.probe, one.scope): one for one in [*at_work.findings(), *found]}
    return _status(request, [fresh[key] for key in sorted(fresh)])


def _named(names: list[str] | None) -> list[str]:
    """The probes to look with. Raises FaultError(api.malformed)."""
    if names is None:
        return [spec.name for spec in PROBES.values() if spec.scope is not Scope.OPERATION]
    for name in names:
        if name not in PROBES or PROBES[name].scope is Scope.OPERATION:
            raise malformed("no probe of a till or of the station - at `$.probes`")
    return list(dict.fromkeys(names))


def _status(request: HttpRequest, findings: list[Finding]) -> HttpResponse:
    own = till_of(request)
    mine = [one for one in findings if one.scope in (own, STATION_WIDE)]
    return as_json(answers.status(parts(mine, [own])))
