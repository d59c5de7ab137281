"""A diagnosis as its page shows it: one card with one thing to do, and what stands around it.

Everything here follows from the view of the diagnosis; nothing is asked of anybody, and nothing is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse

from tillwright.catalogue.catalogue import Said
from tillwright.catalogue.formats import spell_duration
from tillwright.catalogue.runbook_entry import Check, Remedy
from tillwright.diagnosis import learning
from tillwright.diagnosis.choice import Candidate
from tillwright.diagnosis.course import Phase, Stage
from tillwright.diagnosis.events import Outcome
from tillwright.faults import words
from tillwright.faults.running import View
from tillwright.kernel.registry import ACTIONS, Consent
from tillwright.people.rules import rank
from tillwright.till.document_words import PageWords, page_words
from tillwright.web import current, looks
from tillwright.web.words import say

LOOKING, ASKING, DOING, AGREEING, CALLING = "looking", "asking", "doing", "agreeing", "calling"
VERIFYING, WAITING, AWAY, OVER = "verifying", "waiting", "away", "over"
"""What the card is about."""
MOST_SHOWN = 6
"""So many causes have a bar; what is left is put together."""
OVER_STAGES = (Stage.MENDED, Stage.CLOSED, Stage.ESCALATED)
_RESULTS = {Outcome.GONE: "gone", Outcome.STILL: "still", Outcome.UNKNOWN: "unknown", None: "waits"}


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that can be pressed: its id, its words, its key."""

    id: str
    word: Any
    key: str


@dataclass(frozen=True, slots=True)
class Other:
    """A candidate behind the best one, in small."""

    word: Any
    takes: str
    ends_percent: int


@dataclass(frozen=True, slots=True)
class StepCard:
    """The one thing to do now. `about`: what kind of thing; `title`: it, in a sentence; `where` to look;
    `who`: who does it, '' for whoever is there; `may`: whether the person who looks may; `page`: where it is
    done; `action`: what the program will do.
    """

    about: str
    step: str = ""
    title: Any = ""
    where: Any = ""
    reason: Any = ""
    who: Any = ""
    may: bool = True
    takes: str = ""
    ends_percent: int = 0
    page: str = ""
    action: Any = ""
    answers: tuple[Answer, ...] = ()
    others: tuple[Other, ...] = ()


@dataclass(frozen=True, slots=True)
class Bar:
    """A cause that is possible, and how likely."""

    word: Any
    percent: int
    leads_to: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """A probe that is looking, or has looked."""

    word: Any
    value: Any = ""


@dataclass(frozen=True, slots=True)
class KnownRow:
    """What is known by a check; `by`: '' for the program."""

    check: str
    word: Any
    value: Any
    by: str
    at_ms: int
    how: str


@dataclass(frozen=True, slots=True)
class DoneRow:
    """A remedy that was done; `result`: gone, still, unknown or waits."""

    remedy: str
    word: Any
    by: str
    at_ms: int
    took: str
    result: str


@dataclass(frozen=True, slots=True)
class Call:
    """Whom to call, what to say, with which evidence."""

    to: Any
    says: str
    evidence: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """The whole page."""

    uid: str
    seen: int
    busy: bool
    said: Said
    state: str
    part: Any
    till: str
    till_id: str
    operation: str
    opened_ms: int
    closed_ms: int | None
    holder: str
    version: int
    never: tuple[str, ...]
    step: StepCard
    looks: tuple[Look, ...]
    bars: tuple[Bar, ...]
    known: tuple[KnownRow, ...]
    done: tuple[DoneRow, ...]
    call: Call | None
    cause: Any
    spent: str
    reopened: int
    may_undo: bool
    phase: str
    asked: bool

    @property
    def code(self) -> str:
        """The fault's code."""
        return self.said.code

    @property
    def over(self) -> bool:
        """Whether nothing is to be done here any more."""
        return self.state != "open"

    @property
    def mark(self) -> str:
        """All that matters on the page, in a word: it is drawn anew when this changes."""
        return f"{self.seen}-{int(self.busy)}"


def card_of(view: View, role: str) -> Card:
    """The page of a diagnosis, for a person with this role."""
    stored, course, entry = view.stored, view.course, view.entry
    people = page_words(stored.holder, *(one.by for one in course.known), *(one.by for one in course.tried))
    language = looks.language()
    escalate = entry.escalate
    return Card(
        uid=stored.uid,
        seen=view.seen,
        busy=view.busy,
        said=say(stored.fault, language),
        state=stored.state,
        part=words.part_word(entry.part),
        till=getattr(current.place().till(stored.till), "name", ""),
        till_id=stored.till,
        operation=stored.operation,
        opened_ms=stored.opened_ms,
        closed_ms=stored.closed_ms,
        holder=people.names.get(stored.holder, ""),
        version=stored.version,
        never=tuple(words.spoken(one.says) for one in entry.never),
        step=step_of(view, role),
        looks=_looks(view),
        bars=_bars(view),
        known=_known(view, people),
        done=_done(view, people),
        call=Call(
            words.role_word(escalate.to),
            words.spoken(escalate.says),
            tuple(words.EVIDENCE.get(one, one) for one in escalate.evidence),
        )
        if escalate
        else None,
        cause=words.cause_word(entry, course.cause) if course.cause else "",
        spent=spell(course.spent_s),
        reopened=course.reopened,
        may_undo=not course.away and course.stage not in (Stage.MENDED, Stage.CLOSED),
        phase=view.now.phase.value,
        asked=view.verify == "asked",
    )


def spell(length_s: float) -> str:
    """How long something takes, in the page's language; whole minutes from ten on."""
    whole = round(length_s) if length_s < 600 else round(length_s / 60) * 60
    return spell_duration(whole * 1000, looks.language())


