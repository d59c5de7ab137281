"""Settings of a till: how the pages look, its parties, a test of the printer; for the administrator the
record of who did what, and the emergency correction.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tillwright.journal.audit_log import NoKey
from tillwright.journal.cash import CashState
from tillwright.kernel.audit import AuditEntry
from tillwright.kernel.fault import Fault, FaultError
from tillwright.till import audit_words, checking, contents, data, looking, starting
from tillwright.till.document_words import PageWords, page_words
from tillwright.till.printing import TEST_SLIP
from tillwright.till.views import cashier_of, till_or_fault
from tillwright.web import current, looks
from tillwright.web.current import TillPlace
from tillwright.web.permission import allowed, needs
from tillwright.web.words import say

MOST_ENTRIES = 200


# ── settings ────────────────────────────────────────────────────────────────────────────────────────────────


@never_cache
@require_GET
def settings(request: HttpRequest) -> HttpResponse:
    """Looks, parties, printer, and what the administrator may do."""
    till = till_or_fault(request)
    looking.ask_everybody(till.id)
    found = checking.rows(looking.seen(till.id))
    content = {
        "rows": [
            {"row": one, "said": say(one.fault, looks.language()) if one.fault else None, "anchor": anchor}
            for one, anchor in zip(found, checking.anchors(found), strict=True)
        ],
        "asking": any(one.state == checking.ASKING for one in found),
        "has_printer": "printer" in current.station().parties.get(till.id, ()),
        "cash": current.station().cash_state(till.id),
        "replaced": _replaced(till.id),
        "may_correct": allowed(request, "correction"),
        "may_audit": allowed(request, "audit"),
        "may_people": allowed(request, "people"),
        "tested": request.GET.get("tested", ""),
    }
    return render(request, "till/settings.html", content)


def _replaced(till: str) -> Fault | None:
    """The last time that another device than before answered, if that is still the last word."""
    for stored in current.station().faults(looking.MOST_FAULTS):
        if stored.till == till and stored.fault.code == "fiscal.device-replaced":
            return stored.fault
    return None


@require_POST
def test_printer(request: HttpRequest) -> HttpResponse:
    """Print a small slip that is no receipt."""
    sent = current.station().print_test(till_or_fault(request).id, TEST_SLIP)
    return redirect(f"{reverse('till:settings')}{'?tested=sent' if sent else ''}")


# ── the record of who did what ──────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the chain as a row, in words."""

    entry: AuditEntry
    who: str
    deed: str
    facts: str


@never_cache
@needs("audit")
@require_GET
def audit(request: HttpRequest) -> HttpResponse:
    """The newest entries, and whether the whole chain holds."""
    station = current.station()
    entries = station.audit(MOST_ENTRIES)
    words = page_words(*{who for one in entries for who in audit_words.people_in(one.who, one.facts)})
    try:
        verdict = station.verify_audit()
    except NoKey:
        verdict = None
    rows = [_entry(one, words) for one in entries]
    return render(request, "till/audit.html", {"rows": rows, "verdict": verdict})


def _entry(one: AuditEntry, words: PageWords) -> Entry:
    who = words.names.get(one.who, one.who)
    return Entry(one, who, audit_words.deed(one.what), audit_words.told(one.facts, words))


# ── the emergency correction ────────────────────────────────────────────────────────────────────────────────


@never_cache
@needs("correction")
@require_http_methods(["GET", "POST"])
def correction(request: HttpRequest) -> HttpResponse:
    """Before and after; on POST read the device, correct the amount, or let the till go."""
    till = till_or_fault(request)
    if request.method == "GET":
        return _page(request, till)
    press = _PRESSES.get(request.POST.get("press", ""))
    if press is None:
        return redirect("till:correction")
    try:
        return press(request, till)
    except FaultError as error:
        return _page(request, till, error.fault)


def _read(request: HttpRequest, till: TillPlace) -> HttpResponse:
    current.station().hold_for_correction(till.id, cashier_of(request))
    return redirect("till:correction")


def _release(request: HttpRequest, till: TillPlace) -> HttpResponse:
    current.station().release(till.id, cashier_of(request))
    return redirect("till:settings")


def _correct(request: HttpRequest, till: TillPlace) -> HttpResponse:
    """The device is read again inside the hold; what was shown must be what it says."""
    uid = starting.uid_of(request)
    if current.station().operation(uid) is not None:
        return redirect("till:operation", uid)
    shown_minor = _shown_minor(request)
    state = current.station().hold_for_correction(till.id, cashier_of(request))
    last_number = state.device_number or 0
    content = contents.correction_content(till.currency, shown_minor, last_number, _reason(request))
    operation = starting.begin(request, till, "correction", uid, content)
    return redirect("till:operation", operation.uid)


def _shown_minor(request: HttpRequest) -> int:
    text = request.POST.get("difference", "")
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal() and len(digits) < 16):
        raise FaultError(Fault("till.amount-invalid"))
    return int(text)


def _reason(request: HttpRequest) -> str:
    return request.POST.get("reason", "").strip()[:80]


_PRESSES = {"read": _read, "release": _release, "correct": _correct}


def _page(request: HttpRequest, till: TillPlace, fault: Fault | None = None) -> HttpResponse:
    station = current.station()
    state, cash = station.till_state(till.id), station.cash_state(till.id)
    held = state.hold is not None and state.hold.purpose == "correction"
    content = {
        "held": held,
        "hold": state.hold,
        "cash": cash,
        "explained": data.explained(cash.explained),
        "after_minor": _after_minor(cash),
        "may": held and bool(cash.difference_minor) and not cash.explained,
        "uid": starting.uid_of(request),
        "said": say(fault, looks.language()) if fault else None,
    }
    status = (current.place().catalogue.entry(fault.code).http_status or 422) if fault else 200
    return render(request, "till/correction.html", content, status=status)


def _after_minor(cash: CashState) -> int | None:
    """What the drawer would hold by the book after the correction."""
    if cash.drawer_minor is None or cash.difference_minor is None:
        return None
    return cash.drawer_minor + cash.difference_minor
