"""Closing a shift: count blind, then see what was expected, take the cash out, close, and look at the Z.

The page shows the step that the till is at: nothing is held, cash is being counted, it has been counted. What
should be in the drawer is not told before the count is stored, by this page or by any other.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from tillwright.documents.report import PartyEnd
from tillwright.journal.queries import Summary
from tillwright.journal.records import CashCount
from tillwright.journal.station_reading import TillState
from tillwright.kernel.fault import Fault, FaultError
from tillwright.till import contents, data, queries, starting
from tillwright.till.views import cashier_of, till_or_fault
from tillwright.web import current, looks
from tillwright.web.current import TillPlace
from tillwright.web.words import say

LONGEST_REASON = 80
MOST_PIECES = 100_000
MOST_SHIFTS = 50
SHIFT_END = "shift-end"


@never_cache
@require_http_methods(["GET", "POST"])
def close(request: HttpRequest) -> HttpResponse:
    """The step that the till is at; on POST the press that was made there."""
    till = till_or_fault(request)
    if request.method == "GET":
        return _page(request, till)
    press = _PRESSES.get(request.POST.get("press", ""))
    if press is None:
        return redirect("till:close")
    try:
        return press(request, till)
    except FaultError as error:
        return _page(request, till, error.fault)


# ── presses ─────────────────────────────────────────────────────────────────────────────────────────────────


def _begin(request: HttpRequest, till: TillPlace) -> HttpResponse:
    current.station().open_count(till.id, cashier_of(request))
    return redirect("till:close")


def _stop(request: HttpRequest, till: TillPlace) -> HttpResponse:
    current.station().release(till.id, cashier_of(request))
    return redirect("till:sale")


def _store(request: HttpRequest, till: TillPlace) -> HttpResponse:
    current.station().store_count(till.id, cashier_of(request), counted(request, till))
    return redirect("till:close")


def _explain(request: HttpRequest, till: TillPlace) -> HttpResponse:
    reason = request.POST.get("reason", "").strip()[:LONGEST_REASON]
    current.station().explain_count(request.POST.get("count", "")[:36], cashier_of(request), reason)
    return redirect("till:close")


def _withdraw(request: HttpRequest, till: TillPlace) -> HttpResponse:
    drawer_minor = current.station().cash_state(till.id).drawer_minor or 0
    content = contents.cash_content(till.currency, drawer_minor, _end_reason())
    operation = starting.begin(request, till, "cash-out", starting.uid_of(request), content)
    return redirect("till:operation", operation.uid)


def _end_reason() -> str:
    listed = current.place().rules.reasons_for("cash-out")
    return SHIFT_END if SHIFT_END in listed else next(iter(listed), "")


def _close(request: HttpRequest, till: TillPlace) -> HttpResponse:
    state = current.station().till_state(till.id)
    number = state.shift.number if state.shift is not None else 0
    count = _newest_count(till.id, number)
    content = contents.close_content(till.currency, number, count.uid if count is not None else "")
    operation = starting.begin(request, till, "shift-close", starting.uid_of(request), content)
    return redirect("till:operation", operation.uid)


_PRESSES = {
    "begin": _begin,
    "again": _begin,
    "stop": _stop,
    "store": _store,
    "explain": _explain,
    "withdraw": _withdraw,
    "close": _close,
}


def counted(request: HttpRequest, till: TillPlace) -> Mapping[int, int]:
    """What was typed: value in minor units → how many. Raises FaultError for what is no number."""
    found = {}
    for value_minor in denominations(till):
        typed = request.POST.get(f"d{value_minor}", "").strip()
        if not typed:
            continue
        if not (typed.isascii() and typed.isdecimal() and len(typed) < 7) or int(typed) > MOST_PIECES:
            raise FaultError(Fault("till.amount-invalid"))
        found[value_minor] = int(typed)
    return found


def denominations(till: TillPlace) -> tuple[int, ...]:
    """The notes and coins of the till's currency, the largest first."""
    currency = current.place().rules.currency(till.currency)
    return currency.denominations_minor if currency else ()


