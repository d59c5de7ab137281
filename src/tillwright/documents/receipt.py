"""The receipt: what the customer takes away, as data. So are its kin: the receipt of a refund, of a void, and
the slip of cash put in or taken out.

It is made once, from the operation and its evidence, and stored together with its end. Paper, page and
copy are drawn from the stored one, so that a reprint years later says what the first print said, whatever
has changed in the program since: hence the schema number, and a reader for every schema ever written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from tillwright.operations.kinds import KINDS
from tillwright.operations.model import Leg, Operation
from tillwright.operations.states import LegState

SCHEMA = 2
"""The schema that is written now. 1 knew sales only: no discounts, reasons or originals."""

RECEIPT = "receipt"
REFUND_RECEIPT = "refund-receipt"
VOID_RECEIPT = "void-receipt"
CASH_SLIP = "cash-slip"

DOCUMENT_NUMBER = "document_number"
UNIQUE_NUMBER = "unique_number"
SERIAL = "serial"
DEVICE_AT_MS = "device_at_ms"
"""The names of the facts of evidence that stand on a receipt."""


class UnknownSchema(ValueError):
    """A stored receipt of a schema that this version cannot read (a newer one has written it)."""


class ReceiptLine(msgspec.Struct, frozen=True):
    """One line of goods: thousandths, and minor units. `total_minor` is what was paid, `discount_minor` what
    was taken off before.
    """

    goods: str
    name: str
    quantity_milli: int
    total_minor: int
    price_minor: int | None = None
    discount_minor: int = 0


class ReceiptTender(msgspec.Struct, frozen=True):
    """What the customer handed over."""

    kind: str
    amount_minor: int


class Registration(msgspec.Struct, frozen=True):
    """What the control device says of the document. `source`: reply, inquiry, witness or ruling."""

    document_number: str
    unique_number: str
    serial: str
    at_ms: int
    source: str


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """A receipt; sums in minor units of `currency`, times in ms UTC.

    `document`: RECEIPT, or which of its kin. `origin`: the unique number of the document that it takes back.
    `reason`: its short name from the pack's list. `approved_by`: who else agreed. `copy`: any print but the
    first.
    """

    schema: int = SCHEMA
    document: str = RECEIPT
    uid: str
    kind: str
    till: str
    number: int
    shift: int
    cashier: str
    started_ms: int
    ended_ms: int
    currency: str
    total_minor: int
    lines: tuple[ReceiptLine, ...]
    tenders: tuple[ReceiptTender, ...]
    change_minor: int
    registration: Registration | None = None
    heading: tuple[str, ...] = ()
    copy: bool = False
    origin: str = ""
    reason: str = ""
    approved_by: tuple[str, ...] = ()


def receipt_of(operation: Operation, heading: Sequence[str] = ()) -> Receipt:
    """The receipt of an operation as it stands; `heading` is the shop's name and address, a line each."""
    content = operation.content
    lines = (
        ReceiptLine(
            line.goods,
            line.name,
            line.quantity_milli,
            line.total_minor,
            line.price_minor,
            line.discount_minor,
        )
        for line in content.lines
    )
    kind = KINDS.get(operation.kind)
    return Receipt(
        document=RECEIPT if kind is None else kind.document,
        uid=operation.uid,
        kind=operation.kind,
        till=operation.till,
        number=operation.number,
        shift=operation.shift,
        cashier=operation.cashier,
        started_ms=operation.started_ms,
        ended_ms=operation.changed_ms if operation.ended_ms is None else operation.ended_ms,
        currency=content.currency,
        total_minor=content.total_minor,
        lines=tuple(lines),
        tenders=tuple(ReceiptTender(tender.kind, tender.amount_minor) for tender in content.tenders),
        change_minor=content.change_minor,
        registration=registration_of(operation.legs),
        heading=tuple(heading),
        origin=operation.origin,
        reason=content.reason,
        approved_by=operation.approved_by,
    )


def registration_of(legs: Sequence[Leg]) -> Registration | None:
    """What is known of the registered document; the last attempt that happened counts."""
    for leg in reversed(legs):
        if leg.commit_point and leg.state is LegState.DONE and leg.evidence is not None:
            facts = leg.evidence.facts
            return Registration(
                document_number=_text(facts, DOCUMENT_NUMBER),
                unique_number=_text(facts, UNIQUE_NUMBER),
                serial=_text(facts, SERIAL),
                at_ms=_moment(facts.get(DEVICE_AT_MS), leg.evidence.at_ms),
                source=leg.evidence.source.value,
            )
    return None


def _text(facts: Mapping[str, str | int], name: str) -> str:
    return str(facts.get(name, ""))


def _moment(told: str | int | None, otherwise_ms: int) -> int:
    return told if isinstance(told, int) else otherwise_ms


def copy_of(receipt: Receipt) -> Receipt:
    """The same receipt, for every print but the first."""
    return msgspec.structs.replace(receipt, copy=True)


# ── storage ────────────────────────────────────────────────────────────────────────────────────────────────


class _Stamp(msgspec.Struct):
    schema: int


_WRITER = msgspec.json.Encoder()
_STAMP = msgspec.json.Decoder(_Stamp)
_READERS: Mapping[int, msgspec.json.Decoder[Receipt]] = {
    1: msgspec.json.Decoder(Receipt),
    2: msgspec.json.Decoder(Receipt),
}


def encode(receipt: Receipt) -> bytes:
    """The bytes to store: JSON, whole numbers only, the schema first."""
    return _WRITER.encode(receipt)


def decode(stored: bytes) -> Receipt:
    """The stored receipt. Raises UnknownSchema, or msgspec.DecodeError for what is no receipt at all."""
    schema = _STAMP.decode(stored).schema
    if schema not in _READERS:
        raise UnknownSchema(f"a receipt of schema {schema}; this version reads up to {SCHEMA}")
    return _READERS[schema].decode(stored)
