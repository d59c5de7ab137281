"""Operations on pages: the list, one operation live, its receipt; going on, giving up, selling again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from tillwright.documents import receipt_html
from tillwright.documents.sentence import kind_name
from tillwright.documents.stored import Document, copy_of, decode
from tillwright.journal.queries import BadCursor, Page, Summary
from tillwright.kernel.fault import Fault, FaultError
from tillwright.operations.kinds import KINDS
from tillwright.operations.model import Operation
from tillwright.operations.states import OperationState
from tillwright.till import actions, exchanging, finding, handing, queries, refunding, starting
from tillwright.till.document_words import page_words
from tillwright.till.showing import Shown, shown
from tillwright.till.views import cashier_of, till_or_fault
from tillwright.web import current
from tillwright.web.current import TillPlace
from tillwright.web.words import exponent_of

PAGE_SIZE = 50
FILTERS: tuple[tuple[str, Any], ...] = (
    ("", _("All")),
    ("red", _("Unknown")),
    ("open", _("In progress")),
    ("done", _("Done")),
    ("refused", _("Refused")),
)


# ── the list ───────────────────────────────────────────────────────────────────────────────────────────────


@never_cache
@require_GET
def operations(request: HttpRequest) -> HttpResponse:
    """The till's receipts, red ones first; with `after` only the next rows, with `q` those that fit."""
    till = till_or_fault(request)
    if request.GET.get("q", "").strip():
        return _found(request, till)
    wanted, after = request.GET.get("state", ""), request.GET.get("after") or None
    state = wanted if wanted in {name for name, _word in FILTERS} else ""
    try:
        page = _page(request, till.id, state or None, after)
    except BadCursor:
        raise FaultError(Fault("api.cursor-invalid")) from None
    content = {
        "rows": _rows(page.items),
        "cursor": page.cursor,
        "state": state,
        "filters": FILTERS,
        "goal": _goal(request),
    }
    return render(request, "till/parts/rows.html" if after else "till/operations.html", content)


def _page(request: HttpRequest, till: str, state: str | None, after: str | None) -> Page:
    """A part of the list; only sales that are done, where one is to be taken back."""
    if _goal(request):
        return current.station().page(till=till, state="done", after=after, limit=PAGE_SIZE, kind="cash-sale")
    return current.station().page(till=till, state=state, after=after, limit=PAGE_SIZE)


def _goal(request: HttpRequest) -> str:
    """What a receipt is looked for: to be taken back, or just to be seen."""
    return "refund" if request.GET.get("for") == "refund" else ""


def _found(request: HttpRequest, till: TillPlace) -> HttpResponse:
    """What fits what was typed or scanned; a single one is opened at once."""
    place, typed = current.place(), request.GET["q"].strip()[:64]
    tills = [till.id, *(one.id for one in place.tills if one.id != till.id)]
    wanted = finding.read(typed, exponent_of(till.currency), current.now_ms(), place.zone)
    items = finding.find(queries.reader(), tills, wanted)
    goal = _goal(request)
    if len(items) == 1:
        return redirect("till:refund" if goal else "till:operation", items[0].uid)
    content = {"rows": _rows(items), "state": "", "filters": FILTERS, "goal": goal, "typed": typed}
    return render(request, "till/operations.html", content)


def _rows(items: list[Summary]) -> list[dict[str, object]]:
    """The rows with their cashiers by name; one query for all of them."""
    words = page_words(*(row.cashier for row in items))
    return [
        {
            **asdict(row),
            "kind_name": kind_name(row.kind, words),
            "till_name": getattr(current.place().till(row.till), "name", row.till),
            "cashier_name": words.names.get(row.cashier, row.cashier),
        }
        for row in items
    ]


# ── one operation ──────────────────────────────────────────────────────────────────────────────────────────


def _operation_or_404(uid: str) -> Operation:
    operation = current.station().operation(uid)
    if operation is None:
        raise Http404
    return operation


def _shown(operation: Operation) -> Shown:
    station = current.station()
    enquiries = station.enquiries(operation.uid)
    other = station.operation(operation.content.exchange) if operation.content.exchange else None
    events = station.events(operation.uid)
    return shown(operation, events, station.policy, current.now_ms(), enquiries, other)


@never_cache
@require_GET
def operation(request: HttpRequest, uid: str) -> HttpResponse:
    """The page of an operation."""
    return render(request, "till/operation.html", _content(_operation_or_404(uid)))


@never_cache
@require_GET
def live(request: HttpRequest, uid: str) -> HttpResponse:
    """The part of the page that changes; 204 while nothing has happened since `version`."""
    found = _operation_or_404(uid)
    if request.GET.get("version") == str(found.version):
        return HttpResponse(status=204)
    return render(request, "till/parts/operation.html", _content(found))


