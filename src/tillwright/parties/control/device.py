"""The device itself, without wires and without faults: it numbers, signs, counts, keeps, and answers by key.

The twin puts a line and misbehaviour around it. What it promises is in the table of the ports: a key is
registered once, can be asked for, and once said to be absent is refused for ever. It also guards its own
numbering: a till that says which number it holds is told when the two do not agree, and nothing is registered
until they do. So a device that came back from an old backup never gives a number away twice, and a till never
misses a document.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import UNSET, UnsetType

from tillwright.parties.control.messages import (
    DEPOSIT,
    KINDS,
    Counters,
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
    Sum,
    ToldProfile,
    decode_document,
)
from tillwright.parties.control.signing import Signer
from tillwright.parties.control.store import Exists, Fence, StoredDocument, TwinStore

PAGE_BYTES = 900_000
"""A page of documents ends before it gets longer than this, so that it always fits into a frame."""

LINES_MAX = 10_000
TENDERS_MAX = 50
TENDER_KIND_CHARACTERS_MAX = 40
CASH = "cash"
_SHIFT = Shift()


class Device:
    """One control device over its store. `wrote` counts the writes, so that the twin can tell whether a
    request made one.
    """

    def __init__(self, profile: DeviceProfile, store: TwinStore) -> None:
        self.profile = profile
        self.store = store
        self.wrote = 0
        self._signer = Signer(profile)
        self.load()

    def load(self) -> None:
        """Take everything up from the store, as after switching on."""
        serial = self.profile.serial
        self.last_number = self.store.last_number(serial)
        self.moment = self.store.last_moment(serial)
        self._sums: dict[str, dict[str, Sum]] = {}
        self._cash_minor = 0
        self.currency = self.profile.currency
        for text in self.store.texts(serial):
            self._count(decode_document(text))
        self._freeze()

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
            shift=_SHIFT,
            clock_ms=now_ms,
            **more,
        )

    def _told(self) -> ToldProfile:
        profile = self.profile
        return ToldProfile(profile.till, self.currency, profile.retention_ms, profile.fences)

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
        apart = self._apart(request.after)
        if apart is not None:
            return self._no(request, "register", now_ms, apart)
        wrong = self._contradiction(request)
        if wrong is not None:
            return self._no(request, "register", now_ms, "content", wrong)
        text = self._write(request, now_ms)
        return self.reply(request.id, "register", now_ms, key=request.key, document=text)

    def _apart(self, after: int | UnsetType) -> str | None:
        if after is UNSET or after == self.last_number:
            return None
        return "behind" if after > self.last_number else "ahead"

    def _contradiction(self, request: Register) -> str | None:
        """What is wrong with the content in itself, or for this device."""
        if request.kind not in KINDS:
            return "kind"
        if request.till != self.profile.till:
            return "till"
        if request.currency != (self.currency or request.currency):
            return "currency"
        if request.total_minor <= 0:
            return "total"
        if len(request.lines) > LINES_MAX or not _lines_add_up(request):
            return "lines"
        return None if _tenders_cover(request) else "tenders"

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
        """A float put in at the device itself; its document as signed text.

        Raises ValueError for a sum that is none, or in another currency than the device counts in.
        """
        if not 0 < amount_minor < 2**53:
            raise ValueError("a float is more than nothing")
        if currency != (self.currency or currency):
            raise ValueError(f"the device counts in {self.currency}")
        count = 1
        while self.store.document(self.profile.serial, self._float_key(count)) is not None:
            count += 1
        key, tenders = self._float_key(count), {CASH: amount_minor}
        return self._sign_and_keep(key, DEPOSIT, currency, amount_minor, tenders, 0, "", now_ms)

    def _float_key(self, count: int) -> str:
        return f"float.{self.profile.serial}.{count}"

    def _write(self, request: Register, now_ms: int) -> str:
        tenders: dict[str, int] = {}
        for tender in request.tenders:
            tenders[tender.kind] = tenders.get(tender.kind, 0) + tender.amount_minor
        change_minor = sum(tenders.values()) - request.total_minor
        if change_minor:
            tenders[CASH] = tenders.get(CASH, 0) - change_minor
        lines = len(request.lines)
        return self._sign_and_keep(
            request.key, request.kind, request.currency, request.total_minor, tenders, lines,
            request.content_hash, now_ms,
        )  # fmt: skip

    def _sign_and_keep(
        self,
        key: str,
        kind: str,
        currency: str,
        total_minor: int,
        tenders: Mapping[str, int],
        line_count: int,
        content_hash: str,
        now_ms: int,
    ) -> str:
        profile, number = self.profile, self.last_number + 1
        unique = self._signer.unique_number(number, key, total_minor, now_ms)
        document = Document(
            profile.serial, number, unique, key, kind, profile.till, currency, total_minor, tenders,
            line_count, content_hash, now_ms,
        )  # fmt: skip
        text = self._signer.write(document)
        self.store.add_documents((_stored(document, text, self.moment + 1),))
        self._took((document,))
        return text

    def _took(self, documents: tuple[Document, ...] | list[Document]) -> None:
        self.moment += 1
        self.wrote += 1
        for document in documents:
            self.last_number = document.number
            self._count(document)
        self._freeze()

    def _count(self, document: Document) -> None:
        self.currency = self.currency or document.currency
        by_tender = self._sums.setdefault(document.kind, {})
        for tender, amount_minor in document.tenders.items():
            old = by_tender.get(tender)
            count, so_far_minor = (old.count, old.sum_minor) if old else (0, 0)
            by_tender[tender] = Sum(count + 1, so_far_minor + amount_minor)
        self._cash_minor += document.tenders.get(CASH, 0)

    def _freeze(self) -> None:
        sums = {kind: dict(by_tender) for kind, by_tender in self._sums.items()}
        self.counters = Counters(self._cash_minor, self._cash_minor, sums)


def _lines_add_up(request: Register) -> bool:
    return request.kind == DEPOSIT or sum(line.total_minor for line in request.lines) == request.total_minor


def _tenders_cover(request: Register) -> bool:
    """What is handed over is enough, and the change can come out of the cash that was handed over."""
    handed_minor = cash_minor = 0
    if len(request.tenders) > TENDERS_MAX:
        return False
    for tender in request.tenders:
        if tender.amount_minor < 0 or not 0 < len(tender.kind) <= TENDER_KIND_CHARACTERS_MAX:
            return False
        handed_minor += tender.amount_minor
        cash_minor += tender.amount_minor if tender.kind == CASH else 0
    change_minor = handed_minor - request.total_minor
    return 0 <= change_minor <= cash_minor


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
    )  # fmt: skip
