"""The words on pictures and receipts.

A document is laid out here and read by people in their own language, so it asks for each text by a key. The
English text of every key stands in `TEMPLATES`; whoever draws for a person hands in `Words` that translate
it (the pages do so with their catalogues, whose msgids are these texts). `EnglishWords` serves terminals,
logs and tests.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from tillwright.catalogue.formats import PlainFormatter
from tillwright.catalogue.templates import fill
from tillwright.kernel.fault import Fault
from tillwright.kernel.rules import CurrencyRules


class Words(Protocol):
    """Everything that a document has to say, in one language and one time zone."""

    def text(self, key: str, **facts: str) -> str:
        """The text of a key of TEMPLATES, its facts filled in."""

    def money(self, amount_minor: int, currency: str) -> str:
        """A sum with its currency."""

    def amount(self, amount_minor: int, currency: str) -> str:
        """A sum without it, where the currency is clear."""

    def quantity(self, quantity_milli: int) -> str:
        """Thousandths as a quantity: '2', '0.345'."""

    def clock(self, at_ms: int) -> str:
        """The time of day to the second: '12:41:07'."""

    def moment(self, at_ms: int) -> str:
        """Day and time with the zone."""

    def duration(self, length_ms: int) -> str:
        """A length of time: '2 min 5 s'."""

    def fault(self, fault: Fault) -> str:
        """The sentence about a fault, without its next step and code."""


def N_(text: str) -> str:  # noqa: N802 - the name by which translators' tools know it
    """Marks a text for the translators, and leaves it as it is."""
    return text


TEMPLATES: Mapping[str, str] = {
    # columns
    "column.till": N_("Till {till}"),
    "party.control": N_("Control device"),
    "party.operator": N_("Fiscal operator"),
    "party.bank": N_("Bank"),
    "party.licensing": N_("Licensing"),
    "party.centre": N_("Centre"),
    "party.forecourt": N_("Forecourt"),
    "party.printer": N_("Printer"),
    # requests
    "request.register": N_("Register sale {amount}"),
    "request.deposit": N_("Register deposit {amount}"),
    "request.other": N_("{action} {amount}"),
    "request.again": N_("{request}, attempt {attempt}"),
    "request.reversal": N_("Take back {amount}"),
    "request.stopped": N_("did not leave the till"),
    "request.waiting": N_("waiting for the answer …"),
    # answers
    "answer.accepted": N_("Done: document {document}"),
    "answer.accepted.register": N_("Registered: document {document}"),
    "answer.accepted.deposit": N_("Registered: document {document}"),
    "answer.accepted-plain": N_("Done"),
    "answer.refused": N_("Refused: {reason}"),
    "answer.refused-plain": N_("Refused"),
    "answer.none": N_("No answer"),
    "answer.late": N_("Answered late. {answer}"),
    "inquiry.asked": N_("What became of it?"),
    "inquiry.waiting": N_("asking …"),
    "inquiry.silent": N_("no answer"),
    "inquiry.unsure": N_("nothing there yet, but it may still arrive"),
    "inquiry.found": N_("It happened: document {document}"),
    "inquiry.found-plain": N_("It happened"),
    "inquiry.witness": N_("Its records show it: document {document}"),
    "inquiry.witness-plain": N_("Its records show it"),
    "inquiry.absent": N_("It did not happen, and can no longer happen"),
    "times.until": N_("{count} times until {until}"),
    # notes
    "note.restarted": N_("The station was restarted"),
    "note.red": N_("Unknown: people are told, the till keeps asking"),
    "note.red-again": N_("Unknown again: this speaks against what we knew"),
    "note.undoing": N_("Taking back what had happened"),
    "note.question.continue-or-give-up": N_("Continue or give up?"),
    "note.question.keep-or-reverse": N_("It happened after all. Keep it or take it back?"),
    "note.question.settle": N_("A person must settle this"),
    "note.question-over": N_("Nobody answered in time: given up"),
    "note.printed": N_("Printed"),
    "note.delivered": N_("Document delivered"),
    "note.record-happened": N_("Its records say: it happened"),
    "note.record-did-not": N_("Its records say: it did not happen"),
    "note.other": N_("Also recorded: {happening}"),
    "person.continue": N_("{person}: Continue"),
    "person.give-up": N_("{person}: Give up"),
    "person.cancelled": N_("{person}: Cancel"),
    "person.approved": N_("{person}: Approved"),
    "person.ruled-happened": N_("{person}: It happened ({reference})"),
    "person.ruled-did-not": N_("{person}: It did not happen ({reference})"),
    "person.nobody": N_("Somebody"),
    # where it stands
    "state.open": N_("In progress"),
    "state.done": N_("Done"),
    "state.refused": N_("Refused, nothing happened"),
    "state.undoing": N_("Being taken back"),
    "state.undone": N_("Taken back everywhere"),
    "state.red": N_("Unknown"),
    "state.next-try": N_("{state}. Asking again at {at}"),
    # sentences
    "kind.cash-sale": N_("Sale"),
    "kind.cash-in": N_("Cash in"),
    "sentence.open": N_("{kind} {number}, {amount}, in progress since {since}"),
    "sentence.done": N_("{kind} {number}, {amount}, done at {at}"),
    "sentence.refused": N_("{kind} {number}, {amount}, refused at {at}"),
    "sentence.undoing": N_("{kind} {number}, {amount}, being taken back since {since}"),
    "sentence.undone": N_("{kind} {number}, {amount}, taken back at {at}"),
    "sentence.red": N_("{kind} {number}, {amount}, unknown since {since}"),
    "picture.title": N_("What happened, step by step"),
    # receipts
    "receipt.title.cash-sale": N_("Receipt {number}"),
    "receipt.title.cash-in": N_("Cash in {number}"),
    "receipt.copy": N_("COPY"),
    "receipt.till": N_("Till {till}"),
    "receipt.shift": N_("Shift {shift}"),
    "receipt.cashier": N_("Cashier {cashier}"),
    "receipt.total": N_("TOTAL"),
    "receipt.tender.cash": N_("Cash"),
    "receipt.change": N_("Change"),
    "receipt.document": N_("Document"),
    "receipt.unique": N_("Unique number"),
    "receipt.serial": N_("Device"),
    "receipt.registered": N_("Registered"),
    "receipt.unregistered": N_("Not registered by the control device"),
    "receipt.thanks": N_("Thank you"),
}


@dataclass(frozen=True, slots=True)
class EnglishWords:
    """Plain English, times in UTC; `currencies` as far as they are known."""

    currencies: Sequence[CurrencyRules] = ()

    def text(self, key: str, **facts: str) -> str:
        return fill(TEMPLATES[key], facts.__getitem__)

    def money(self, amount_minor: int, currency: str) -> str:
        return PlainFormatter(self.currencies).money(amount_minor, currency, "en")

    def amount(self, amount_minor: int, currency: str) -> str:
        return self.money(amount_minor, currency).partition("\N{NO-BREAK SPACE}")[0]

    def quantity(self, quantity_milli: int) -> str:
        return plain_quantity(quantity_milli)

    def clock(self, at_ms: int) -> str:
        seconds = at_ms // 1000 % 86_400
        return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"

    def moment(self, at_ms: int) -> str:
        return PlainFormatter().moment(at_ms, "en")

    def duration(self, length_ms: int) -> str:
        return PlainFormatter().duration(length_ms, "en")

    def fault(self, fault: Fault) -> str:
        return fault.code


def plain_quantity(quantity_milli: int, mark: str = ".") -> str:
    """Thousandths without trailing noughts: 2000 is '2', 345 is '0.345'."""
    sign = "-" if quantity_milli < 0 else ""
    whole, fraction = divmod(abs(quantity_milli), 1000)
    places = f"{fraction:03d}".rstrip("0")
    return f"{sign}{whole}{mark}{places}" if places else f"{sign}{whole}"


def has(key: str) -> bool:
    """Whether there is a text for this key."""
    return key in TEMPLATES
