"""The walk that settles an unknown operation, as its page shows it: what we know, what the operator says,
what can be said, what will happen.

Only what would be taken can be chosen: each choice is tried against the same checks that the ruling will
meet, and what stands against it is said beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from tillwright.catalogue.catalogue import Said
from tillwright.documents.sentence import kind_name
from tillwright.journal.cash import CashState
from tillwright.journal.records import StoredRuling
from tillwright.kernel.rules import PackRules
from tillwright.operations.model import Leg, Operation
from tillwright.operations.rulings import Enquiry, ListedDocument, Ruling
from tillwright.operations.states import LegState, OperationState, Question
from tillwright.till.document_words import PageWords, page_words
from tillwright.till.reasons import Reason, reasons_for
from tillwright.till.walk_words import HAPPENED, KEPT, OWED, RETURNED, SAYINGS, SURPLUS, Saying
from tillwright.web import current, looks
from tillwright.web.words import moment, money, say

SILENT_AFTER_MS = 8_000
"""From then on an operator that has not answered counts as silent; it may still answer."""
FRESH_MS = 60_000
"""An answer is that recent that nobody needs to ask again."""
OPERATOR = "operator"
_THEN = {HAPPENED: "", OWED: "owed"}


@dataclass(frozen=True, slots=True)
class Compared:
    """One field side by side: ours, the operator's. `same` None: one of the two does not say."""

    name: Any
    ours: str
    theirs: str
    same: bool | None


@dataclass(frozen=True, slots=True)
class Asked:
    """How asking the operator went: 'nobody' (the till has no operator), 'never', 'asking', 'silent',
    'listed', 'absent'. `others`: how many other documents of that time the operator lists.
    """

    state: str
    enquiry: Enquiry | None = None
    listed: ListedDocument | None = None
    rows: tuple[Compared, ...] = ()
    others: int = 0
    at_ms: int = 0


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that can be said; `against` is why not. `fields`: whether the document must be typed.
    `waits`: whether somebody is being asked, whose answer comes first.
    """

    saying: Saying
    key: str
    against: Said | None
    fields: bool = False
    chosen: bool = False
    waits: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it can be chosen now."""
        return self.against is None and not self.waits


@dataclass(frozen=True, slots=True)
class Side:
    """One of two stories that contradict each other."""

    who: str
    at_ms: int
    text: Any
    told: str


@dataclass(frozen=True, slots=True)
class Typed:
    """What a person has typed into the form, as text. `usual`, `spoke_offered`: the reason and the
    time of a talk that the page itself had put there.
    """

    choice: str = ""
    number: str = ""
    day: str = ""
    time: str = ""
    unique: str = ""
    spoke_with: str = ""
    spoke_day: str = ""
    spoke_time: str = ""
    spoke_offered: str = ""
    reason: str = ""
    usual: str = ""


NOTHING_TYPED = Typed()


@dataclass(frozen=True, slots=True)
class Walk:
    """The whole page. `approve`: somebody else has to stand behind it, `above_minor` because of the sum.
    `may_word`: whom one spoke to can be entered, `needs_word`: and has to be.
    """

    operation: Operation
    leg: Leg | None
    cash: CashState
    asked: Asked
    choices: tuple[Choice, ...]
    sides: tuple[Side, ...]
    reasons: Sequence[Reason]
    reason: str
    usual: str
    typed: Typed
    approve: bool
    above_minor: int
    needs_word: bool
    may_word: bool

    @property
    def enquiry_id(self) -> int:
        """The enquiry that a ruling would rest on; 0 for none."""
        answered = self.asked.enquiry is not None and self.asked.enquiry.answered_ms is not None
        return self.asked.enquiry.id if self.asked.enquiry is not None and answered else 0

    @property
    def waits(self) -> bool:
        """Whether somebody is being asked, whose answer comes before any choice."""
        return any(choice.waits for choice in self.choices)

    @property
    def may_choose(self) -> bool:
        """Whether anything can be chosen now."""
        return any(choice.is_open for choice in self.choices)


def open_leg(operation: Operation) -> Leg | None:
    """The leg that awaits a person's word; None if none does."""
    legs = [leg for leg in operation.legs if leg.target is None]
    unknown = [leg for leg in legs if leg.state is LegState.UNKNOWN]
    if not unknown and operation.question is Question.SETTLE:
        unknown = [leg for leg in legs[-1:] if leg.state is LegState.REFUSED]
    return unknown[0] if unknown else None


