"""Changing a runbook: its text with what is wrong beside it, a preview, a dry run, and publishing.

A new version is in force for diagnoses that begin from then on; those that have begun keep theirs. Nothing is
ever taken away: to put an older version back is to publish its text anew.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tillwright.catalogue.entry import Entry
from tillwright.catalogue.runbooks import runbook_of
from tillwright.diagnosis import learning
from tillwright.diagnosis.course import Course
from tillwright.diagnosis.runbook import Runbook
from tillwright.faults import at_work, drafts, store, trying, ways, words
from tillwright.faults.drafts import Draft
from tillwright.faults.runbook_pages import PURPOSE, charted, node_of, recorded, tree
from tillwright.faults.running import forbidden
from tillwright.faults.showing import spell
from tillwright.faults.store import StoredRunbook
from tillwright.faults.trying import Trial
from tillwright.journal import audit_log
from tillwright.kernel.fault import Fact, Fault, FaultError
from tillwright.machine import sqlite
from tillwright.machine.sqlite import Connection
from tillwright.till.queries import reader
from tillwright.till.views import cashier_of
from tillwright.web import current, looks
from tillwright.web.permission import needs
from tillwright.web.words import say

LONGEST_NOTE = 200
MOST_TRIED = 50
"""So many of the newest closed diagnoses are tried again."""


@dataclass(frozen=True, slots=True)
class TrialRow:
    """A diagnosis tried again, in words."""

    uid: str
    opened_ms: int
    cause: Any
    then: str
    now: str
    cheaper: bool
    dearer: bool
    mended: bool
    steps: tuple[Any, ...]
    new: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Tried:
    """The dry run: its rows, and all of them together."""

    rows: Sequence[TrialRow]
    then: str
    now: str


# ── the editor ──────────────────────────────────────────────────────────────────────────────────────────────


@never_cache
@needs(PURPOSE)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """The editor; on POST a check, or with `publish` a new version."""
    books = at_work.diagnoses().books
    version = books.version(_known(code))
    text = request.POST.get("text") if request.method == "POST" else drafts.text_of(code, version)
    draft = drafts.read(code, text or "", current.place().catalogue)
    fault = None
    if request.method == "POST" and "publish" in request.POST and draft.entry and not draft.problems:
        try:
            _publish(request, code, draft)
        except FaultError as error:
            fault = error.fault
        else:
            return redirect("faults:runbook", code)
    content = _content(request, code, draft, version)
    content["notice_said"] = say(fault, looks.language()) if fault else None
    return render(
        request, "faults/edit.html", content, status=422 if request.POST and draft.problems else 200
    )


def _known(code: str) -> str:
    """A code with a runbook. Raises FaultError: api.not-found."""
    entry = current.place().catalogue.entries.get(code)
    if entry is None or not entry.causes:
        raise FaultError(Fault("api.not-found"))
    return code


def _content(request: HttpRequest, code: str, draft: Draft, version: int) -> dict[str, Any]:
    lines = draft.text.count("\n") + 1
    content: dict[str, Any] = {
        "code": code,
        "told": say(Fault(code), looks.language()),
        "draft": draft,
        "version": version,
        "rows": min(40, max(16, lines)),
        "may_change": drafts.MAY_CHANGE,
        "note": request.POST.get("note", "")[:LONGEST_NOTE],
        "checked": request.method == "POST",
    }
    if draft.entry is not None and not draft.problems:
        content |= _preview(code, draft.entry)
    return content


def _preview(code: str, entry: Entry) -> dict[str, Any]:
    """The chart, the expected effort before and after, and the dry run."""
    books, now_ms = at_work.diagnoses().books, current.now_ms()
    before = books.entry(code)
    old, new = books.runbook(before, now_ms), _learnt(code, entry, now_ms)
    old_way, new_way = tree(old, forbidden(before)), tree(new, forbidden(entry))
    closed = [one for one in recorded(books, code) if one.ended_as is not None][:MOST_TRIED]
    root = node_of(entry, new_way, ways.counted(new_way, closed))
    return {
        "root": root,
        "chart": charted(root),
        "before": spell(old_way.expected_s),
        "after": spell(new_way.expected_s),
        "tried": _dry_run(entry, new, closed),
    }


def _learnt(code: str, entry: Entry, now_ms: int) -> Runbook:
    """The runbook of a draft, with what was learnt of its code."""
    made = runbook_of(entry)
    if made is None:
        raise FaultError(Fault("api.not-found"))
    counts, measured = store.learnt(reader(), code, now_ms), store.measured(reader(), code, now_ms)
    return learning.timed(learning.learnt(made, {}, counts), measured)


def _dry_run(entry: Entry, book: Runbook, closed: Sequence[Course]) -> Tried:
    trials = [trying.tried_again(book, forbidden(entry), one) for one in closed]
    rows = [_trial_row(entry, one, trial) for one, trial in zip(closed, trials, strict=True)]
    then_s, now_s = sum(one.then_s for one in trials), sum(one.now_s for one in trials)
    return Tried(rows, spell(then_s), spell(now_s))


def _trial_row(entry: Entry, course: Course, trial: Trial) -> TrialRow:
    first_ms = course.events[0].at_ms if course.events else 0
    return TrialRow(
        "",
        first_ms,
        words.cause_word(entry, trial.cause) if trial.cause else "",
        spell(trial.then_s),
        spell(trial.now_s),
        trial.now_s < trial.then_s - 1,
        trial.now_s > trial.then_s + 1,
        trial.mended,
        tuple(words.step_word(entry, one) for one in trial.steps),
        tuple(words.step_word(entry, one) for one in trial.new),
    )


def _publish(request: HttpRequest, code: str, draft: Draft) -> None:
    """Keep it as the next version. Raises FaultError: faults.stale if somebody has published meanwhile."""
    seen = request.POST.get("version", "")
    published = store.runbooks(reader(), code)
    newest = published[0].version if published else 0
    if seen != str(newest):
        raise FaultError(Fault("faults.stale"))
    person, now_ms = cashier_of(request), current.now_ms()
    note = " ".join(request.POST.get("note", "").split())[:LONGEST_NOTE]
    fresh = StoredRunbook(code, newest + 1, draft.text, person, note, now_ms)

    def write(connection: Connection) -> None:
        store.publish(connection, fresh)
        facts: dict[str, Fact] = {"code": code, "version": fresh.version, "note": note}
        audit_log.append(connection, now_ms, person, "runbook-published", facts)

    try:
        current.station().write(write)
    except sqlite.IntegrityError as error:
        raise FaultError(Fault("faults.stale")) from error


# ── versions ────────────────────────────────────────────────────────────────────────────────────────────────


@never_cache
@needs(PURPOSE)
@require_http_methods(["GET", "POST"])
def compare(request: HttpRequest, code: str, version: int) -> HttpResponse:
    """A version beside the one in force; on POST it is put back, as a new version."""
    books = at_work.diagnoses().books
    in_force = books.version(_known(code))
    older = drafts.text_of(code, version)
    if request.method == "POST":
        draft = drafts.read(code, older, current.place().catalogue)
        if not draft.problems:
            _publish(request, code, draft)
            return redirect("faults:runbook", code)
    now = drafts.text_of(code, in_force)
    lines = [
        (line[:1].strip() or "same", line)
        for line in difflib.unified_diff(now.splitlines(), older.splitlines(), lineterm="", n=2)
        if not line.startswith(("---", "+++"))
    ]
    kinds = {"+": "added", "-": "removed", "@": "place"}
    content = {
        "code": code,
        "told": say(Fault(code), looks.language()),
        "version": version,
        "in_force": in_force,
        "lines": [(kinds.get(kind, "same"), line) for kind, line in lines],
    }
    return render(request, "faults/compare.html", content)
