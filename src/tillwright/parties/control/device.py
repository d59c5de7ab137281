"""The device itself, without wires and without faults: it numbers, signs, counts, keeps, and answers by key.

The twin puts a line and misbehaviour around it. What it promises is in the table of the ports: a key is
registered once, can be asked for, and once said to be absent is refused for ever. It also guards its own
numbering: a till that says which number it holds is told when the two do not agree, and nothing is registered
until they do. So a device that came back from an old backup never gives a number away twice, and a till never
misses a document.

Where its profile has shifts it registers only while one is open, and only for that one. It takes no more cash
out than it counts in the till, and annuls a sale once, in the shift of the sale.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from msgspec import UNSET, UnsetType

from tillwright.parties.control.counting import (
    CASH,
    DRAWER_KINDS,
    SHIFT_KINDS,
    Counting,
    cash_effect_minor,
    net_tenders,
)
from tillwright.parties.control.messages import (
    ANNULMENT,
    DEPOSIT,
    KINDS,
    SALE,
    SHIFT_OPEN,
    DeviceProfile,
    Document,
    Documents,
    Hello,
    Inquire,
    Register,
    ReplyMessage,
    Request,
    Restore,
    Shift,
    ToldProfile,
    decode_document,
)
from tillwright.parties.control.signing import Signer
from tillwright.parties.control.store import Exists, Fence, Miscount, StoredDocument, TwinStore

PAGE_BYTES = 900_000
"""A page of documents ends before it gets longer than this, so that it always fits into a frame."""

LINES_MAX = 10_000
ACKNOWLEDGED_EVERY = 20
"""So many acknowledgements are written down at once."""
No = tuple[str, str | None]
"""Why something is not done: a code, and the reason if it has one."""


@dataclass(frozen=True, slots=True)
class Unwilling:
    """What a device will not do though nothing speaks against it: `only` these requests ('register',
    'restore'), the next `left` times (0: always), and of documents only those above a sum.
    """

    reason: str
    only: frozenset[str] = frozenset({"register"})
    left: int = 0
    above_minor: int = 0


@dataclass(frozen=True, slots=True)
class _Draft:
    """A document before it is numbered and signed."""

    key: str
    kind: str
    currency: str
    total_minor: int
    tenders: Mapping[str, int]
    line_count: int = 0
    content_hash: str = ""
    of: str = ""
    shift: int = 0


class Device:
    """One control device over its store. `wrote` counts the writes, so that the twin can tell whether a
    request made one.
    """

    def __init__(self, profile: DeviceProfile, store: TwinStore) -> None:
        self.profile = profile
        self.store = store
        self.wrote = 0
        self.on_document: Callable[[], object] = _nothing
        """Called when documents have been written, before they are durable."""
        self.unwilling: Unwilling | None = None
        self._signer = Signer(profile)
        self.load()

    def load(self) -> None:
        """Take everything up from the store, as after switching on."""
        serial = self.profile.serial
        self.last_number = self.store.last_number(serial)
        self.moment = self.store.last_moment(serial)
        self._acknowledged = self._acknowledged_stored = self._acknowledged_of_ours()
        self._counting = Counting(self.profile.shifts)
        self.currency = self.profile.currency
        for text in self.store.texts(serial):
            self._count(decode_document(text))
        for miscount in self.store.miscounts(serial):
            self._counting.go_wrong(miscount.amount_minor, miscount.shift)
        self.counters = self._counting.counters()

    # ── requests ────────────────────────────────────────────────────────────────────────────────────────────

    def answer(self, request: Request, now_ms: int) -> ReplyMessage:
        """Do what is asked, durably, and say how it went. `now_ms` is what the device's own clock shows."""
        if isinstance(request, Register):
            return self._register(request, now_ms)
        if isinstance(request, Inquire):
            return self._inquire(request, now_ms)
        if isinstance(request, Documents):
            return self._page(request, now_ms)
        if isinstance(request, Restore):
            return self._restore(request, now_ms)
        if isinstance(request, Hello):
            return self.reply(request.id, "hello", now_ms, profile=self._told())
        return self.reply(request.id, "status", now_ms)

    def reply(self, request_id: int, do: str, now_ms: int, ok: bool = True, **more: Any) -> ReplyMessage:
        """A reply that says how the device stands, and more."""
        return ReplyMessage(
            id=request_id,
            do=do,
            ok=ok,
            serial=self.profile.serial,
            last_number=self.last_number,
            counters=self.counters,
            shift=self._counting.shift,
            clock_ms=now_ms,
            acknowledged=self.acknowledged,
            **more,
        )

    @property
    def shift(self) -> Shift:
        """Its newest shift."""
        return self._counting.shift

    @property
    def acknowledged(self) -> int | None:
        """All documents up to this one are at the operator; None without a line of its own."""
        if not self.profile.uplink:
            return None
        return self._acknowledged

    def _acknowledged_of_ours(self) -> int:
        """A device that came back from an old backup gives numbers anew, and those are not acknowledged."""
        number = self.store.acknowledged(self.profile.serial)
        if number > self.last_number:
            self.store.acknowledge(self.profile.serial, self.last_number)
        return min(number, self.last_number)

    def acknowledge(self, number: int) -> None:
        """The operator says that all documents up to this one are there; it may also go back.

        Written down now and then only: what is forgotten is delivered once more.
        """
        self._acknowledged = number = min(number, self.last_number)
        apart = abs(number - self._acknowledged_stored)
        if apart >= ACKNOWLEDGED_EVERY or (apart and number >= self.last_number):
            self._acknowledged_stored = number
            self.store.acknowledge(self.profile.serial, number)

    def _told(self) -> ToldProfile:
        profile = self.profile
        return ToldProfile(
            profile.till, self.currency, profile.retention_ms, profile.fences, profile.shifts,
            bool(profile.uplink),
        )  # fmt: skip

    def _no(
        self, request: Request, do: str, now_ms: int, code: str, reason: str | None = None
    ) -> ReplyMessage:
        key = request.key if isinstance(request, Register | Inquire) else None
        return self.reply(request.id, do, now_ms, ok=False, key=key, code=code, reason=reason)

    def _register(self, request: Register, now_ms: int) -> ReplyMessage:
        known = self.store.document(self.profile.serial, request.key)
        if known is not None:
            if not _same(known, request):
                return self._no(request, "register", now_ms, "key-conflict")
            return self.reply(request.id, "register", now_ms, key=request.key, document=known.text)
        if self.store.is_fenced(self.profile.serial, request.key):
            return self._no(request, "register", now_ms, "fenced")
        no = self._apart(request.after) or self._contradiction(request) or self._against(request)
        no = no or self._will_not("register", request.total_minor)
        if no is not None:
            return self._no(request, "register", now_ms, *no)
        text = self._write(request, now_ms)
        return self.reply(request.id, "register", now_ms, key=request.key, document=text)

    def _apart(self, after: int | UnsetType) -> No | None:
        if after is UNSET or after == self.last_number:
            return None
        return ("behind" if after > self.last_number else "ahead"), None

    def _contradiction(self, request: Register) -> No | None:
        """What is wrong with the content in itself, or for this device."""
        wrong = None
        if request.kind not in KINDS or (request.kind in SHIFT_KINDS and not self.profile.shifts):
            wrong = "kind"
        elif request.till != self.profile.till:
            wrong = "till"
        elif request.currency != (self.currency or request.currency):
            wrong = "currency"
        elif not _total_fits(request):
            wrong = "total"
        elif not _lines_add_up(request):
            wrong = "lines"
        elif net_tenders(request.kind, request.total_minor, request.tenders) is None:
            wrong = "tenders"
        return ("content", wrong) if wrong else None

    def _against(self, request: Register) -> No | None:
        """What speaks against it as the device stands now."""
        if self.profile.shifts:
            no = self._shift_against(request)
            if no is not None:
                return no
        if request.kind == ANNULMENT:
            no = self._original_against(request)
            if no is not None:
                return no
        paid = net_tenders(request.kind, request.total_minor, request.tenders) or {}
        if self._counting.cash_till_minor + cash_effect_minor(request.kind, paid) < 0:
            return "negative-balance", None
        return None

    def _will_not(self, do: str, total_minor: int) -> No | None:
        unwilling = self.unwilling
        if unwilling is None or do not in unwilling.only or total_minor < unwilling.above_minor:
            return None
        if unwilling.left == 1:
            self.unwilling = None
        elif unwilling.left:
            self.unwilling = replace(unwilling, left=unwilling.left - 1)
        return "content", unwilling.reason

    def _shift_against(self, request: Register) -> No | None:
        shift, wanted = self._counting.shift, request.shift
        if request.kind == SHIFT_OPEN:
            if shift.state == "open":
                return "shift-open", None
            return ("content", "shift") if wanted and wanted <= shift.number else None
        if shift.state != "open":
            return "shift-closed", None
        return ("content", "shift") if wanted and wanted != shift.number else None

    def _original_against(self, request: Register) -> No | None:
        """Whether the sale that is to be annulled is one, of this shift, and still whole."""
        original = self.store.by_unique_number(self.profile.serial, request.of) if request.of else None
        if original is None or original.kind != SALE:
            return "of", "unknown"
        if original.shift != self._counting.shift.number:
            return "of", "shift"
        if self.store.followed(self.profile.serial, request.of):
            return "of", "followed"
        return ("of", "total") if original.total_minor != request.total_minor else None

    def _inquire(self, request: Inquire, now_ms: int) -> ReplyMessage:
        known = self.store.document(self.profile.serial, request.key)
        if known is not None:
            return self.reply(request.id, "inquire", now_ms, key=request.key, found=True, document=known.text)
        if request.after is not UNSET and request.after > self.last_number:
            return self._no(request, "inquire", now_ms, "behind")
        fenced = self.store.is_fenced(self.profile.serial, request.key)
        if request.fence and self.profile.fences and not fenced:
            self.moment += 1
            self.store.add_fence(Fence(self.profile.serial, request.key, now_ms, self.moment))
            self.wrote += 1
            fenced = True
        return self.reply(request.id, "inquire", now_ms, key=request.key, found=False, fenced=fenced)

    def _page(self, request: Documents, now_ms: int) -> ReplyMessage:
        texts: list[str] = []
        size = 0
        for document in self.store.documents(self.profile.serial, request.above, request.limit):
            size += 2 * len(document.text)
            if texts and size > PAGE_BYTES:
                break
            texts.append(document.text)
        more = request.above + len(texts) < self.last_number
        return self.reply(request.id, "documents", now_ms, documents=texts, more=more)

    # ── handing back ────────────────────────────────────────────────────────────────────────────────────────

    def _restore(self, request: Restore, now_ms: int) -> ReplyMessage:
        if self._will_not("restore", 0) is not None:
            return self._no(request, "restore", now_ms, "signature", str(self.last_number + 1))
        taken: list[StoredDocument] = []
        documents: list[Document] = []
        for number, text in enumerate(request.documents, start=self.last_number + 1):
            document = self._signer.verified(text)
            if document is None:
                return self._no(request, "restore", now_ms, "signature", str(number))
            if document.number != number:
                return self._no(request, "restore", now_ms, "number", str(number))
            taken.append(_stored(document, text, self.moment + 1))
            documents.append(document)
        if taken:
            try:
                self.store.add_documents(taken)
            except Exists:
                return self._no(request, "restore", now_ms, "restored-key")
            self._took(documents)
        return self.reply(request.id, "restore", now_ms)

    # ── writing ─────────────────────────────────────────────────────────────────────────────────────────────

    def deposit(self, currency: str, amount_minor: int, now_ms: int) -> str:
        """A float put in at the device itself, also while no shift is open; its document as signed text.

        Raises ValueError for a sum that is none, or in another currency than the device counts in.
        """
        if not 0 < amount_minor < 2**53:
            raise ValueError("a float is more than nothing")
        if currency != (self.currency or currency):
            raise ValueError(f"the device counts in {self.currency}")
        count = 1
        while self.store.document(self.profile.serial, self._float_key(count)) is not None:
            count += 1
        shift = self._counting.shift
        number = shift.number if shift.state == "open" else 0
        draft = _Draft(
            self._float_key(count), DEPOSIT, currency, amount_minor, {CASH: amount_minor}, shift=number
        )
        return self._sign_and_keep(draft, now_ms)

    def begin_shift(self, number: int, currency: str, now_ms: int) -> None:
        """It has worked elsewhere before: this shift of it is open."""
        key = f"shift.{self.profile.serial}.{number}"
        self._sign_and_keep(_Draft(key, SHIFT_OPEN, currency, 0, {}, shift=number), now_ms)

    def miscount(self, amount_minor: int) -> None:
        """From now on the cash counters are wrong by so much, and no document tells why.

        Raises ValueError for nothing at all.
        """
        if amount_minor == 0 or abs(amount_minor) >= 2**53:
            raise ValueError("a counter goes wrong by something")
        self.moment += 1
        self.wrote += 1
        shift = self._counting.shift.number
        self.store.add_miscount(Miscount(self.profile.serial, amount_minor, shift, self.moment))
        self._counting.go_wrong(amount_minor, shift)
        self.counters = self._counting.counters()

    def _float_key(self, count: int) -> str:
        return f"float.{self.profile.serial}.{count}"

    def _write(self, request: Register, now_ms: int) -> str:
        shift = self._counting.shift.number
        if request.kind == SHIFT_OPEN:
            shift = request.shift or shift + 1
        tenders = net_tenders(request.kind, request.total_minor, request.tenders) or {}
        draft = _Draft(
            request.key, request.kind, request.currency, request.total_minor, tenders, len(request.lines),
            request.content_hash, request.of, shift,
        )  # fmt: skip
        return self._sign_and_keep(draft, now_ms)

    def _sign_and_keep(self, draft: _Draft, now_ms: int) -> str:
        profile, number = self.profile, self.last_number + 1
        unique = self._signer.unique_number(number, draft.key, draft.total_minor, now_ms)
        document = Document(
            profile.serial, number, unique, draft.key, draft.kind, profile.till, draft.currency,
            draft.total_minor, draft.tenders, draft.line_count, draft.content_hash, now_ms, draft.of,
            draft.shift,
        )  # fmt: skip
        text = self._signer.write(document)
        self.store.add_documents((_stored(document, text, self.moment + 1),))
        self._took((document,))
        return text

    def _took(self, documents: Sequence[Document]) -> None:
        self.moment += 1
        self.wrote += 1
        for document in documents:
            self.last_number = document.number
            self._count(document)
        self.counters = self._counting.counters()
        self.on_document()

    def _count(self, document: Document) -> None:
        self.currency = self.currency or document.currency
        self._counting.take(document)


def _nothing() -> None:
    """Nobody listens."""


def _total_fits(request: Register) -> bool:
    """A shift is opened or closed without a sum; everything else has one."""
    return request.total_minor == 0 if request.kind in SHIFT_KINDS else request.total_minor > 0


def _lines_add_up(request: Register) -> bool:
    if len(request.lines) > LINES_MAX:
        return False
    if request.kind in DRAWER_KINDS:
        return True
    return sum(line.total_minor for line in request.lines) == request.total_minor


def _same(known: StoredDocument, request: Register) -> bool:
    return (
        known.content_hash == request.content_hash
        and known.total_minor == request.total_minor
        and known.kind == request.kind
        and known.currency == request.currency
        and known.till == request.till
    )


def _stored(document: Document, text: str, moment: int) -> StoredDocument:
    return StoredDocument(
        document.serial, document.number, document.key, document.unique_number, document.kind, document.till,
        document.currency, document.total_minor, document.content_hash, document.registered_ms, text, moment,
        document.shift, document.of, cash_effect_minor(document.kind, document.tenders),
    )  # fmt: skip