# ── the one thing to do ─────────────────────────────────────────────────────────────────────────────────────


def step_of(view: View, role: str) -> StepCard:
    """What the card is about."""
    stage, choice = view.course.stage, view.now.choice
    if stage in OVER_STAGES:
        return StepCard(OVER)
    if view.course.away:
        return StepCard(AWAY)
    if stage is Stage.VERIFYING:
        return _verification(view)
    if view.now.looks or (view.busy and view.now.phase is Phase.PROBING):
        return StepCard(LOOKING)
    if choice is None or (view.busy and choice.reason == "free-remedy"):
        return StepCard(LOOKING if view.busy else WAITING)
    return _chosen(view, choice.best, role)


def _chosen(view: View, best: Candidate, role: str) -> StepCard:
    entry, choice = view.entry, view.now.choice
    others = (
        tuple(_other(view, one) for one in choice.others if one.step.kind != "escalate") if choice else ()
    )
    reason = words.REASONS.get(choice.reason, "") if choice else ""
    if best.step.kind == "escalate":
        return StepCard(CALLING, reason=reason, others=others)
    if best.step.kind == "check":
        check = next(one for one in entry.checks if one.id == best.step.id)
        return _question(check, best, reason, others)
    remedy = next(one for one in entry.remedies if one.id == best.step.id)
    return _remedy(view, remedy, best, reason, others, role)


def _question(check: Check, best: Candidate, reason: Any, others: tuple[Other, ...]) -> StepCard:
    answers = [
        Answer(one.id, words.answer_word(check, one.id), str(number))
        for number, one in enumerate(check.answers, start=1)
    ]
    return StepCard(
        ASKING,
        step=check.id,
        title=words.check_word(check),
        where=words.spoken(check.where) if check.where else "",
        reason=reason,
        who=words.role_word(check.who) if check.who != "cashier" else "",
        takes=spell(best.cost_s),
        answers=tuple(answers),
        others=others,
    )


def _remedy(
    view: View, remedy: Remedy, best: Candidate, reason: Any, others: tuple[Other, ...], role: str
) -> StepCard:
    spec = ACTIONS.get(remedy.action)
    needed = spec.consent.value if spec is not None and spec.consent is not Consent.NOBODY else "cashier"
    who = needed if spec is not None else remedy.who
    return StepCard(
        AGREEING if spec is not None else DOING,
        step=remedy.id,
        title=words.spoken(remedy.says),
        reason=reason,
        who=words.role_word(who) if who != "cashier" else "",
        may=spec is None or rank(role) >= rank(needed),
        takes=spell(best.cost_s),
        ends_percent=percent(best.ends),
        page=page_of(remedy, view.stored.operation),
        action=words.ACTIONS.get(remedy.action, ""),
        others=others,
    )


def page_of(remedy: Remedy, operation: str) -> str:
    """The address of the page where a remedy is done; '' for none."""
    for given in ([operation] if operation else [], []):
        try:
            return reverse(f"till:{remedy.page}", args=given) if remedy.page else ""
        except NoReverseMatch:
            continue
    return ""


def _verification(view: View) -> StepCard:
    last = view.course.tried[-1].remedy if view.course.tried else ""
    if view.verify != "asked":
        return StepCard(VERIFYING if view.busy else WAITING, step=last)
    asks = view.entry.verify_asks
    return StepCard(VERIFYING, step="asked", title=words.spoken(asks) if asks else "")


def _other(view: View, one: Candidate) -> Other:
    return Other(words.step_word(view.entry, one.step.id), spell(one.cost_s), percent(one.ends))


# ── what stands around it ───────────────────────────────────────────────────────────────────────────────────


def percent(share: float) -> int:
    """A share as whole hundredths; what is possible is never nought, and what is not certain never all."""
    whole = round(share * 100)
    return min(99, max(1, whole)) if 0.0 < share < 1.0 else whole


def _bars(view: View) -> tuple[Bar, ...]:
    leads = {one.id: one.leads_to for one in view.entry.causes}
    shares = learning.credit(view.course) or view.now.shares
    ranked = sorted(shares.items(), key=lambda item: (-item[1], item[0]))
    return tuple(
        Bar(words.cause_word(view.entry, cause), percent(share), leads.get(cause, ""))
        for cause, share in ranked[:MOST_SHOWN]
    )


def _looks(view: View) -> tuple[Look, ...]:
    """Probes that are looking, and what the others have found meanwhile."""
    answers: Mapping[str, str] = view.course.answers
    probes = [one for one in view.entry.checks if one.probe]
    return tuple(
        Look(
            words.probe_word(one.probe), words.answer_word(one, answers[one.id]) if one.id in answers else ""
        )
        for one in probes
        if one.id in answers or one.id in view.now.looks
    )


def _known(view: View, people: PageWords) -> tuple[KnownRow, ...]:
    checks = {one.id: one for one in view.entry.checks}
    return tuple(
        KnownRow(
            one.check,
            known_word(checks[one.check], one.how),
            words.answer_word(checks[one.check], one.answer),
            people.names.get(one.by, one.by),
            one.at_ms,
            "" if one.how == "asked" else one.how,
        )
        for one in view.course.known
        if one.check in checks
    )


def known_word(check: Check, how: str) -> Any:
    """What is known: by its question if a person was asked, by its probe if that has looked."""
    return words.check_word(check) if how == "asked" or not check.probe else words.probe_word(check.probe)


def _done(view: View, people: PageWords) -> tuple[DoneRow, ...]:
    return tuple(
        DoneRow(
            one.remedy,
            words.step_word(view.entry, one.remedy),
            people.names.get(one.by, one.by),
            one.at_ms,
            spell(one.took_ms / 1000) if one.took_ms else "",
            _RESULTS[one.result],
        )
        for one in view.course.tried
    )
