"""The audit chain: a log that nobody can quietly change.

Each entry carries the hash of the one before it, so a change anywhere breaks every later link: to hide one
edit, somebody must rewrite the whole rest. The newest hash (the head) is signed with a key that stands in a
file outside the database, so whoever rewrites the rest cannot sign what comes of it. And the signed head is
kept in a second place, so cutting entries off at the end, or putting an old copy of the database back, shows
as well.

    entry 1 ──hash──▶ entry 2 ──hash──▶ … ──hash──▶ entry n ──signature──▶ head, in the database and beside it

An entry's hash is SHA-256 over the hash before it and the canonical JSON of its number, time, person, event
and facts. The facts count as the very text that is stored, so no two readings of JSON can be set against each
other. Who holds both the database and the key can write what they like; that is what the second place and its
backups are for.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from tillwright.kernel.fault import Fact

GENESIS = "0" * 64
"""What the first entry names as the hash before it."""
SHORTEST_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One entry. `number` from 1 without gaps; `who` the person's number, or a till or program; `what` the
    event's name; `facts` canonical JSON; `previous` and `hash` 64 hexadecimal digits.
    """

    number: int
    at_ms: int
    who: str
    what: str
    facts: str
    previous: str
    hash: str


def entry(
    previous_hash: str, number: int, at_ms: int, who: str, what: str, facts: Mapping[str, Fact]
) -> AuditEntry:
    """The entry that follows the one with this hash (GENESIS for the first).

    Raises ValueError for a number below 1, a hash of another form, or an empty `what`; TypeError for a fact
    that is neither text nor whole number.
    """
    if number < 1 or not what:
        raise ValueError("an entry has a number from 1 and says what happened")
    if len(previous_hash) != len(GENESIS):
        raise ValueError("the hash before an entry has 64 hexadecimal digits")
    text = canonical(facts)
    return AuditEntry(
        number, at_ms, who, what, text, previous_hash, _hash(previous_hash, number, at_ms, who, what, text)
    )


def canonical(facts: Mapping[str, Fact]) -> str:
    """Facts as the text that is stored: keys in order, no blanks, letters as they are."""
    for name, value in facts.items():
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise TypeError(f"fact {name} is a {type(value).__name__}; facts are texts or whole numbers")
    return _json(dict(facts))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _hash(previous: str, number: int, at_ms: int, who: str, what: str, facts: str) -> str:
    told = f"{previous}\n{_json([number, at_ms, who, what, facts])}"
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()


def true_hash(one: AuditEntry) -> str:
    """The hash that the entry's fields give, whatever it says itself."""
    return _hash(one.previous, one.number, one.at_ms, one.who, one.what, one.facts)


# ── the head ──────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Head:
    """The newest entry, signed. Of an empty chain the number is 0 and the hash GENESIS."""

    number: int
    hash: str
    signature: str

    def text(self) -> str:
        """One line: number, hash, signature."""
        return f"{self.number} {self.hash} {self.signature}"


EMPTY = (0, GENESIS)
"""Number and hash of a chain without entries."""


def sign(key: bytes, number: int, hash_text: str) -> Head:
    """The head with this number and hash, signed (HMAC-SHA-256). ValueError for a key below 32 bytes."""
    if len(key) < SHORTEST_KEY_BYTES:
        raise ValueError(f"a key of the audit chain has at least {SHORTEST_KEY_BYTES} bytes")
    told = f"audit head\n{number}\n{hash_text}".encode()
    return Head(number, hash_text, hmac.new(key, told, hashlib.sha256).hexdigest())


def is_signed(key: bytes, head: Head) -> bool:
    """Whether the signature is that of the key."""
    return hmac.compare_digest(sign(key, head.number, head.hash).signature, head.signature)


def parse_head(text: str) -> Head:
    """A head from its line; ValueError for anything else."""
    parts = text.split()
    if len(parts) != 3 or not (parts[0].isascii() and parts[0].isdigit()):
        raise ValueError("not the line of an audit head")
    return Head(int(parts[0]), parts[1], parts[2])


