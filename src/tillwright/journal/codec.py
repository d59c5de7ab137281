"""How operations and events are written down: JSON, strictly typed on the way back."""

from __future__ import annotations

import hashlib
from dataclasses import fields

import msgspec

from tillwright.operations.events import Event
from tillwright.operations.model import Content, Operation, Tender


class _Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line as it is written: what came later stands there only where it says something, so that what was
    written before still has the same form, and the same hash.
    """

    goods: str
    name: str
    quantity_milli: int
    total_minor: int
    price_minor: int | None
    of: int = 0
    discount_minor: int = 0


class _Content(msgspec.Struct, frozen=True, omit_defaults=True):
    currency: str
    total_minor: int
    lines: tuple[_Line, ...]
    tenders: tuple[Tender, ...]
    parent: str = ""
    exchange: str = ""
    shift: int = 0
    reason: str = ""
    count: str = ""
    after: int = 0


_EMPTY = Content("", 0, (), ())
_NAMES = tuple(field.name for field in fields(Operation) if field.name != "content")
_encoder = msgspec.json.Encoder()
_operation = msgspec.json.Decoder(Operation)
_content = msgspec.json.Decoder(Content)


def encode_content(content: Content) -> bytes:
    """The canonical form of what a till was asked to do: the same content gives the same bytes.

    What was added to a content later is left out where it says nothing, so that an old one keeps its hash.
    """
    lines = (
        _Line(
            line.goods, line.name, line.quantity_milli, line.total_minor, line.price_minor, line.of,
            line.discount_minor,
        )
        for line in content.lines
    )  # fmt: skip
    written = _Content(
        content.currency, content.total_minor, tuple(lines), content.tenders, content.parent,
        content.exchange, content.shift, content.reason, content.count, content.after,
    )  # fmt: skip
    return _encoder.encode(written)


def decode_content(body: bytes) -> Content:
    """The content from its canonical form."""
    return _content.decode(body)


def content_hash(kind: str, content: Content) -> str:
    """What tells 'the same request again' from 'the same uid with other content'."""
    return hashlib.sha256(kind.encode() + b"\n" + encode_content(content)).hexdigest()


def encode_operation(operation: Operation) -> bytes:
    """The current row of an operation, without its content (which has a column of its own)."""
    body = {name: getattr(operation, name) for name in _NAMES}
    body["content"] = _EMPTY
    return _encoder.encode(body)


def decode_operation(body: bytes, content: bytes) -> Operation:
    """The operation from its two columns."""
    operation = _operation.decode(body)
    values = {name: getattr(operation, name) for name in _NAMES}
    return Operation(content=_content.decode(content), **values)


def encode_event(event: Event) -> bytes:
    """The event as a JSON object of its fields; its happening's name stands in a column beside it."""
    return _encoder.encode(event)


def encode_facts(facts: object) -> bytes:
    """Facts of a fault as JSON."""
    return _encoder.encode(facts)


def decode_facts(body: bytes) -> dict[str, str | int]:
    """Facts of a fault back from JSON."""
    return msgspec.json.decode(body, type=dict[str, str | int])


def decode_body(body: bytes) -> dict[str, object]:
    """An event's fields as they were written, for showing."""
    return msgspec.json.decode(body, type=dict[str, object])


def encode_denominations(denominations: tuple[tuple[int, int], ...]) -> bytes:
    """How many of each note or coin."""
    return _encoder.encode(denominations)


def decode_denominations(body: bytes) -> tuple[tuple[int, int], ...]:
    """How many of each note or coin, as counted."""
    return msgspec.json.decode(body, type=tuple[tuple[int, int], ...])