def walk_of(operation: Operation, role_may: bool, typed: Typed = NOTHING_TYPED) -> Walk:
    """Put the page together from what the station knows now."""
    station, rules = current.station(), current.place().rules
    leg = open_leg(operation)
    asked = asked_of(operation, leg)
    above_minor = _above_minor(operation, rules)
    needs_word = rules.enquiry_required and asked.state not in ("listed", "absent")
    walk = Walk(
        operation=operation,
        leg=leg,
        cash=station.cash_state(operation.till),
        asked=asked,
        choices=(),
        sides=sides_of(operation),
        reasons=reasons_for("ruling", rules),
        reason=_reason(typed, asked, rules),
        usual=_usual_reason(asked, rules),
        typed=typed,
        approve=above_minor > 0 or not role_may,
        above_minor=above_minor,
        needs_word=needs_word,
        may_word=needs_word or asked.state == "silent",
    )
    return replace(walk, choices=tuple(_choices(walk)))


def _above_minor(operation: Operation, rules: PackRules) -> int:
    """The sum above which a second person is needed, if this operation is above it; else 0."""
    limit_minor = rules.second_person_above_minor(operation.content.currency)
    return limit_minor if limit_minor and abs(operation.content.total_minor) > limit_minor else 0


def _reason(typed: Typed, asked: Asked, rules: PackRules) -> str:
    """What the person chose; what the page itself had chosen gives way to what fits the evidence now."""
    chosen = typed.reason if typed.reason != typed.usual else ""
    return chosen or _usual_reason(asked, rules)


def _usual_reason(asked: Asked, rules: PackRules) -> str:
    wanted = _REASONS.get(asked.state, "")
    return wanted if wanted in rules.reasons_for("ruling") else ""


_REASONS = {"listed": "operator-lists-it", "absent": "operator-lacks-it", "silent": "operator-said-so"}


# ── asking ──────────────────────────────────────────────────────────────────────────────────────────────────


def has_operator(till: str) -> bool:
    """Whether the till has somebody to ask."""
    return OPERATOR in current.station().parties.get(till, ())


def newest_enquiry(operation: Operation, leg: Leg | None) -> Enquiry | None:
    """The last question about the operation that came after its request had gone."""
    since_ms = (leg.sent_ms or 0) if leg is not None else 0
    found = [one for one in current.station().enquiries(operation.uid) if one.asked_ms >= since_ms]
    answered = [one for one in found if one.answered_ms is not None]
    newest = found[-1] if found else None
    if newest is not None and newest.answered_ms is None and answered:
        late = current.now_ms() - newest.asked_ms > SILENT_AFTER_MS
        return answered[-1] if late else newest
    return newest


def should_ask(operation: Operation) -> bool:
    """Whether the page asks by itself: nobody has asked lately, and there is somebody to ask."""
    leg = open_leg(operation)
    if leg is None or not has_operator(operation.till):
        return False
    newest = newest_enquiry(operation, leg)
    return newest is None or current.now_ms() - newest.asked_ms > FRESH_MS


def asked_of(operation: Operation, leg: Leg | None) -> Asked:
    """How asking went, and the fields side by side."""
    if not has_operator(operation.till):
        return Asked("nobody")
    enquiry = newest_enquiry(operation, leg)
    if enquiry is None:
        return Asked("never")
    if enquiry.answered_ms is None:
        silent = current.now_ms() - enquiry.asked_ms > SILENT_AFTER_MS
        return Asked("silent" if silent else "asking", enquiry, at_ms=enquiry.asked_ms)
    listed = next((one for one in enquiry.records if leg is not None and one.key == leg.key), None)
    others = len(enquiry.records) - (1 if listed else 0)
    if listed is None:
        return Asked("absent", enquiry, others=others, at_ms=enquiry.answered_ms)
    rows = tuple(compared(operation, listed))
    return Asked("listed", enquiry, listed, rows, others, enquiry.answered_ms)


def compared(operation: Operation, listed: ListedDocument) -> list[Compared]:
    """Our receipt and the operator's record, field by field."""
    content, words, language = operation.content, page_words(), looks.language()
    tolerance_ms = current.place().rules.device_clock_tolerance_ms
    ours, theirs = content.total_minor, listed.total_minor
    late = listed.registered_ms >= operation.started_ms - tolerance_ms
    return [
        Compared(_("Request"), _short(operation.uid), _short(listed.key), True),
        Compared(
            _("Sum"),
            money(ours, content.currency, language),
            money(theirs, listed.currency, language),
            (ours, content.currency) == (theirs, listed.currency),
        ),
        Compared(
            _("Time"), moment(operation.started_ms, language), moment(listed.registered_ms, language), late
        ),
        Compared(
            _("What"), kind_name(operation.kind, words), str(_KINDS.get(listed.kind, listed.kind)), None
        ),
        Compared(_("Document"), "—", str(listed.number), None),
        Compared(_("Unique number"), "—", listed.unique_number, None),
    ]


def _kind(document: str) -> str:
    return str(_KINDS.get(document, document))


def _short(key: str) -> str:
    return f"{key[:8]}…"


_KINDS: dict[str, Any] = {
    "sale": _("Sale"),
    "refund": _("Refund"),
    "annulment": _("Annulment"),
    "deposit": _("Cash in"),
    "withdrawal": _("Cash out"),
}