# ── verifying ─────────────────────────────────────────────────────────────────────────────────────


class Break(Enum):
    """How a chain can be broken."""

    MISSING = "missing"
    """the entry with this number is not there, though a later one is"""
    CHANGED = "changed"
    """its fields do not give its hash"""
    MOVED = "moved"
    """it is an entry that stood elsewhere in the chain: neither its place nor its link fits"""
    UNLINKED = "unlinked"
    """it is whole, but follows another entry than the one before it: that one was rewritten"""
    CUT_OFF = "cut-off"
    """the signed head names it, and the chain ends before it"""
    REWRITTEN = "rewritten"
    """the signed head has another hash for it: it, or something before it, was written anew"""
    UNSIGNED = "unsigned"
    """it stands after the signed head: whoever added it had no key"""
    FORGED = "forged"
    """the head that names it is not signed with the station's key"""
    NO_HEAD = "no-head"
    """there are entries and no head"""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check has found. `count` entries were read; the first broken one and how, or None and None;
    `place` names the head that told so ('' where the chain itself did).
    """

    count: int
    head_hash: str
    number: int | None = None
    broken: Break | None = None
    place: str = ""

    @property
    def whole(self) -> bool:
        """Whether nothing is broken."""
        return self.broken is None


class _Walk:
    """Goes along the chain once, however long it is, and remembers the hashes that heads name."""

    def __init__(self, numbers: Iterable[int]) -> None:
        self.count = 0
        self.last = GENESIS
        self.seen = {0: GENESIS}
        self._wanted = frozenset(numbers)

    def step(self, one: AuditEntry) -> Break | None:
        """Take the next entry; how it breaks the chain."""
        broken = self._broken(one)
        if broken is None:
            self.count, self.last = one.number, one.hash
            if one.number in self._wanted:
                self.seen[one.number] = one.hash
        return broken

    def _broken(self, one: AuditEntry) -> Break | None:
        if one.number != self.count + 1:
            return Break.MISSING if one.number > self.count else Break.MOVED
        linked, true = one.previous == self.last, one.hash == true_hash(one)
        if linked and true:
            return None
        if true:
            return Break.UNLINKED
        return Break.CHANGED if linked else Break.MOVED


def verify(
    entries: Iterable[AuditEntry], key: bytes, own: Head | None, others: Mapping[str, Head | None]
) -> Verdict:
    """Check a chain, its entries in the order of their numbers.

    `own` is the head that stands with the entries: it is written in the same commit, so it must name the very
    last one. `others` are heads kept elsewhere (name of the place → head): each must name an entry of the
    chain, and may be some entries behind. Names the first entry that is broken.
    """
    heads = {"database": own, **others}
    walk = _Walk(head.number for head in heads.values() if head is not None)
    for one in entries:
        broken = walk.step(one)
        if broken is not None:
            return Verdict(walk.count, walk.last, walk.count + 1, broken)
    found = [told for place, head in heads.items() if (told := _against(walk, key, place, head)) is not None]
    if own is not None and own.number < walk.count:
        found.append(_told(walk, own.number + 1, Break.UNSIGNED, "database"))
    return min(found, key=lambda told: told.number or 0, default=Verdict(walk.count, walk.last))


def _against(walk: _Walk, key: bytes, place: str, head: Head | None) -> Verdict | None:
    """What a head says against the chain."""
    if head is None:
        return _told(walk, walk.count, Break.NO_HEAD, place) if walk.count else None
    if not is_signed(key, head):
        return _told(walk, head.number, Break.FORGED, place)
    if head.number > walk.count:
        return _told(walk, walk.count + 1, Break.CUT_OFF, place)
    return None if walk.seen[head.number] == head.hash else _told(walk, head.number, Break.REWRITTEN, place)


def _told(walk: _Walk, number: int, broken: Break, place: str) -> Verdict:
    return Verdict(walk.count, walk.last, number, broken, place)
