"""What to do about a fault, as a plain page for somebody who cannot sign in: it needs no session.

A diagnosis is kept under a person's name; who is refused at the sign-in has none. So this page only tells
what ships with the program for everybody to read: no data of the shop, not what people have changed in their
runbooks, and nothing can be done on it.
"""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from tillwright.catalogue.entry import Entry
from tillwright.catalogue.languages import ours
from tillwright.catalogue.runbook_entry import Remedy
from tillwright.faults import words
from tillwright.faults.standing import forbidden
from tillwright.kernel.fault import Fault, FaultError
from tillwright.kernel.registry import ACTIONS, Consent
from tillwright.web import current, looks
from tillwright.web.words import say

LONGEST_NEXT = 200


@login_not_required
@never_cache
@require_GET
def what_to_do(request: HttpRequest, code: str) -> HttpResponse:
    """The page. Raises FaultError: api.not-found for a code without a runbook."""
    entry = current.place().catalogue.entries.get(code)
    if entry is None or not entry.causes:
        raise FaultError(Fault("api.not-found"))
    wanted = request.GET.get("next", "")[:LONGEST_NEXT]
    told = say(Fault(code), looks.language())
    content = {
        "told": told,
        "title": _title(entry, told.sentence),
        "code": code,
        "steps": [words.spoken(one.says) for one in entry.remedies if _is_for_people(entry, one)],
        "never": [words.spoken(one.says) for one in entry.never],
        "call": entry.escalate,
        "who": words.role_word(entry.escalate.to) if entry.escalate else "",
        "escalation": words.spoken(entry.escalate.says) if entry.escalate else "",
        "causes": [words.spoken(one.says) for one in sorted(entry.causes, key=lambda one: -one.weight)],
        "next": f"?{urlencode({'next': wanted})}" if wanted else "",
    }
    return render(request, "faults/reading.html", content)


def _title(entry: Entry, sentence: str) -> str:
    """What the fault says; where that needs facts, which nobody has here, what people call it."""
    if not entry.facts:
        return sentence
    name = entry.known_as.texts(ours(looks.language()))[0]
    return name[:1].upper() + name[1:]


def _is_for_people(entry: Entry, remedy: Remedy) -> bool:
    spec = ACTIONS.get(remedy.action)
    alone = spec is not None and spec.consent is Consent.NOBODY
    return not alone and remedy.id not in forbidden(entry)
