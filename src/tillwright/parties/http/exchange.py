"""What passes over an HTTP line: a request and its answer, as values, and what lets the two be believed.

TCP keeps the order of bytes and TLS keeps them whole; a line without TLS, or a party that answers twice,
keeps neither promise. So every message names the hash of its body (RFC 9530), every request has an id that
grows on its line, and every answer repeats the id of what it answers.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import parse_qsl, quote, urlencode

import msgspec
from msgspec import Struct

from tillwright.machine.decoding import decoder

BODY_BYTES_MAX = 1 << 20
"""The longest body of a request or an answer."""

DIGEST = b"content-digest"
REQUEST_ID = b"x-request-id"

_S = TypeVar("_S", bound=Struct)
Headers = Iterable[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """What is asked: a method, a target (path and query, percent-encoded), a JSON body or none."""

    method: str
    target: str
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What came back whole: a status and a JSON body."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class HttpFailure:
    """No answer that counts. `sent`: whether a byte of the request may have left.

    `cause`: 'no-network' or 'unreachable' (not sent), 'silent', 'broken' or 'garbled'.
    """

    sent: bool
    cause: str


class Garbled(ValueError):
    """A body is not JSON, or not of the form that was agreed, or says nothing of what was asked."""


def encode(message: Struct) -> bytes:
    """The message as JSON in UTF-8. Raises Garbled for a text that has no UTF-8 form."""
    try:
        return msgspec.json.encode(message)
    except (UnicodeEncodeError, msgspec.MsgspecError, OverflowError) as error:
        raise Garbled(str(error)) from error


def decode(body: bytes, form: type[_S]) -> _S:
    """The message in a body. Raises Garbled."""
    try:
        return decoder(form).decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Garbled(str(error)) from error


def decode_query(query: str, form: type[_S]) -> _S:
    """The message in the query of a target. Raises Garbled."""
    decoder(form)  # so that the form is known when it is converted
    try:
        return msgspec.convert(
            dict(parse_qsl(query, keep_blank_values=True, strict_parsing=True)), form, strict=False
        )
    except (msgspec.ValidationError, ValueError) as error:
        raise Garbled(str(error)) from error


def as_query(message: Struct) -> str:
    """The message as the query of a target; members at their default are left out where it says so."""
    return urlencode(msgspec.to_builtins(message), quote_via=quote)


def digest_of(body: bytes) -> bytes:
    """The value of the header Content-Digest for this body."""
    return b"sha-256=:" + base64.b64encode(hashlib.sha256(body).digest()) + b":"


def header(headers: Headers, name: bytes) -> bytes | None:
    """The value of a header (name in small letters), or None."""
    return next((value for known, value in headers if known == name), None)


def is_whole(headers: Headers, body: bytes) -> bool:
    """Whether the body is the one that its message names; an empty one need not be named."""
    said = header(headers, DIGEST)
    return not body if said is None else said == digest_of(body)


def id_of(headers: Headers) -> int | None:
    """The id that a message carries, or None."""
    said = header(headers, REQUEST_ID) or b""
    return int(said) if said.isdigit() and len(said) <= 16 else None


def length_of(headers: Headers) -> int:
    """The length that a message announces; 0 where it announces none."""
    said = header(headers, b"content-length") or b"0"
    return int(said) if said.isdigit() and len(said) <= 16 else 1 << 60
