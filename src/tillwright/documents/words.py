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


def gettext_noop(text: str) -> str:
    """Marks a text for the translators, and leaves it as it is."""
    return text


TEMPLATES: Mapping[str, str] = {
    # columns
    "column.till": gettext_noop("Till {till}"),
    "party.control": gettext_noop("Control device"),
    "party.operator": gettext_noop("Fiscal operator"),
    "party.bank": gettext_noop("Bank"),
    "party.licensing": gettext_noop("Licensing"),
    "party.centre": gettext_noop("Centre"),
    "party.forecourt": gettext_noop("Forecourt"),
    "party.printer": gettext_noop("Printer"),
    # requests
    "request.register": gettext_noop("Register sale {amount}"),
    "request.refund": gettext_noop("Register refund {amount}"),
    "request.annul": gettext_noop("Register void {amount}"),
    "request.deposit": gettext_noop("Register deposit {amount}"),
    "request.withdraw": gettext_noop("Register withdrawal {amount}"),
    "request.open": gettext_noop("Open shift {shift}"),
    "request.close": gettext_noop("Close shift {shift}"),
    "request.other": gettext_noop("{action} {amount}"),
    "request.again": gettext_noop("{request}, attempt {attempt}"),
    "request.reversal": gettext_noop("Take back {amount}"),
    "request.stopped": gettext_noop("did not leave the till"),
    "request.waiting": gettext_noop("waiting for the answer …"),
    # answers
    "answer.accepted": gettext_noop("Done: document {document}"),
    "answer.accepted.register": gettext_noop("Registered: document {document}"),
    "answer.accepted.refund": gettext_noop("Registered: document {document}"),
    "answer.accepted.annul": gettext_noop("Registered: document {document}"),
    "answer.accepted.deposit": gettext_noop("Registered: document {document}"),
    "answer.accepted.withdraw": gettext_noop("Registered: document {document}"),
    "answer.accepted.open": gettext_noop("Shift open: document {document}"),
    "answer.accepted.close": gettext_noop("Shift closed: document {document}"),
    "answer.accepted-plain": gettext_noop("Done"),
    "answer.refused": gettext_noop("Refused: {reason}"),
    "answer.refused-plain": gettext_noop("Refused"),
    "answer.none": gettext_noop("No answer"),
    "answer.late": gettext_noop("Answered late. {answer}"),
    "inquiry.asked": gettext_noop("What became of it?"),
    "inquiry.waiting": gettext_noop("asking …"),
    "inquiry.silent": gettext_noop("no answer"),
    "inquiry.unsure": gettext_noop("nothing there yet, but it may still arrive"),
    "inquiry.found": gettext_noop("It happened: document {document}"),
    "inquiry.found-plain": gettext_noop("It happened"),
    "inquiry.witness": gettext_noop("Its records show it: document {document}"),
    "inquiry.witness-plain": gettext_noop("Its records show it"),
    "inquiry.absent": gettext_noop("It did not happen, and can no longer happen"),
    "enquiry.asked": gettext_noop("What do you have of this till?"),
    "enquiry.listed": gettext_noop("Its list shows it: document {document}"),
    "enquiry.not-listed": gettext_noop("Not in its list. Last document there: {document}"),
    "enquiry.not-listed-plain": gettext_noop("Not in its list"),
    "enquiry.more": gettext_noop("Not in what it has shown; its list is longer"),
    "times.until": gettext_noop("{count} times until {until}"),
    # notes
    "note.restarted": gettext_noop("The station was restarted"),
    "note.red": gettext_noop("Unknown: people are told, the till keeps asking"),
    "note.red-again": gettext_noop("Unknown again: this speaks against what we knew"),
    "note.undoing": gettext_noop("Taking back what had happened"),
    "note.question.continue-or-give-up": gettext_noop("Continue or give up?"),
    "note.question.keep-or-reverse": gettext_noop("It happened after all. Keep it or take it back?"),
    "note.question.settle": gettext_noop("A person must settle this"),
    "note.question-over": gettext_noop("Nobody answered in time: given up"),
    "note.printed": gettext_noop("Printed"),
    "note.delivered": gettext_noop("Document delivered"),
    "note.record-happened": gettext_noop("Its records say: it happened"),
    "note.record-did-not": gettext_noop("Its records say: it did not happen"),
    "note.record-document": gettext_noop("Its records say: it happened, document {document}"),
    "note.against-happened": gettext_noop("Against it stands what was known at {at}: it happened"),
    "note.against-did-not": gettext_noop("Against it stands what was known at {at}: it did not happen"),
    "note.against-person-happened": gettext_noop(
        "Against it stands the word of {person} at {at}: it happened"
    ),
    "note.against-person-did-not": gettext_noop(
        "Against it stands the word of {person} at {at}: it did not happen"
    ),
    "note.origin": gettext_noop("Takes back document {document}"),
    "note.paid-out": gettext_noop("Hands out what document {document} owes"),
    "note.register-now": gettext_noop("To be registered now, as a new attempt"),
    "note.returned": gettext_noop("Goods and money are back"),
    "note.owed": gettext_noop("Not handed out: owed to the customer"),
    "note.enquiry": gettext_noop("Based on enquiry {number} at the operator"),
    "note.other": gettext_noop("Also recorded: {happening}"),
    "person.continue": gettext_noop("{person}: Continue"),
    "person.give-up": gettext_noop("{person}: Give up"),
    "person.cancelled": gettext_noop("{person}: Cancel"),
    "person.approved": gettext_noop("{person}: Approved"),
    "person.ruled-happened": gettext_noop("{person}: It happened ({reference})"),
    "person.ruled-did-not": gettext_noop("{person}: It did not happen ({reference})"),
    "person.second": gettext_noop("{person}: I confirm it"),
    "person.correction": gettext_noop("{person}: Correct the drawer by {amount}"),
    "person.payout": gettext_noop("{person}: Hand out {amount}"),
    "person.nobody": gettext_noop("Somebody"),
    # where it stands
    "state.open": gettext_noop("In progress"),
    "state.done": gettext_noop("Done"),
    "state.refused": gettext_noop("Refused, nothing happened"),
    "state.undoing": gettext_noop("Being taken back"),
    "state.undone": gettext_noop("Taken back everywhere"),
    "state.red": gettext_noop("Unknown"),
    "state.next-try": gettext_noop("{state}. Asking again at {at}"),
    # sentences
    "kind.cash-sale": gettext_noop("Sale"),
    "kind.refund": gettext_noop("Refund"),
    "kind.void": gettext_noop("Void"),
    "kind.cash-in": gettext_noop("Cash in"),
    "kind.cash-out": gettext_noop("Cash out"),
    "kind.shift-open": gettext_noop("Shift opening"),
    "kind.shift-close": gettext_noop("Shift close"),
    "kind.payout": gettext_noop("Payout"),
    "kind.correction": gettext_noop("Emergency correction"),
    "sentence.open": gettext_noop("{kind} {number}, {amount}, in progress since {since}"),
    "sentence.done": gettext_noop("{kind} {number}, {amount}, done at {at}"),
    "sentence.refused": gettext_noop("{kind} {number}, {amount}, refused at {at}"),
    "sentence.undoing": gettext_noop("{kind} {number}, {amount}, being taken back since {since}"),
    "sentence.undone": gettext_noop("{kind} {number}, {amount}, taken back at {at}"),
    "sentence.red": gettext_noop("{kind} {number}, {amount}, unknown since {since}"),
    "sentence-plain.open": gettext_noop("{kind} {number}, in progress since {since}"),
    "sentence-plain.done": gettext_noop("{kind} {number}, done at {at}"),
    "sentence-plain.refused": gettext_noop("{kind} {number}, refused at {at}"),
    "sentence-plain.undoing": gettext_noop("{kind} {number}, being taken back since {since}"),
    "sentence-plain.undone": gettext_noop("{kind} {number}, taken back at {at}"),
    "sentence-plain.red": gettext_noop("{kind} {number}, unknown since {since}"),
    "picture.title": gettext_noop("What happened, step by step"),
    # receipts
    "receipt.title.cash-sale": gettext_noop("Receipt {number}"),
    "receipt.title.refund": gettext_noop("Refund {number}"),
    "receipt.title.void": gettext_noop("Void {number}"),
    "receipt.title.cash-in": gettext_noop("Cash in {number}"),
    "receipt.title.cash-out": gettext_noop("Cash out {number}"),
    "receipt.title.payout": gettext_noop("Payout {number}"),
    "receipt.title.correction": gettext_noop("Emergency correction {number}"),
    "receipt.copy": gettext_noop("COPY"),
    "receipt.till": gettext_noop("Till {till}"),
    "receipt.shift": gettext_noop("Shift {shift}"),
    "receipt.cashier": gettext_noop("Cashier {cashier}"),
    "receipt.total": gettext_noop("TOTAL"),
    "receipt.total.refund-receipt": gettext_noop("REFUNDED"),
    "receipt.total.void-receipt": gettext_noop("TAKEN BACK"),
    "receipt.total.cash-slip": gettext_noop("AMOUNT"),
    "receipt.discount": gettext_noop("Discount"),
    "receipt.origin": gettext_noop("Original document"),
    "receipt.reason": gettext_noop("Reason"),
    "receipt.approved": gettext_noop("Approved by {person}"),
    "receipt.signature": gettext_noop("Signature"),
    "receipt.non-fiscal": gettext_noop("NOT A FISCAL DOCUMENT"),
    "receipt.tender.cash": gettext_noop("Cash"),
    "receipt.tender.exchange": gettext_noop("Exchange"),
    "receipt.paid.cash": gettext_noop("Paid out in cash"),
    "receipt.paid.exchange": gettext_noop("Used in the exchange"),
    "receipt.change": gettext_noop("Change"),
    "receipt.document": gettext_noop("Document"),
    "receipt.unique": gettext_noop("Unique number"),
    "receipt.serial": gettext_noop("Device"),
    "receipt.registered": gettext_noop("Registered"),
    "receipt.unregistered": gettext_noop("Not registered by the control device"),
    "reason.not-wanted": gettext_noop("Not wanted after all"),
    "reason.wrong-goods": gettext_noop("Wrong goods"),
    "reason.defective": gettext_noop("Defective or spoiled"),
    "reason.wrong-price": gettext_noop("Wrong price"),
    "reason.mistake": gettext_noop("Mistake at the till"),
    "reason.customer-left": gettext_noop("The customer has left"),
    "reason.float": gettext_noop("Float for the shift"),
    "reason.change": gettext_noop("Small change"),
    "reason.shift-end": gettext_noop("End of the shift"),
    "reason.bank": gettext_noop("To the bank"),
    "reason.safe": gettext_noop("To the safe"),
    "reason.collection": gettext_noop("Cash collection"),
    "reason.supplier": gettext_noop("Paid to a supplier"),
    "reason.expense": gettext_noop("Paid for something small"),
    "reason.operator-lists-it": gettext_noop("The operator lists it"),
    "reason.operator-lacks-it": gettext_noop("The operator does not have it"),
    "reason.operator-said-so": gettext_noop("The operator said so on the phone"),
    "reason.cash-was-counted": gettext_noop("The cash was counted"),
    "reason.other": gettext_noop("Another reason"),
    "receipt.thanks": gettext_noop("Thank you"),
    # the correction slip
    "correction.before": gettext_noop("Drawer before"),
    "correction.difference": gettext_noop("Correction"),
    "correction.after": gettext_noop("Drawer after"),
    "correction.person": gettext_noop("Corrected by {person}"),
    "correction.device": gettext_noop("Last document of the device"),
    # X and Z
    "report.x": gettext_noop("X report"),
    "report.z": gettext_noop("Z report {number}"),
    "report.interim": gettext_noop("Interim figures. The shift stays open."),
    "report.opened": gettext_noop("Opened by {person}"),
    "report.closed": gettext_noop("Closed by {person}"),
    "report.made": gettext_noop("As of"),
    "report.none": gettext_noop("No operations"),
    "report.drawer": gettext_noop("DRAWER"),
    "report.start": gettext_noop("At the start"),
    "report.sales": gettext_noop("Sales"),
    "report.in": gettext_noop("Cash in"),
    "report.refunds": gettext_noop("Refunds"),
    "report.out": gettext_noop("Cash out"),
    "report.other": gettext_noop("Corrections and sums owed"),
    "report.end": gettext_noop("At the end"),
    "report.device": gettext_noop("By the control device"),
    "report.count": gettext_noop("COUNT"),
    "report.counted": gettext_noop("Counted"),
    "report.expected": gettext_noop("Expected"),
    "report.difference": gettext_noop("Difference"),
    "report.counter": gettext_noop("Counted by {person}"),
    "report.undelivered": gettext_noop("Undelivered documents"),
    "report.oldest": gettext_noop("Waiting for the longest"),
    "report.unknown": gettext_noop("unknown"),
    "report.parties": gettext_noop("CLOSED WITH"),
    "report.ours": gettext_noop("By the till"),
    "report.theirs": gettext_noop("By the party"),
    "end.agreed": gettext_noop("agreed"),
    "end.not-agreed": gettext_noop("not agreed"),
    "end.unconfirmed": gettext_noop("unconfirmed"),
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
