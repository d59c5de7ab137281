"""Every document that is stored, under one reader: what a stored one says of itself decides what it is.

The first receipts did not say: what has no `document` in it is a receipt.
"""

from __future__ import annotations

import msgspec

from tillwright.documents import receipt as receipts
from tillwright.documents.correction import CORRECTION_SLIP, CorrectionSlip
from tillwright.documents.receipt import Receipt, UnknownSchema
from tillwright.documents.report import X_REPORT, Z_REPORT, ShiftReport

Document = Receipt | ShiftReport | CorrectionSlip


class _Stamp(msgspec.Struct):
    schema: int
    document: str = receipts.RECEIPT


_STAMP = msgspec.json.Decoder(_Stamp)
_WRITER = msgspec.json.Encoder()
_REPORT = msgspec.json.Decoder(ShiftReport)
_CORRECTION = msgspec.json.Decoder(CorrectionSlip)


def encode(document: Document) -> bytes:
    """The bytes to store: JSON, whole numbers only, the schema first."""
    return _WRITER.encode(document)


def decode(stored: bytes) -> Document:
    """The stored document. Raises UnknownSchema, or msgspec.DecodeError for what is no document at all."""
    stamp = _STAMP.decode(stored)
    if stamp.document in (X_REPORT, Z_REPORT):
        return _REPORT.decode(_of_schema_1(stamp, stored))
    if stamp.document == CORRECTION_SLIP:
        return _CORRECTION.decode(_of_schema_1(stamp, stored))
    return receipts.decode(stored)


def _of_schema_1(stamp: _Stamp, stored: bytes) -> bytes:
    if stamp.schema != 1:
        raise UnknownSchema(f"a {stamp.document} of schema {stamp.schema}; this version reads 1")
    return stored


def copy_of(document: Document) -> Document:
    """The same document, for every print but the first."""
    return msgspec.structs.replace(document, copy=True)


def people_of(document: Document) -> tuple[str, ...]:
    """Everybody whom the document names, by the number that operations carry, each once."""
    if isinstance(document, ShiftReport):
        counter = () if document.counted is None else (document.counted.person,)
        named: tuple[str, ...] = (document.opened_by, document.closed_by, *counter)
    elif isinstance(document, CorrectionSlip):
        named = (document.person, *document.approved_by)
    else:
        named = (document.cashier, *document.approved_by)
    return tuple(dict.fromkeys(person for person in named if person))
