"""A runbook on its page: a flow chart of what it does, how often each way was walked, its versions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from tillwright.catalogue.entry import Entry
from tillwright.diagnosis import course as courses
from tillwright.diagnosis.course import Course, IllegalEvent
from tillwright.diagnosis.exact import fingerprint
from tillwright.diagnosis.runbook import CANNOT_TELL, Runbook
from tillwright.faults import at_work, flow, store, ways, words
from tillwright.faults.books import SHIPPED, Books
from tillwright.faults.codec import event_of
from tillwright.faults.flow import Node
from tillwright.faults.running import forbidden
from tillwright.faults.showing import percent, spell
from tillwright.faults.status_pages import drawn
from tillwright.faults.store import StoredRunbook
from tillwright.faults.ways import CALL, CHECK, RARE, REMEDY, STILL, Branch, Counted, Way
from tillwright.kernel.fault import Fault
from tillwright.kernel.registry import ACTIONS, Consent
from tillwright.till.document_words import page_words
from tillwright.till.queries import reader
from tillwright.web import current, looks
from tillwright.web.permission import allowed
from tillwright.web.words import count, say

PURPOSE = "runbooks"


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a runbook in the list."""

    number: int
    person: str
    note: str
    at_ms: int
    in_force: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """How diagnoses of a code have gone."""

    all: int
    mended: int
    escalated: int
    open: int


@never_cache
@require_GET
def runbook(request: HttpRequest, code: str) -> HttpResponse:
    """The page."""
    books = at_work.diagnoses().books
    entry = books.entry(code)
    if not entry.causes:
        content: dict[str, Any] = {"told": say(Fault(code), looks.language())}
        return render(request, "faults/no_runbook.html", content)
    book = books.runbook(entry, current.now_ms())
    way = tree(book, forbidden(entry))
    figures = ways.counted(way, recorded(books, code))
    root = node_of(entry, way, figures)
    content = {
        "told": say(Fault(code), looks.language()),
        "code": code,
        "root": root,
        "chart": charted(root),
        "expected": spell(way.expected_s),
        "figures": _figures(code),
        "versions": versions(books, code),
        "may_edit": allowed(request, PURPOSE),
        "never": [words.spoken(one.says) for one in entry.never],
        "bars": _weights(entry, book),
    }
    return render(request, "faults/runbook.html", content)


def _weights(entry: Entry, book: Runbook) -> list[tuple[Any, int, str]]:
    whole = sum(one.weight for one in book.causes)
    leads = {one.id: one.leads_to for one in entry.causes}
    ranked = sorted(book.causes, key=lambda one: -one.weight)
    return [
        (words.cause_word(entry, one.id), percent(one.weight / whole), leads.get(one.id, ""))
        for one in ranked
    ]


def charted(root: Node) -> SafeString:
    """The flow chart, drawn."""
    return drawn(flow.chart(root, _("The runbook as a flow chart"), flow.told(root)), "flow")


@lru_cache(maxsize=64)
def _tree(_of: str, book: _Kept) -> Way:
    return ways.ways(book.runbook, book.forbidden)


class _Kept:
    """A runbook by its fingerprint, so that its tree is worked out only once."""

    def __init__(self, book: Runbook, not_these: frozenset[str]) -> None:
        self.runbook, self.forbidden = book, not_these
        self.of = fingerprint(book, not_these)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Kept) and other.of == self.of

    def __hash__(self) -> int:
        return hash(self.of)


def tree(book: Runbook, not_these: frozenset[str]) -> Way:
    """All ways through a runbook, worked out once for each of its versions."""
    kept = _Kept(book, not_these)
    return _tree(kept.of, kept)


def recorded(books: Books, code: str) -> list[Course]:
    """The diagnoses of a code, as far as their records can be read by their versions."""
    found = []
    records = store.records(reader(), code)
    for stored in store.diagnoses(reader(), code=code, limit=200):
        entry = books.entry(code, stored.version)
        book = books.runbook(entry, stored.opened_ms)
        events = [event_of(one) for one in records.get(stored.uid, ())]
        try:
            found.append(courses.fold(book, events, forbidden(entry)))
        except IllegalEvent:
            continue
    return found


def _figures(code: str) -> Figures:
    states = [one.state for one in store.diagnoses(reader(), code=code, limit=10_000)]
    return Figures(
        len(states), states.count(store.MENDED), states.count(store.ESCALATED), states.count(store.OPEN)
    )


def versions(books: Books, code: str) -> list[Version]:
    """All versions, the newest first; the shipped one is the last."""
    published = store.runbooks(reader(), code)
    names = page_words(*(one.person for one in published)).names
    in_force = books.version(code)
    found = [_version(one, names.get(one.person, one.person), in_force) for one in published]
    return [*found, Version(SHIPPED, "", "", 0, in_force == SHIPPED)]


def _version(one: StoredRunbook, person: str, in_force: int) -> Version:
    return Version(one.version, person, one.note, one.at_ms, one.version == in_force)


# ── the tree in words ───────────────────────────────────────────────────────────────────────────────────────


def node_of(entry: Entry, way: Way, figures: Counted, path: tuple[str, ...] = (), came: str = "") -> Node:
    """A step of the chart with its words and figures, and all below it."""
    walked, ended = figures.walked.get(path, 0), figures.ended.get(path, 0)
    children = [
        node_of(entry, one.way, figures, (*path, "|".join(one.answers)), _came(entry, way, one))
        for one in way.branches
        if one.way.kind != RARE
    ]
    return Node(
        path,
        way.kind,
        way.step,
        _words(entry, way),
        came,
        f"{_number(walked)}×" if walked else "",
        _("ended {number}×").format(number=_number(ended)) if ended else "",
        _automatic(entry, way),
        tuple(children),
    )


def _number(number: int) -> str:
    return count(number, looks.language())


def _words(entry: Entry, way: Way) -> str:
    if way.kind == CALL:
        who = words.role_word(entry.escalate.to) if entry.escalate else words.role_word("support")
        return _("Call {who}").format(who=who)
    return str(words.step_word(entry, way.step))


def _came(entry: Entry, way: Way, branch: Branch) -> str:
    share = f"{percent(branch.share)}%"
    if branch.answers == (STILL,):
        return f"{share} · {_('did not help')}"
    check = next((one for one in entry.checks if one.id == way.step), None)
    said = [str(words.answer_word(check, one)) for one in branch.answers] if check else list(branch.answers)
    if len(said) > 1 and branch.answers[-1] == CANNOT_TELL:
        said = said[:-1]
    return f"{share} · {' / '.join(said)}"


def _automatic(entry: Entry, way: Way) -> bool:
    if way.kind == CHECK:
        return any(one.id == way.step and one.probe for one in entry.checks)
    if way.kind != REMEDY:
        return False
    remedy = next((one for one in entry.remedies if one.id == way.step), None)
    spec = ACTIONS.get(remedy.action) if remedy else None
    return spec is not None and spec.consent is Consent.NOBODY
