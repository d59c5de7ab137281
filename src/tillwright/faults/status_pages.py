"""How the station is: its parts with what every probe found last, drawn and as a list; a part's past."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from tillwright.documents.drawing import Drawing, svg
from tillwright.faults import at_work, charts, rules, store, words
from tillwright.faults.looking import look
from tillwright.faults.rules import RAISES, PartState, condition_of
from tillwright.faults.scene import Target, scene
from tillwright.faults.topology import Named, topology
from tillwright.kernel.fault import Fault, FaultError
from tillwright.kernel.finding import Finding
from tillwright.kernel.registry import PROBES, Condition, Scope
from tillwright.machine.sqlite import Connection
from tillwright.till.queries import reader
from tillwright.web import current, looks
from tillwright.web.words import clock_time, count, moment

DAY_MS = 86_400_000
_GRAVITY = (Condition.SICK, Condition.UNKNOWN, Condition.WARNING, Condition.HEALTHY)


@dataclass(frozen=True, slots=True)
class FindingRow:
    """What a probe found last; `code`: the fault that it is, '' for none."""

    finding: Finding
    word: Any
    value: Any
    condition: str
    picture: str
    code: str


@dataclass(frozen=True, slots=True)
class PartRow:
    """A part with its findings; `follows`: the part that explains it."""

    state: PartState
    name: Any
    till: str
    condition: str
    picture: str
    word: Any
    follows: Any
    findings: tuple[FindingRow, ...]


@dataclass(frozen=True, slots=True)
class Past:
    """The past of a probe: the band of what it found, its figures, its changes with the newest first."""

    row: FindingRow
    band: SafeString
    figures: SafeString
    changes: Sequence[tuple[int, Any, str]]


# ── the station ─────────────────────────────────────────────────────────────────────────────────────────────


@never_cache
@require_GET
def status(request: HttpRequest) -> HttpResponse:
    """The page."""
    return render(request, "faults/status.html", _content())


@never_cache
@require_GET
def parts(request: HttpRequest) -> HttpResponse:
    """The part of the page that changes; 204 while nothing has."""
    content = _content()
    if request.GET.get("seen") == content["mark"]:
        return HttpResponse(status=204)
    return render(request, "faults/parts/status.html", content)


@require_POST
def look_now(request: HttpRequest) -> HttpResponse:
    """Have every probe look at once."""
    for till in ("", *scene().tills):
        wanted = Scope.TILL if till else Scope.STATION
        names = [one.name for one in PROBES.values() if one.scope is wanted and one.every_ms]
        _keep(look(scene(), names, Target(till)))
    return redirect("faults:status")


def _keep(findings: Sequence[Finding]) -> None:
    watch = at_work.watch()
    if watch is not None:
        watch.take(findings)
        return
    known = {(one.probe, one.scope): one.value for one in at_work.findings()}
    fresh = [one for one in findings if known.get((one.probe, one.scope)) != one.value]
    for finding in fresh:
        current.station().write(partial(_keep_one, finding))


def _keep_one(finding: Finding, connection: Connection) -> None:
    store.keep_change(connection, finding)


def _content() -> dict[str, Any]:
    findings, tills = at_work.findings(), [one.id for one in current.place().tills]
    rows = [part_row(one) for one in rules.parts(findings, tills)]
    told = [
        Named(one.state, str(one.name if one.state.part != "till" else one.till), _told(one)) for one in rows
    ]
    told_all = ",".join(f"{one.probe}{one.scope}{one.value}{one.at_ms // 60_000}" for one in findings)
    drawing = topology(told, tills, _("The parts of the station"))
    return {
        "rows": sorted(rows, key=_urgency),
        "drawing": drawn(drawing, "picture topology"),
        "worst": _worst(rows),
        "well": sum(one.state.condition is Condition.HEALTHY for one in rows),
        "mark": hashlib.sha256(told_all.encode()).hexdigest()[:12],
        "newest_ms": max((one.at_ms for one in findings), default=0),
    }


def drawn(drawing: Drawing, look: str) -> SafeString:
    """A drawing to stand in a page."""
    return mark_safe(svg(drawing, look))  # nosec B308 B703  # the writer escapes every text


def _urgency(row: PartRow) -> tuple[int, bool]:
    return _GRAVITY.index(row.state.condition), bool(row.follows)


def _told(row: PartRow) -> str:
    return _("follows: {part}").format(part=row.follows) if row.follows else str(row.word)


def _worst(rows: Sequence[PartRow]) -> str:
    """The gravest condition of a part that does not only follow another."""
    own = [one.state.condition for one in rows if not one.follows]
    return min(own, key=_GRAVITY.index).value if own else Condition.UNKNOWN.value


def part_row(state: PartState) -> PartRow:
    """A part in words."""
    picture, word = words.CONDITIONS[state.condition]
    return PartRow(
        state,
        words.part_word(state.part),
        getattr(current.place().till(state.scope), "name", ""),
        state.condition.value,
        picture,
        word,
        words.part_word(state.follows) if state.follows else "",
        tuple(finding_row(one) for one in state.findings),
    )


def finding_row(finding: Finding) -> FindingRow:
    """A finding in words."""
    condition = condition_of(finding)
    code = RAISES.get((finding.probe, finding.value), "")
    return FindingRow(
        finding,
        words.probe_word(finding.probe),
        words.value_word(finding.probe, finding.value),
        condition.value,
        words.CONDITIONS[condition][0],
        code,
    )


# ── one part and its past ───────────────────────────────────────────────────────────────────────────────────


@never_cache
@require_GET
def part(request: HttpRequest, part: str) -> HttpResponse:
    """A part: what its probes find, and how that was in the last day."""
    scope, tills = request.GET.get("till", ""), [one.id for one in current.place().tills]
    states = rules.parts(at_work.findings(), tills)
    found = next((one for one in states if (one.part, one.scope) == (part, scope)), None)
    if found is None:
        raise FaultError(Fault("api.not-found"))
    row = part_row(found)
    past = [_past(number, one) for number, one in enumerate(row.findings)]
    return render(request, "faults/part.html", {"row": row, "past": past, "times": _times()})


def _past(number: int, row: FindingRow) -> Past:
    now_ms, finding = current.now_ms(), row.finding
    since_ms, language = now_ms - DAY_MS, looks.language()
    changes = store.changes(reader(), finding.probe, finding.scope, since_ms)
    hours = store.hours(reader(), finding.probe, finding.scope, since_ms)
    told = ". ".join(
        f"{moment(one.at_ms, language)}: {words.value_word(one.probe, one.value)}" for one in changes[-10:]
    )
    band = charts.band(changes, since_ms, now_ms, f"band-{number}", (str(row.word), told))
    return Past(row, drawn(band, "chart"), _figures(number, row, hours, since_ms), _changes(changes))


def _figures(number: int, row: FindingRow, hours: Sequence[store.StoredHour], since_ms: int) -> SafeString:
    known = [one.figure for one in hours if one.figure is not None]
    if not known:
        return SafeString("")
    most = count(max(known), looks.language())
    words_of_it = (f"{row.word}: {_('figures by the hour')}", _("at most {number}").format(number=most))
    return drawn(charts.figures(hours, since_ms, current.now_ms(), f"figures-{number}", words_of_it), "chart")


def _changes(changes: Sequence[store.StoredChange]) -> list[tuple[int, Any, str]]:
    return [(one.at_ms, words.value_word(one.probe, one.value), one.how) for one in reversed(changes)]


def _times() -> list[str]:
    """What stands below the charts: their beginning, middle and end."""
    now_ms, language = current.now_ms(), looks.language()
    return [clock_time(at_ms, language) for at_ms in (now_ms - DAY_MS, now_ms - DAY_MS // 2, now_ms)]
