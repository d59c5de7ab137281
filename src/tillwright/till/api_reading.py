"""Reading what programs send: bytes into typed values, or the fault that says what is wrong with them.

Strict on purpose. Money arrives here, so whatever two JSON libraries might read differently is refused
instead of guessed: a key that is named twice, a float or a boolean where a whole number belongs, NaN, numbers
that a double cannot hold, text that is no Unicode, characters that no receipt can show. A key that nobody
knows is refused too: it is a misspelt one.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET

from tillwright.catalogue.languages import FALLBACK, LANGUAGES, ours
from tillwright.kernel.fault import Fault, FaultError
from tillwright.kernel.keys import uid_from_text
from tillwright.kernel.masking import mask_cards
from tillwright.machine.decoding import decoder
from tillwright.till.api_wire import UNPRINTABLE, NewOperation

_T = TypeVar("_T")

MAXIMUM_BYTES = 1_048_576
"""The longest body of a request."""

_OPERATION = msgspec.json.Decoder(NewOperation)
_MAY_BE_LEFT_OUT = tuple(
    field.name for field in msgspec.structs.fields(NewOperation) if field.default is UNSET
)
_JSON_TYPE = re.compile(r"application/json\s*(;\s*charset\s*=\s*\"?utf-8\"?\s*)?", re.IGNORECASE)
_WAIT = re.compile(r"(?:^|[,;])\s*wait\s*=\s*\"?([0-9]{1,9})\"?\s*(?=$|[,;])", re.IGNORECASE)
_BEARER = re.compile(r"bearer +(\S+) *", re.IGNORECASE)
_WEIGHT = re.compile(r"\s*q\s*=\s*([01](?:\.[0-9]{0,3})?)\s*")
_UNPRINTABLE = re.compile(f"[{UNPRINTABLE}]")


def malformed(reason: str) -> FaultError:
    """The refusal of a request that cannot be read; card numbers in the reason are masked."""
    return FaultError(Fault("api.malformed", reason=mask_cards(reason)))


# ── the body ──────────────────────────────────────────────────────────────────────────────────────


def is_json(content_type: str) -> bool:
    """Whether a Content-Type says JSON in UTF-8."""
    return _JSON_TYPE.fullmatch(content_type.strip()) is not None


def new_operation(body: bytes) -> NewOperation:
    """What a program wants to begin, its uid in lower case. Raises FaultError(api.malformed)."""
    try:
        sent = _OPERATION.decode(body)
    except UnicodeDecodeError as error:
        raise malformed("the body is not UTF-8") from error
    except (msgspec.MsgspecError, RecursionError) as error:
        raise malformed(str(error)) from error
    if body.count(b":") != _keys_of(sent):
        _refuse_keys_named_twice(body)
    _refuse_unprintable(sent)
    return _with_plain_uid(sent)


def read(form: type[_T], body: bytes, *texts: str) -> _T:
    """What a program sends that is no operation: one of the other structures, each key once, nothing in these
    texts that cannot be printed. Raises FaultError(api.malformed).
    """
    try:
        sent = decoder(form).decode(body)
        json.loads(body.decode(), object_pairs_hook=once)
    except UnicodeDecodeError as error:
        raise malformed("the body is not UTF-8") from error
    except (msgspec.MsgspecError, RecursionError) as error:
        raise malformed(str(error)) from error
    for name in texts:
        text = getattr(sent, name)
        if text is not UNSET and _UNPRINTABLE.search(text):
            raise malformed(f"a character that cannot be printed - at `$.{name}`")
    return sent


def _keys_of(sent: NewOperation) -> int:
    """How many keys the body must have named if it named each once."""
    count = 3 + sum(getattr(sent, name) is not UNSET for name in _MAY_BE_LEFT_OUT)
    count += 2 * len(sent.tenders or ())
    for line in sent.lines or ():
        optional = (line.name, line.quantity_milli, line.price_minor, line.discount_minor, line.of)
        count += 2 + sum(value is not UNSET for value in optional)
    return count


def _refuse_keys_named_twice(body: bytes) -> None:
    """There are more colons than keys: a text has some, or a key stands twice, and the last would count."""
    json.loads(body.decode(), object_pairs_hook=once)


def once(pairs: list[tuple[str, Any]]) -> None:
    """For json.loads as its object_pairs_hook: a key that stands twice is refused."""
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise malformed(f"the key `{twice}` stands twice in an object")


def _refuse_unprintable(sent: NewOperation) -> None:
    if sent.reason is not UNSET and _UNPRINTABLE.search(sent.reason):
        raise malformed("a character that cannot be printed - at `$.reason`")
    for number, line in enumerate(sent.lines or ()):
        if _UNPRINTABLE.search(line.goods) or (line.name is not UNSET and _UNPRINTABLE.search(line.name)):
            raise malformed(f"a character that cannot be printed - at `$.lines[{number}]`")


def _with_plain_uid(sent: NewOperation) -> NewOperation:
    """The same with every uid in lower case."""
    told = {name: getattr(sent, name) for name in ("uid", "parent", "exchange", "count")}
    plain = {name: plain_uid(uid, name) for name, uid in told.items() if uid is not UNSET}
    changed = {name: uid for name, uid in plain.items() if uid != told[name]}
    return msgspec.structs.replace(sent, **changed) if changed else sent


def plain_uid(text: str, name: str) -> str:
    """A UUID in lower case. Raises FaultError(api.malformed), naming the field."""
    try:
        uid = uid_from_text(text)
    except ValueError as error:
        raise malformed(f"Expected a UUID - at `$.{name}`") from error
    if len(text) != len(uid):
        raise malformed(f"Expected a UUID - at `$.{name}`")
    return uid


# ── the headers ───────────────────────────────────────────────────────────────────────────────────


def bearer(authorization: str) -> str:
    """The token of an Authorization header; empty if it holds none."""
    found = _BEARER.fullmatch(authorization)
    return found[1] if found else ""


def wait_s(prefer: str) -> int | None:
    """The seconds of the first `wait` in a Prefer header (RFC 7240); None if there is none."""
    found = _WAIT.search(prefer)
    return int(found[1]) if found else None


@lru_cache(256)
def language_of(accept_language: str) -> str:
    """The one of our languages that a reader wants most; English for one who wants none of them."""
    wanted = [_weighed(part) for part in accept_language[:200].split(",")]
    ranked = sorted((one for one in wanted if one is not None), key=lambda one: -one[0])
    for thousandths, tag in ranked:
        if tag == "*" or (thousandths and tag.partition("-")[0] in LANGUAGES):
            return FALLBACK if tag == "*" else ours(tag)
    return FALLBACK


def _weighed(part: str) -> tuple[int, str] | None:
    """A language and how much it is wanted, in thousandths; None for what is no language."""
    tag, mark, parameter = part.partition(";")
    weight = _WEIGHT.fullmatch(parameter) if mark else None
    if mark and weight is None:
        return None
    whole, _, fraction = (weight[1] if weight else "1").partition(".")
    return int(whole) * 1000 + int(fraction.ljust(3, "0") or 0), tag.strip().lower().replace("_", "-")
