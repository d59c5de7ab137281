"""Diagnoses as programs are told of them: a view as structures of the wire, in a reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils import translation

from tillwright.catalogue.catalogue import Said
from tillwright.catalogue.entry import Entry
from tillwright.catalogue.formats import write_fact
from tillwright.catalogue.languages import Wording, ours
from tillwright.catalogue.runbook_entry import Check, Remedy
from tillwright.catalogue.templates import fill
from tillwright.diagnosis.choice import Candidate
from tillwright.diagnosis.course import Stage
from tillwright.diagnosis.events import Outcome
from tillwright.diagnosis.runbook import CANNOT_TELL
from tillwright.faults import api_wire as wire
from tillwright.faults import rules, words
from tillwright.faults.rules import PartState
from tillwright.faults.standing import View
from tillwright.faults.store import StoredDiagnosis, StoredEvent
from tillwright.kernel.fault import Fault
from tillwright.kernel.finding import Finding
from tillwright.kernel.registry import ACTIONS
from tillwright.web import looks
from tillwright.web.words import PageFormatter, say

ASKED, OPERATION = "asked", "operation"
PROBABILITY_DIGITS = 6
OUTCOMES: Mapping[Outcome, Wording] = {
    Outcome.GONE: Wording("It works again", "Đã hoạt động lại", "Снова работает", "已恢复正常"),
    Outcome.STILL: Wording("It is still there", "Vẫn còn lỗi", "Ошибка осталась", "问题仍然存在"),
    Outcome.UNKNOWN: Wording("Cannot tell", "Không biết", "Не могу сказать", "无法判断"),
}
"""What a person may say who has looked whether the fault is gone."""
IS_IT_GONE = Wording("Is it gone now?", "Lỗi đã hết chưa?", "Ошибка исчезла?", "问题解决了吗？")
"""What that person is asked where an entry has no question of its own."""


class _Words:
    """The words of one entry, for one fault and one reader."""

    def __init__(self, entry: Entry, fault: Fault, language: str) -> None:
        self.language = ours(language)
        self._fault = fault
        self._formatter = PageFormatter()
        self._checks = {one.id: one for one in entry.checks}
        self._remedies = {one.id: one for one in entry.remedies}

    def text(self, wording: Wording | None) -> str:
        """A wording with the facts of the fault; '' for none."""
        if wording is None:
            return ""
        currency = self._fault.facts.get("currency")
        named = currency if isinstance(currency, str) else None

        def write(name: str) -> str:
            return write_fact(name, self._fault.facts.get(name), named, self.language, self._formatter)

        return fill(wording.text(self.language), write)

    def check(self, id: str) -> Check | None:
        """A check of the entry."""
        return self._checks.get(id)

    def remedy(self, id: str) -> Remedy | None:
        """A remedy of the entry."""
        return self._remedies.get(id)

    def asks(self, check: Check | None) -> str:
        """What a check asks, or what its probe looks at."""
        return "" if check is None else self.text(check.asks) or str(words.probe_word(check.probe))

    def answer(self, check: Check | None, id: str) -> str:
        """The words of an answer."""
        return id if check is None else str(words.answer_word(check, id))


def summary(stored: StoredDiagnosis, entry: Entry, language: str) -> wire.Diagnosis:
    """A diagnosis as a row of a list."""
    return wire.Diagnosis(**_common(stored, entry, say(stored.fault, language)))


def _common(stored: StoredDiagnosis, entry: Entry, said: Said) -> dict[str, Any]:
    return {
        "uid": stored.uid,
        "code": stored.fault.code,
        "facts": stored.fault.facts,
        "sentence": said.sentence,
        "next_step": said.next_step,
        "severity": entry.severity,
        "part": entry.part,
        "till": stored.till,
        "operation": stored.operation,
        "parent": stored.parent,
        "state": stored.state,
        "source": stored.source,
        "opened_ms": stored.opened_ms,
        "opened_by": stored.opened_by,
        "holder": stored.holder,
        "changed_ms": stored.changed_ms,
        "closed_ms": stored.closed_ms,
    }


def detail(view: View, children: Iterable[StoredDiagnosis], language: str) -> wire.DiagnosisDetail:
    """A diagnosis as it stands. `children`: those to which it has led."""
    with translation.override(looks.language_or_default(language)):
        return _detail(view, children, _Words(view.entry, view.stored.fault, language), language)


def _detail(
    view: View, children: Iterable[StoredDiagnosis], spoken: _Words, language: str
) -> wire.DiagnosisDetail:
    course, choice = view.course, view.now.choice
    probes = {one.id: one.probe for one in view.entry.checks}
    return wire.DiagnosisDetail(
        **_common(view.stored, view.entry, say(view.stored.fault, language)),
        phase=view.now.phase.value,
        stage=course.stage.value,
        seen=view.seen,
        busy=view.busy,
        away=course.away,
        step=_step(view, spoken),
        reason="" if choice is None else choice.reason,
        others=[_todo(one, view, spoken) for one in choice.others] if choice is not None else (),
        looks=[probes[one] for one in view.now.looks],
        known=_known(view, spoken),
        tried=_tried(view, spoken),
        causes=_causes(view, spoken),
        never=[wire.Never(spoken.text(one.says), one.forbids) for one in view.entry.never],
        escalate=_escalation(view.entry, spoken),
        verify=_verification(view, spoken),
        cause=course.cause,
        led_to=[one.uid for one in children],
        reopened=course.reopened,
        spent_seconds=round(course.spent_s, 1),
    )


# ── the step ──


def _step(view: View, spoken: _Words) -> wire.Todo | None:
    """The one thing to do now: after a remedy, to see whether it has helped."""
    if view.course.stage is Stage.VERIFYING:
        return _verify(view, spoken)
    return None if view.now.choice is None else _todo(view.now.choice.best, view, spoken)


def _verify(view: View, spoken: _Words) -> wire.Todo:
    asked = view.verify == ASKED
    answers = [
        wire.AnswerChoice(id=one.value, says=says.text(spoken.language), probability=0.0)
        for one, says in OUTCOMES.items()
    ]
    return _made(
        "verify",
        says=_verification(view, spoken).says,
        who="cashier" if asked else "",
        answers=answers if asked else (),
        probe=_verification(view, spoken).probe,
    )


def _todo(candidate: Candidate, view: View, spoken: _Words) -> wire.Todo:
    step = candidate.step
    cost = {"seconds": round(candidate.cost_s, 1), "expected_seconds": round(candidate.expected_s, 1)}
    if step.kind == "escalate":
        found = view.entry.escalate
        who, says = (found.to, spoken.text(found.says)) if found is not None else ("", "")
        return _made("escalate", says=says, who=who, **cost)
    if step.kind == "remedy":
        return _remedy(spoken.remedy(step.id), spoken, ends=_round(candidate.ends), id=step.id, **cost)
    return _check(spoken.check(step.id), candidate, spoken, id=step.id, **cost)


def _remedy(remedy: Remedy | None, spoken: _Words, **more: object) -> wire.Todo:
    if remedy is None:
        return _made("remedy", **more)
    spec = ACTIONS.get(remedy.action)
    return _made(
        "remedy",
        says=spoken.text(remedy.says),
        who=remedy.who if spec is None else "",
        action=remedy.action,
        consent="" if spec is None else spec.consent.value,
        page=remedy.page,
        **more,
    )


def _check(check: Check | None, candidate: Candidate, spoken: _Words, **more: object) -> wire.Todo:
    if check is None:
        return _made("check", **more)
    answers = [
        wire.AnswerChoice(
            id=None if one.answer == CANNOT_TELL else one.answer,
            says=spoken.answer(check, one.answer),
            probability=_round(one.probability),
        )
        for one in candidate.tells
    ]
    where, who = spoken.text(check.where), check.who if check.asks else ""
    return _made(
        "check", says=spoken.asks(check), where=where, who=who, answers=answers, probe=check.probe, **more
    )


def _made(kind: str, **more: object) -> wire.Todo:
    blank: dict[str, Any] = {
        "id": "", "says": "", "where": "", "who": "", "seconds": 0.0, "expected_seconds": 0.0, "answers": (),
        "probe": "", "action": "", "consent": "", "page": "", "ends": 0.0,
    }  # fmt: skip
    return wire.Todo(kind=kind, **{**blank, **more})


# ── what is known ──


def _known(view: View, spoken: _Words) -> Sequence[wire.Known]:
    return [
        wire.Known(
            check=one.check,
            says=spoken.asks(spoken.check(one.check)),
            answer=one.answer,
            answer_says=spoken.answer(spoken.check(one.check), one.answer),
            at_ms=one.at_ms,
            by=one.by,
            how=one.how,
        )
        for one in view.course.known
    ]


def _tried(view: View, spoken: _Words) -> Sequence[wire.Tried]:
    found = []
    for one in view.course.tried:
        remedy = spoken.remedy(one.remedy)
        result = None if one.result is None else one.result.value
        says = spoken.text(remedy.says) if remedy is not None else ""
        found.append(
            wire.Tried(
                remedy=one.remedy, says=says, at_ms=one.at_ms, by=one.by, took_ms=one.took_ms, result=result
            )
        )
    return found


def _causes(view: View, spoken: _Words) -> Sequence[wire.CauseShare]:
    entries = {one.id: one for one in view.entry.causes}
    ranked = sorted(view.now.shares.items(), key=lambda item: -item[1])
    return [
        wire.CauseShare(
            id=cause,
            says=spoken.text(entries[cause].says) if cause in entries else str(words.SOMETHING_ELSE),
            share=_round(share),
            leads_to=entries[cause].leads_to if cause in entries else "",
        )
        for cause, share in ranked
    ]


def _escalation(entry: Entry, spoken: _Words) -> wire.Escalation | None:
    found = entry.escalate
    return None if found is None else wire.Escalation(found.to, spoken.text(found.says), found.evidence)


def _verification(view: View, spoken: _Words) -> wire.Verification:
    if view.verify == ASKED:
        return wire.Verification(ASKED, "", spoken.text(view.entry.verify_asks or IS_IT_GONE))
    if view.verify == OPERATION:
        return wire.Verification(OPERATION, "operation_state", "")
    return wire.Verification("probe", view.verify, "")


def _round(value: float) -> float:
    return round(value, PROBABILITY_DIGITS)


def record(events: Iterable[StoredEvent]) -> wire.DiagnosisRecord:
    """Everything that happened."""
    return wire.DiagnosisRecord([
        wire.DiagnosisEvent(
            number=one.number,
            type=one.body["type"],
            at_ms=one.at_ms,
            by=one.person,
            details={name: value for name, value in one.body.items() if name != "type"},
        )
        for one in events
    ])  # fmt: skip


# ── faults, and how the station is ──


def entry(found: Entry, language: str) -> wire.FaultEntry:
    """An entry of the catalogue, facts unfilled."""
    chosen = ours(language)
    sentence, next_step = found.words(chosen, "cashier")
    escalate = found.escalate
    return wire.FaultEntry(
        code=found.code,
        part=found.part,
        severity=found.severity,
        category=found.category,
        facts=found.facts,
        sentence=sentence,
        next_step=next_step,
        known_as=found.known_as.texts(chosen),
        causes=[
            wire.EntryCause(id=one.id, says=one.says.text(chosen), weight=one.weight, leads_to=one.leads_to)
            for one in found.causes
        ],
        never=[wire.Never(one.says.text(chosen), one.forbids) for one in found.never],
        escalate=None
        if escalate is None
        else wire.Escalation(escalate.to, escalate.says.text(chosen), escalate.evidence),
        verify=found.verify,
        group=found.group,
        runbook=bool(found.causes),
    )


def status(parts: Sequence[PartState]) -> wire.Status:
    """How everything is."""
    told = [
        wire.Part(
            part=one.part,
            till=one.scope,
            condition=one.condition.value,
            follows=one.follows,
            findings=[_finding(found) for found in one.findings],
        )
        for one in parts
    ]
    return wire.Status(rules.gravest(one.condition for one in parts).value, told)


def _finding(found: Finding) -> wire.ProbeFinding:
    return wire.ProbeFinding(
        probe=found.probe,
        value=found.value,
        condition=rules.condition_of(found).value,
        at_ms=found.at_ms,
        took_ms=found.took_ms,
        how=found.how,
        facts=found.facts,
    )
