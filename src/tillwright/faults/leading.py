"""From one fault to the one behind it: a cause that is a fault of its own has a runbook of its own."""

from __future__ import annotations

from tillwright.faults import store
from tillwright.faults.books import Books
from tillwright.faults.standing import View
from tillwright.faults.store import StoredDiagnosis
from tillwright.kernel.fault import Fault
from tillwright.till.queries import reader

LEADS_FROM = 0.5
"""A cause is followed into its own runbook from this probability on."""


def fault_behind(view: View, books: Books) -> Fault | None:
    """The fault to go on with, with those of the facts that are known; None where there is none, and where it
    was mended already: then it is for people to see what is left.
    """
    code = _leads_to(view, books)
    led = store.children(reader(), view.stored.uid) if code else []
    if not code or any(one.fault.code == code and one.state == store.MENDED for one in led):
        return None
    known = {name: view.stored.fault.facts.get(name) for name in books.declared(code)}
    return Fault(code, **{name: value for name, value in known.items() if value is not None})


def _leads_to(view: View, books: Books) -> str:
    """The code of the fault that is the likeliest cause, '' for none, and while something here may end it."""
    likeliest = max(view.now.shares, key=lambda cause: view.now.shares[cause])
    cause = next((one for one in view.entry.causes if one.id == likeliest), None)
    if cause is None or not cause.leads_to or view.now.shares[likeliest] < LEADS_FROM:
        return ""
    tried = {one.remedy for one in view.course.tried}
    left = [one for one in view.course.runbook.remedies if one.id not in tried | view.course.forbidden]
    calls = view.now.choice is not None and view.now.choice.step.kind == "escalate"
    if not calls and any(one.helps.get(likeliest, 0.0) >= LEADS_FROM for one in left):
        return ""
    known = books.has_runbook(cause.leads_to) and not _is_above(view.stored, cause.leads_to)
    return cause.leads_to if known else ""


def _is_above(stored: StoredDiagnosis, code: str) -> bool:
    """Whether this is, or was led from, a diagnosis of the code: nobody is led in a circle."""
    one: StoredDiagnosis | None = stored
    while one is not None:
        if one.fault.code == code:
            return True
        one = store.diagnosis(reader(), one.parent) if one.parent else None
    return False
