"""Finding a fault by what the screen says, on a page; and the words that people taught it, to be reviewed.

What is typed is pasted from anywhere, so it goes by POST and stands in no address and no log, and a card's
number in it is masked before anything is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tillwright.catalogue.catalogue import Said
from tillwright.catalogue.entry import Entry
from tillwright.catalogue.search import LONGEST_QUERY
from tillwright.faults import searching, store, words
from tillwright.faults.store import StoredAlias
from tillwright.journal import audit_log
from tillwright.kernel.fault import Fault, FaultError
from tillwright.kernel.masking import mask_cards
from tillwright.machine.sqlite import Connection
from tillwright.till.document_words import page_words
from tillwright.till.queries import reader
from tillwright.till.views import cashier_of
from tillwright.web import current, looks
from tillwright.web.permission import allowed, needs
from tillwright.web.words import say

PURPOSE = "runbooks"
PROPOSED, ACCEPTED, REFUSED = "proposed", "accepted", "refused"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A fault that may be meant; `can`: whether it has a runbook; `alike`: the others that the same words
    mean.
    """

    said: Said
    part: Any
    can: bool
    alike: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposed:
    """Words that wait for a review."""

    alias: StoredAlias
    said: Said
    person: str


# ── search ──────────────────────────────────────────────────────────────────────────────────────────────────


@never_cache
@require_http_methods(["GET", "POST"])
def search(request: HttpRequest) -> HttpResponse:
    """The form; on POST what may be meant, and none of these."""
    typed = typed_in(request)
    content: dict[str, Any] = {"typed": typed, "may_review": allowed(request, PURPOSE)}
    if typed:
        found = searching.find(typed)
        content["found"] = [_candidate(one.codes) for one in found.candidates]
        content["known"] = found.known
        content["groups"] = _all_by_part()
    return render(request, "faults/search.html", content)


def typed_in(request: HttpRequest) -> str:
    """What was typed or pasted, in one line, cards masked."""
    return mask_cards(" ".join(request.POST.get("said", "").split())[:LONGEST_QUERY])


def _candidate(codes: Sequence[str]) -> Candidate:
    entry, language = current.place().catalogue.entry(codes[0]), looks.language()
    alike = tuple(_candidate((code,)) for code in codes[1:])
    return Candidate(say(Fault(entry.code), language), words.part_word(entry.part), bool(entry.causes), alike)


def _all_by_part() -> list[tuple[Any, list[Said]]]:
    """Every fault with a runbook, by its part: for who found none of the candidates right."""

    def part(entry: Entry) -> str:
        return entry.part

    entries = sorted((one for one in current.place().catalogue.entries.values() if one.causes), key=part)
    language = looks.language()
    return [
        (words.part_word(name), [say(Fault(one.code), language) for one in group])
        for name, group in groupby(entries, key=part)
    ]


@require_POST
def it_was(request: HttpRequest) -> HttpResponse:
    """None of the candidates, it was this one: the words are proposed for it, and its diagnosis begins."""
    typed, code = typed_in(request), request.POST.get("code", "")
    if code not in current.place().catalogue.entries:
        raise FaultError(Fault("api.not-found"))
    person, now_ms, language = cashier_of(request), current.now_ms(), looks.language()
    if typed:
        current.station().write(
            lambda connection: store.propose(connection, code, typed, language, person, now_ms)
        )
    return render(request, "faults/it_was.html", {"told": say(Fault(code), language), "typed": typed})


# ── review ──────────────────────────────────────────────────────────────────────────────────────────────────


@never_cache
@needs(PURPOSE)
@require_GET
def review(request: HttpRequest) -> HttpResponse:
    """Words that people used, to be accepted or refused."""
    aliases = store.aliases(reader(), PROPOSED)
    names = page_words(*(one.person for one in aliases)).names
    language = looks.language()
    rows = [
        Proposed(one, say(Fault(one.code), language), names.get(one.person, one.person)) for one in aliases
    ]
    return render(request, "faults/review.html", {"rows": rows})


@needs(PURPOSE)
@require_POST
def decide(request: HttpRequest, identity: int) -> HttpResponse:
    """Accept words, so that they are found by from now on, or refuse them."""
    found = next((one for one in store.aliases(reader(), PROPOSED) if one.id == identity), None)
    if found is None:
        return redirect("faults:review")
    state = ACCEPTED if request.POST.get("state") == ACCEPTED else REFUSED
    person, now_ms = cashier_of(request), current.now_ms()

    def write(connection: Connection) -> None:
        store.decide(connection, identity, state, person, now_ms)
        facts = {"code": found.code, "said": found.said}
        audit_log.append(connection, now_ms, person, f"words-{state}", facts)

    current.station().write(write)
    return redirect("faults:review")