# ── deciding ────────────────────────────────────────────────────────────────────────────────────────────────


def _choices(walk: Walk) -> list[Choice]:
    operation = walk.operation
    if operation.state is not OperationState.RED:
        return []
    if operation.question is Question.KEEP_OR_REVERSE:
        return [_plain(KEPT, walk)]
    if walk.leg is None:
        return [_plain(SURPLUS, walk)] if _stands_twice(operation) else []
    tried = [(saying, trial(walk, saying.name)) for saying in SAYINGS.get(operation.kind, ())]
    found = [_choice(walk, saying, ruling, index) for index, (saying, ruling) in enumerate(tried, start=1)]
    if walk.asked.state in ("asking", "never"):
        return [replace(one, waits=True, chosen=False, fields=False) for one in found]
    open_ones = [one for one in found if one.is_open]
    if len(open_ones) == 1 and not open_ones[0].fields:
        found = [replace(one, chosen=one.chosen or one.against is None) for one in found]
    return found


def _plain(saying: Saying, walk: Walk) -> Choice:
    return Choice(saying, "1", None, chosen=True)


def _stands_twice(operation: Operation) -> bool:
    done = [leg for leg in operation.legs if leg.target is None and leg.state is LegState.DONE]
    return len(done) > 1


def _choice(walk: Walk, saying: Saying, ruling: Ruling, index: int) -> Choice:
    happened = saying.name in _THEN
    fields = happened and walk.asked.listed is None
    fault = current.station().ruling_fault(ruling)
    if fault is not None and _is_still_to_be_typed(fault.code, walk, fields):
        fault = None
    against = say(fault, looks.language()) if fault is not None else None
    chosen = against is None and walk.typed.choice == saying.name
    return Choice(saying, str(index), against, fields and against is None, chosen)


def _is_still_to_be_typed(code: str, walk: Walk, fields: bool) -> bool:
    """What a person can mend in the form does not stand against a choice."""
    if code == "till.ruling-enquiry-needed":
        return walk.needs_word
    return fields and code in ("till.ruling-field", "fiscal.wrong-red-cheque-data")


def trial(walk: Walk, choice: str) -> Ruling:
    """The ruling that a choice would be, with whatever the operator lists; else with what might be typed."""
    listed, leg = walk.asked.listed or _yet_to_be_typed(walk), walk.leg
    happened = choice in _THEN
    reasons = current.place().rules.reasons_for("ruling")
    return Ruling(
        uid=walk.operation.uid,
        leg=leg.number if leg is not None else 0,
        version=walk.operation.version,
        happened=happened,
        then=_THEN.get(choice, choice),
        person="",
        second="",
        reason=walk.reason or next(iter(reasons), ""),
        document_number=listed.number if happened else None,
        registered_ms=listed.registered_ms if happened else None,
        unique_number=listed.unique_number if happened else None,
        enquiry=walk.enquiry_id or None,
    )


def _yet_to_be_typed(walk: Walk) -> ListedDocument:
    """A document as somebody might type it, so that a choice is tried against everything else."""
    operation = walk.operation
    key = walk.leg.key if walk.leg is not None else ""
    content = operation.content
    return ListedDocument(
        "", 1, "0", key, "", content.total_minor, content.currency, operation.started_ms
    )  # fmt: skip


# ── two stories ─────────────────────────────────────────────────────────────────────────────────────────────


def sides_of(operation: Operation) -> tuple[Side, ...]:
    """A person's word and the record that speaks against it; nothing where nothing does."""
    against = [one for one in current.station().rulings(operation.uid) if one.verdict == "against"]
    if not against or operation.state is not OperationState.RED:
        return ()
    words = page_words(against[-1].person)
    return (_said_by(against[-1], words), _recorded(operation, against[-1], words))


def _said_by(ruling: StoredRuling, words: PageWords) -> Side:
    who = words.names.get(ruling.person, ruling.person)
    return Side(who, ruling.at_ms, _HAPPENED_WORD if ruling.happened else _DID_NOT_WORD, ruling.unique_number)


def _recorded(operation: Operation, ruling: StoredRuling, words: PageWords) -> Side:
    leg = operation.leg(ruling.leg)
    facts = leg.evidence.facts if leg.evidence is not None else {}
    receiver = str(facts.get("receiver", leg.party))
    at_ms = leg.evidence.at_ms if leg.evidence is not None else operation.changed_ms
    told = str(facts.get("unique_number", ""))
    return Side(words.party(receiver), at_ms, _DID_NOT_WORD if ruling.happened else _HAPPENED_WORD, told)


_HAPPENED_WORD, _DID_NOT_WORD = _("It happened."), _("It did not happen.")
__all__ = ["KEPT", "RETURNED", "Walk", "asked_of", "open_leg", "should_ask", "trial", "walk_of"]