def _content(found: Operation) -> dict[str, object]:
    over = found.state in (OperationState.REFUSED, OperationState.UNDONE)
    return {
        "shown": _shown(found),
        "operation": found,
        "has_receipt": _has_document(found),
        "may_return": refunding.can_come_back(found),
        "finish": found.state is OperationState.DONE and exchanging.unfinished(found),
        "owes_minor": handing.owed_minor(found),
        "uid": starting.fresh_uid(),
        "again": over and queries.basket(queries.reader(), found.uid) is not None,
    }


def _has_document(found: Operation) -> bool:
    """Whether the operation has left a document to look at and to print."""
    kind = KINDS.get(found.kind)
    told = kind is not None and bool(kind.document) and found.state is OperationState.DONE
    return told and (found.kind != "cash-sale" or bool(found.content.lines))


def _own_or_404(request: HttpRequest, uid: str) -> Operation:
    """An operation of this browser's till: every till may look at it, only its own decides on it."""
    found = _operation_or_404(uid)
    if found.till != till_or_fault(request).id:
        raise Http404
    return found


def _press(request: HttpRequest, uid: str, press: Callable[[], object]) -> HttpResponse:
    """Do it, then show the operation as it is. A press that came too late shows that too."""
    _own_or_404(request, uid)
    try:
        press()
    except FaultError as error:
        if error.fault.code != "till.too-late":
            raise
    return redirect("till:operation", uid)


@require_POST
def go_on(request: HttpRequest, uid: str) -> HttpResponse:
    """Continue: send what waits, ask for what is not known."""
    return _press(request, uid, lambda: current.station().go_on(uid, cashier_of(request)))


@require_POST
def give_up(request: HttpRequest, uid: str) -> HttpResponse:
    """Give up."""
    return _press(request, uid, lambda: current.station().give_up(uid, cashier_of(request)))


@never_cache
@require_GET
def newest(request: HttpRequest) -> HttpResponse:
    """What the till is doing, or has done last: the open operation, else the newest; also with no printer."""
    till = till_or_fault(request)
    state = current.station().till_state(till.id)
    if state.open is not None:
        return redirect("till:operation", state.open.uid)
    items = current.station().page(till=till.id, state=None, after=None, limit=1).items
    if not items:
        return redirect("till:operations")
    return redirect("till:operation", max(items, key=lambda row: row.number).uid)


@never_cache
@require_GET
def last_receipt(request: HttpRequest) -> HttpResponse:
    """The till's newest receipt, to be printed again."""
    till = till_or_fault(request)
    for row in current.station().page(till=till.id, state="done", after=None, limit=PAGE_SIZE).items:
        if _has_document(_operation_or_404(row.uid)):
            return redirect("till:receipt", row.uid)
    return redirect("till:operations")


@require_POST
def again(request: HttpRequest, uid: str) -> HttpResponse:
    """A new basket with the same goods."""
    _own_or_404(request, uid)
    cashier, now_ms = cashier_of(request), current.now_ms()
    current.station().write(lambda writer: actions.copy_basket(writer, uid, cashier, now_ms))
    return redirect("till:sale")


# ── the receipt ────────────────────────────────────────────────────────────────────────────────────────────


@never_cache
@require_GET
def receipt(request: HttpRequest, uid: str) -> HttpResponse:
    """The stored receipt; a copy, once it has been printed."""
    found = _operation_or_404(uid)
    return _receipt_page(request, found, copy=found.printed, at_once=False)


@require_POST
def print_receipt(request: HttpRequest, uid: str) -> HttpResponse:
    """Have the till's printer print it; where it has none, journal the print and let the browser do it. From
    the second time on it says 'copy'.
    """
    found = _operation_or_404(uid)
    _stored(found)
    if current.station().print_document(uid, copy=found.printed):
        return _receipt_page(request, found, copy=found.printed, at_once=False, sent=True)
    if not found.printed:
        current.station().printed(uid)
    return _receipt_page(request, found, copy=found.printed, at_once=True)


def _stored(found: Operation) -> Document:
    body = current.station().document(found.uid)
    if body is None:
        raise Http404
    return decode(body)


def _people_in(document: Document) -> list[str]:
    """Everybody whom a document names."""
    named = [getattr(document, name, "") for name in ("cashier", "opened_by", "closed_by", "person")]
    return [one for one in (*named, *getattr(document, "approved_by", ())) if one]


def _receipt_page(
    request: HttpRequest, found: Operation, *, copy: bool, at_once: bool, sent: bool = False
) -> HttpResponse:
    stored = _stored(found)
    words = page_words(*_people_in(stored))
    drawn = receipt_html.render(copy_of(stored) if copy else stored, words)
    content = {
        "operation": found,
        "receipt": mark_safe(drawn),  # nosec B308 B703  # the renderer escapes every text
        "at_once": at_once,
        "sent": sent,
    }
    return render(request, "till/receipt.html", content)