def _newest_count(till: str, shift: int) -> CashCount | None:
    counts = current.station().counts(till, shift)
    return counts[-1] if counts else None


# ── the page ────────────────────────────────────────────────────────────────────────────────────────────────


def _page(request: HttpRequest, till: TillPlace, fault: Fault | None = None) -> HttpResponse:
    state = current.station().till_state(till.id)
    content: dict[str, object] = {
        "state": state,
        "currency": till.currency,
        "uid": starting.uid_of(request),
        "said": say(fault, looks.language()) if fault else None,
        "explained": data.explained(_explaining(till, fault)),
        "red": state.reds[0] if state.reds else None,
    }
    purpose = state.hold.purpose if state.hold is not None else ""
    if purpose == "count":
        template, more = "till/count.html", _counting(request, till, state)
    elif purpose == "close" and state.shift is not None:
        template, more = "till/close.html", _closing(till, state, state.shift.number)
    else:
        template, more = "till/close_begin.html", {"last": _last(till, state)}
    status = (current.place().catalogue.entry(fault.code).http_status or 422) if fault else 200
    return render(request, template, content | more, status=status)


def _explaining(till: TillPlace, fault: Fault | None) -> tuple[Summary, ...]:
    if fault is None or fault.code != "fiscal.cash-mismatch-at-shift-close":
        return ()
    return current.station().cash_state(till.id).explained


def _counting(request: HttpRequest, till: TillPlace, state: TillState) -> dict[str, object]:
    typed = request.POST if request.POST.get("press") == "store" else {}
    return {
        "rows": [(value, typed.get(f"d{value}", "")) for value in denominations(till)],
        "since_ms": state.hold.since_ms if state.hold is not None else 0,
    }


def _closing(till: TillPlace, state: TillState, number: int) -> dict[str, object]:
    station = current.station()
    count, report = _newest_count(till.id, number), station.x_report(till.id)
    drawer_minor = station.cash_state(till.id).drawer_minor or 0
    must_empty = current.place().rules.withdraw_before_close and drawer_minor > 0
    unexplained = count is not None and count.difference_minor != 0 and not count.reason
    return {
        "count": count,
        "ends": [_end(one) for one in report.parties],
        "report": report,
        "drawer_minor": drawer_minor,
        "step": "explain" if unexplained else "withdraw" if must_empty else "close",
    }


def _end(one: PartyEnd) -> dict[str, object]:
    return {"party": one.party, "end": one.end, "ours": one.ours_minor, "theirs": one.theirs_minor}


def _last(till: TillPlace, state: TillState) -> str:
    """The uid of the last close, where no shift is open; its Z is shown."""
    if state.shift is not None:
        return ""
    return closes(till.id).get(state.last_shift, "")


def closes(till: str) -> dict[int, str]:
    """Shift → the operation that closed it, whose document is the Z; of the latest shifts."""
    station = current.station()
    rows = station.page(till=till, state="done", after=None, limit=MOST_SHIFTS, kind="shift-close").items
    found = (station.operation(row.uid) for row in rows)
    return {one.content.shift: one.uid for one in found if one is not None}


# ── reports ─────────────────────────────────────────────────────────────────────────────────────────────────


@never_cache
@require_GET
def shifts(request: HttpRequest) -> HttpResponse:
    """The till's shifts, the newest first, each with its Z."""
    till = till_or_fault(request)
    reports = closes(till.id)
    found = current.station().shifts(till.id)
    names = queries.names_of_people(
        {one for shift in found for one in (shift.opened_by, shift.closed_by) if one}
    )
    rows = [
        {
            "shift": one,
            "opened_by": names.get(one.opened_by, one.opened_by),
            "closed_by": names.get(one.closed_by, one.closed_by),
            "z": reports.get(one.number, ""),
        }
        for one in found
    ]
    return render(request, "till/shifts.html", {"rows": rows})
