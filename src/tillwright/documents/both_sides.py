"""What is said about an operation from outside it: enquiries at the operator, a person's word, a record.

A red operation is settled by putting two stories side by side. Here the stories become sentences; where they
stand in the picture is the storyboard's business.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from tillwright.documents.picture import Tone
from tillwright.documents.words import Words
from tillwright.kernel.evidence import Evidence, Source
from tillwright.operations.model import Leg
from tillwright.operations.rulings import Enquiry
from tillwright.operations.states import LegState

_NO_REFERENCE = "—"


@dataclass(frozen=True, slots=True)
class Aside:
    """A question at another party at its time, or the answer to one."""

    at_ms: int
    party: str
    enquiry: Enquiry
    answer: bool


def asides_of(enquiries: Iterable[Enquiry]) -> list[Aside]:
    """Questions and answers in the order in which they fell; one without an answer has only its question."""
    asides = []
    for enquiry in enquiries:
        asides.append(Aside(enquiry.asked_ms, enquiry.receiver, enquiry, answer=False))
        if enquiry.answered_ms is not None:
            asides.append(Aside(enquiry.answered_ms, enquiry.receiver, enquiry, answer=True))
    return sorted(asides, key=lambda aside: (aside.at_ms, aside.enquiry.id, aside.answer))


def told_by(enquiry: Enquiry, keys: Collection[str], words: Words) -> tuple[str, Tone]:
    """What an answered enquiry says about the legs with these keys."""
    found = next((record for record in enquiry.records if record.key in keys), None)
    if found is not None:
        return words.text("enquiry.listed", document=str(found.number)), Tone.GOOD
    if enquiry.more:
        return words.text("enquiry.more"), Tone.NEUTRAL
    if enquiry.last_number is None:
        return words.text("enquiry.not-listed-plain"), Tone.NEUTRAL
    return words.text("enquiry.not-listed", document=str(enquiry.last_number)), Tone.NEUTRAL


def reference_of(evidence: Evidence) -> str:
    """Numbers and reasons that a ruling names; times stand on the record, not in a sentence."""
    told = [
        str(value) for name, value in sorted(evidence.facts.items()) if value and not name.endswith("_ms")
    ]
    return ", ".join(told) or _NO_REFERENCE


def against_it(leg: Leg, happened: bool, words: Words) -> str:
    """What had been known of the leg, where a record now says otherwise; '' where it does not."""
    knew = {LegState.DONE: True, LegState.REFUSED: False, LegState.UNDONE: False}.get(leg.state)
    if knew is None or knew is happened or leg.evidence is None:
        return ""
    end = "happened" if knew else "did-not"
    at = words.clock(leg.evidence.at_ms)
    if leg.evidence.source is not Source.RULING:
        return words.text(f"note.against-{end}", at=at)
    person = leg.evidence.person or words.text("person.nobody")
    return words.text(f"note.against-person-{end}", at=at, person=person)
