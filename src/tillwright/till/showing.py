"""An operation as its page shows it: the sentence, what it means, what may be pressed, the picture, the
record.

Made afresh for every look from the journal's own rows, so that the page is right after any reload, in any
tab, and after a restart of the station.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from tillwright.catalogue.catalogue import Said, UnknownCode
from tillwright.catalogue.formats import spell_duration
from tillwright.documents.drawing import svg
from tillwright.documents.picture_svg import NARROW, WIDE, draw
from tillwright.documents.replay import Recorded
from tillwright.documents.sentence import sentence
from tillwright.documents.storyboard import picture_of
from tillwright.kernel.fault import Fault
from tillwright.operations.model import Operation
from tillwright.operations.policy import Policy
from tillwright.operations.rulings import Enquiry
from tillwright.operations.states import LegState, OperationState, Question
from tillwright.till.document_words import PageWords, page_words
from tillwright.web import looks
from tillwright.web.words import say

HAPPENINGS: dict[str, Any] = {
    "started": _("Begun at the till"),
    "accepted": _("The party has done it"),
    "refused": _("The party has refused it"),
    "not_sent": _("Did not leave the till"),
    "no_answer": _("No answer in time"),
    "restarted": _("The station was restarted"),
    "found": _("Asked: it happened"),
    "absent": _("Asked: it did not happen and can no longer happen"),
    "silent": _("Asked: no answer that proves anything"),
    "ruled_happened": _("Ruled: it happened"),
    "ruled_did_not": _("Ruled: it did not happen"),
    "contradicted_happened": _("A record says: it happened"),
    "contradicted_did_not": _("A record says: it did not happen"),
    "due": _("A waiting time is over"),
    "printed": _("Printed"),
    "delivered": _("Document delivered"),
    "approved": _("Approved"),
    "cancelled": _("Cancelled"),
    "continue": _("Continue was pressed"),
    "give_up": _("Give up was pressed"),
    "tender": _("Another payment"),
}
SOURCES: dict[str, Any] = {
    "reply": _("its answer"),
    "inquiry": _("asked by key"),
    "witness": _("its records"),
    "ruling": _("a ruling"),
}
"""Who says so, where a party or a person does."""

SILENT = "fiscal.red-cheque-status-unknown"
LINK = frozenset({"fiscal.sko-disconnected", "fiscal.sko-no-answer", "fiscal.device-garbled"})
"""What a red operation is red for most often; its page says that in its own words."""

_REFERENCES = ("document_number", "unique_number", "reference")


@dataclass(frozen=True, slots=True)
class RecordRow:
    """A line of the record: its time, who says so, what, by which reference, and the event as written."""

    version: int
    at: str
    who: str
    what: str
    reference: str
    raw: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """What the till is doing now, in words, since when, and what comes next if that goes on."""

    now: str
    since_ms: int
    next: str


@dataclass(frozen=True, slots=True)
class Handed:
    """Money that changes hands now that it is done: what to do with it, how much, what came in for it."""

    word: str
    amount_minor: int
    received_minor: int = 0


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page of an operation shows. `said`: what is wrong; `left_ms`: how long a question waits."""

    operation: Operation
    title: str
    state: str
    said: Said | None
    waiting: Waiting | None
    question: str
    left_ms: int
    wide: SafeString
    narrow: SafeString
    record: list[RecordRow]
    handed: Handed | None

    @property
    def left(self) -> str:
        """The time of a question in words."""
        return spell_duration(self.left_ms // 1000 * 1000, looks.language())


def shown(
    operation: Operation,
    events: Sequence[Recorded],
    policy: Policy,
    now_ms: int,
    enquiries: Sequence[Enquiry] = (),
    other: Operation | None = None,
) -> Shown:
    """Put together what the page shows at this time; `enquiries`: what was asked at the operator about it,
    `other`: the other half of an exchange.
    """
    bodies = [msgspec.json.decode(event.body, type=dict[str, Any]) for event in events]
    words = page_words(operation.cashier, *operation.approved_by, *_people(bodies))
    picture = picture_of(operation, events, words, policy, enquiries)
    return Shown(
        operation=operation,
        title=title_of(operation, words),
        state=operation.state.value,
        said=_said(operation, words),
        waiting=_waiting(operation, now_ms),
        question=operation.question.value if operation.question else "",
        left_ms=_left_ms(operation, now_ms),
        wide=_safe(svg(draw(picture, words, WIDE, "wide"), "picture picture-wide")),
        narrow=_safe(svg(draw(picture, words, NARROW, "narrow"), "picture picture-narrow")),
        record=[_row(event, body, operation, words) for event, body in zip(events, bodies, strict=True)],
        handed=_handed(operation, other),
    )


_HAND_OUT = _("Give the customer")
_MOVED: dict[str, Any] = {
    "refund": _HAND_OUT,
    "void": _HAND_OUT,
    "payout": _HAND_OUT,
    "cash-in": _("Put into the drawer"),
    "cash-out": _("Take out of the drawer"),
}


def _handed(operation: Operation, other: Operation | None) -> Handed | None:
    """Money is named only when it is certain: nobody hands out what may not have been registered. The halves
    of an exchange are named together, on the page of the one that ends it.
    """
    content = operation.content
    if operation.state is not OperationState.DONE or not content.tenders:
        return None
    if operation.kind == "cash-sale":
        return Handed(str(_("Change due")), content.change_minor, _cash_minor(operation))
    if operation.kind not in _MOVED:
        return None
    if other is not None and not _cash_minor(operation):
        return _handed(other, None)
    word = _("Owed to the customer") if operation.owed else _MOVED[operation.kind]
    return Handed(str(word), _cash_minor(operation))


def _cash_minor(operation: Operation) -> int:
    return sum(tender.amount_minor for tender in operation.content.tenders if tender.kind == "cash")


def title_of(operation: Operation, words: PageWords) -> str:
    """The operation in one sentence."""
    moments = {
        OperationState.OPEN: operation.started_ms,
        OperationState.UNDOING: operation.changed_ms,
        OperationState.RED: operation.red_ms or operation.changed_ms,
    }
    return sentence(
        words,
        kind=operation.kind,
        number=operation.number,
        amount_minor=operation.content.total_minor,
        currency=operation.content.currency,
        state=operation.state,
        at_ms=moments.get(operation.state, operation.ended_ms or operation.changed_ms),
    )


def _safe(drawing: str) -> SafeString:
    """Every text in a drawing was escaped when it was written."""
    return mark_safe(drawing)  # nosec B308 B703


# ── what is wrong ──────────────────────────────────────────────────────────────────────────────────────────


def _said(operation: Operation, words: PageWords) -> Said | None:
    """The sentence about what is wrong and the next step; None where all is well or still on its way."""
    if operation.state is OperationState.RED:
        told = _say(operation.fault, words)
        return told if told and told.code != SILENT and told.code not in LINK else _red(operation, words)
    if operation.state in (OperationState.REFUSED, OperationState.UNDONE) or operation.question is not None:
        return _say(operation.fault, words)
    return None


def _red(operation: Operation, words: PageWords) -> Said:
    """On its own page the next step is not to open it, but what the page is for."""
    said = say(Fault(SILENT, number=operation.number), words.language)
    return replace(
        said,
        next_step=str(
            _(
                "Check that the device has power and that its cable is in. As soon as it answers, this page "
                "says by itself what became of the sale; nothing has to be entered again."
            )
        ),
    )


def _say(fault: Fault | None, words: PageWords) -> Said | None:
    try:
        return say(fault, words.language) if fault is not None else None
    except UnknownCode:
        return None


def _left_ms(operation: Operation, now_ms: int) -> int:
    due = [timer.due_ms for timer in operation.timers if timer.name == "question"]
    return max(0, due[0] - now_ms) if due else 0


def _waiting(operation: Operation, now_ms: int) -> Waiting | None:
    """What is going on by itself; None where nothing is, or a person is asked."""
    if operation.ended or operation.question is not None:
        return None
    if operation.state is OperationState.RED or _any(operation, LegState.UNKNOWN):
        now, after = (
            _("Asking the device what became of it …"),
            _("It goes on asking by itself, and the page follows."),
        )
        return Waiting(str(now), now_ms - (operation.red_ms or operation.changed_ms), str(after))
    if _any(operation, LegState.SENT):
        since = max(leg.sent_ms or 0 for leg in operation.legs if leg.state is LegState.SENT)
        after = _("If it stays silent, we ask it what became of the sale. Nothing is lost.")
        return Waiting(str(_("Asking the device …")), now_ms - since, str(after))
    after = _("If it cannot be reached, you are asked whether to go on.")
    return Waiting(str(_("Reaching for the device …")), now_ms - operation.started_ms, str(after))


def _any(operation: Operation, state: LegState) -> bool:
    return any(leg.state is state for leg in operation.legs)


def asks_to_continue(operation: Operation) -> bool:
    """Whether the page offers Continue and Give up."""
    return operation.question is Question.CONTINUE_OR_GIVE_UP


# ── the record ─────────────────────────────────────────────────────────────────────────────────────────────


def _people(bodies: Sequence[dict[str, Any]]) -> list[str]:
    people = [body.get("person") or (body.get("evidence") or {}).get("person") for body in bodies]
    people += [body.get("second") for body in bodies]
    return [person for person in people if isinstance(person, str)]


def _row(event: Recorded, body: dict[str, Any], operation: Operation, words: PageWords) -> RecordRow:
    return RecordRow(
        version=event.version,
        at=words.precise(event.at_ms),
        who=_who(event, body, operation, words),
        what=str(HAPPENINGS.get(_happening(event, body), event.happening)),
        reference=_reference(body),
        raw=json.dumps(body, ensure_ascii=False, indent=2, sort_keys=True),
    )


def _happening(event: Recorded, body: dict[str, Any]) -> str:
    """What was read in a party's records without asking for this key is told as that."""
    witness = (body.get("evidence") or {}).get("source") == "witness"
    return "contradicted_happened" if event.happening == "found" and witness else event.happening


def _who(event: Recorded, body: dict[str, Any], operation: Operation, words: PageWords) -> str:
    evidence = body.get("evidence") or {}
    person = body.get("person") or evidence.get("person")
    if person:
        return words.names.get(person, person)
    if event.leg is None or not evidence:
        return str(_("the till"))
    party = next((leg.party for leg in operation.legs if leg.number == event.leg), "")
    source = SOURCES.get(str(evidence.get("source")), "")
    return f"{words.party(party)}, {source}" if source else words.party(party)


def _reference(body: dict[str, Any]) -> str:
    facts = (body.get("evidence") or {}).get("facts") or {}
    told = [str(facts[name]) for name in _REFERENCES if name in facts]
    fault = body.get("fault") or {}
    return " · ".join(told) or str(fault.get("code", ""))
