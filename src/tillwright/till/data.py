"""Get data: cash by the book and by the device, what explains their difference, what waits for the operator.

While the cash is counted blind these pages tell nothing of what should be there.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from tillwright.catalogue.catalogue import Said
from tillwright.catalogue.formats import spell_duration
from tillwright.documents.sentence import kind_name
from tillwright.journal.queries import Summary
from tillwright.journal.records import Queued
from tillwright.kernel.fault import Fault, FaultError
from tillwright.till import checking, looking, queries
from tillwright.till.document_words import page_words
from tillwright.till.views import till_or_fault
from tillwright.web import current, looks
from tillwright.web.current import TillPlace
from tillwright.web.words import say

MOST_WAITING = 200


@dataclass(frozen=True, slots=True)
class Explained:
    """An operation that explains a difference, as a row."""

    row: Summary
    kind_name: str


def explained(rows: tuple[Summary, ...]) -> list[Explained]:
    """The operations that explain a difference, with the names of their kinds."""
    words = page_words()
    return [Explained(row, kind_name(row.kind, words)) for row in rows]


# ── the figures ─────────────────────────────────────────────────────────────────────────────────────────────


@never_cache
@require_GET
def data(request: HttpRequest) -> HttpResponse:
    """The figures; everybody is asked afresh, and the page follows."""
    till = till_or_fault(request)
    looking.ask_everybody(till.id)
    return render(request, "till/data.html", _content(till))


@never_cache
@require_GET
def figures(request: HttpRequest) -> HttpResponse:
    """The figures as they stand now."""
    return render(request, "till/parts/figures.html", _content(till_or_fault(request)))


def _content(till: TillPlace) -> dict[str, object]:
    station = current.station()
    state = station.till_state(till.id)
    cash = station.cash_state(till.id)
    rows = checking.rows(looking.seen(till.id))
    return {
        "cash": cash,
        "explained": explained(cash.explained),
        "upload": station.upload(till.id),
        "age": _age(till.id),
        "shift": state.shift,
        "rows": [
            {"row": one, "said": say(one.fault, looks.language()) if one.fault else None} for one in rows
        ],
    }


def _age(till: str) -> str:
    """How long the oldest document waits, in words; '' where none does."""
    upload = current.station().upload(till)
    return spell_duration(upload.age_ms // 60_000 * 60_000, looks.language()) if upload.age_ms else ""


# ── what waits for the operator ─────────────────────────────────────────────────────────────────────────────


@never_cache
@require_GET
def undelivered(request: HttpRequest) -> HttpResponse:
    """The documents that the operator does not have, and what to do about them."""
    till = till_or_fault(request)
    upload = current.station().upload(till.id)
    content = {
        "upload": upload,
        "currency": till.currency,
        "age": _age(till.id),
        "said": _cause(upload.cause, upload.count),
        "rows": queries.undelivered(queries.reader(), till.id, MOST_WAITING),
        "refused": [(one, _refused(one)) for one in upload.refused],
    }
    return render(request, "till/undelivered.html", content)


def _cause(cause: str, count: int | None) -> Said | None:
    if not cause:
        return None
    fault = Fault("fiscal.document-upload-failed", cause=cause, document_count=count or 0)
    return say(fault, looks.language())


def _refused(one: Queued) -> bool:
    """Whether a refused document holds up the ones after it."""
    return one.blocks


@require_POST
def deliver(request: HttpRequest) -> HttpResponse:
    """Try to deliver at once."""
    till = till_or_fault(request)
    try:
        current.station().deliver_again(till.id)
    except FaultError as error:
        if error.fault.code == "api.unavailable":
            raise
    return redirect("till:undelivered")
