"""What must hold between the books, document by document and key by key; pure.

Each rule is a generator over both books that yields a `Difference` for whatever does not agree. The rules
overlap on purpose: a row that somebody has changed shows in more than one place, and the first line of the
report should name the row itself, not only a sum that is off.

What may differ while work is under way is no difference: a document of an operation that is still open or
red, and an operation that ended after the device was read. It is listed as such.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from tillwright.demo.verify_reading import Books, DocumentRow, HeldRow, LegRow, OperationRow, PostingRow

UNFINISHED = frozenset({"open", "undoing", "red"})
DOCUMENT_OF_ACTION = {
    "register": "sale",
    "refund": "refund",
    "annul": "annulment",
    "deposit": "deposit",
    "withdraw": "withdrawal",
    "open": "shift-open",
    "close": "shift-close",
}
"""what a leg asks for → kind of its document at the device"""
WITHOUT_DOCUMENT = ("shift-open",)
WITHOUT_ENTRIES = ("shift-open", "shift-close")
SUM_DIFFERS = "sum-differs"
DRAWER, OWED, OVER_SHORT = "drawer", "owed", "over-short"

LOST = frozenset({"missing-at-device", "missing-in-journal", "missing-at-operator"})
DOUBLED = frozenset({"doubled-at-device", "posted-twice", "doubled-at-operator"})


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing on which the books do not agree. `off_minor` is by how much money, never netted."""

    what: str
    till: str
    key: str
    text: str
    currency: str = ""
    journal: int | str | None = None
    device: int | str | None = None
    off_minor: int = 0


@dataclass(frozen=True, slots=True)
class Unfinished:
    """An operation that has not ended: why the books may differ, and by how much."""

    till: str
    number: int
    uid: str
    state: str
    currency: str
    total_minor: int
    at_device: bool


class Comparison:
    """Both books of a folder, indexed for the rules."""

    def __init__(self, books: Books) -> None:
        self.journal = books.journal
        self.device = books.device
        self.operator = books.operator
        self.tills = books.tills
        self.mark = books.mark

    @cached_property
    def documents_of_key(self) -> Mapping[str, list[DocumentRow]]:
        """key → the documents that carry it (one, at most)."""
        found: dict[str, list[DocumentRow]] = defaultdict(list)
        for document in self.device.documents:
            found[document.key].append(document)
        return found

    @cached_property
    def legs_of_operation(self) -> Mapping[int, list[LegRow]]:
        """operation → its legs."""
        found: dict[int, list[LegRow]] = defaultdict(list)
        for leg in self.journal.legs:
            found[leg.operation].append(leg)
        return found

    @cached_property
    def leg_of_key(self) -> Mapping[str, LegRow]:
        """key → the leg that has it."""
        return {leg.key: leg for leg in self.journal.legs}

    @cached_property
    def last_numbers(self) -> Mapping[str, int]:
        """serial → the highest number at the device."""
        found: dict[str, int] = {}
        for document in self.device.documents:
            found[document.serial] = max(document.number, found.get(document.serial, 0))
        return found

    @cached_property
    def postings(self) -> Mapping[int, list[PostingRow]]:
        """operation → its entries, by account."""
        found: dict[int, list[PostingRow]] = defaultdict(list)
        for posting in self.journal.postings:
            found[posting.operation].append(posting)
        return found

    def documents_of(self, operation: OperationRow) -> list[DocumentRow]:
        """What the device holds of an operation."""
        legs = self.legs_of_operation.get(operation.id, [])
        return [document for leg in legs for document in self.documents_of_key.get(leg.key, [])]

    @cached_property
    def document_at(self) -> Mapping[tuple[str, int], DocumentRow]:
        """(serial, number) → the device's document."""
        return {(document.serial, document.number): document for document in self.device.documents}

    def is_taken_back(self, leg: LegRow) -> bool:
        """Whether another leg of its operation has taken it back."""
        others = self.legs_of_operation.get(leg.operation, [])
        return any(one.target == leg.leg and one.state == "done" for one in others)

    def standing(self, operation: OperationRow) -> list[DocumentRow]:
        """What the device holds of an operation, without what was taken back and what takes back."""
        legs = self.legs_of_operation.get(operation.id, [])
        kept = [leg.key for leg in legs if leg.target is None and not self.is_taken_back(leg)]
        return [document for key in kept for document in self.documents_of_key.get(key, [])]

    @cached_property
    def by_uid(self) -> Mapping[str, OperationRow]:
        """uid → operation."""
        return {operation.uid: operation for operation in self.journal.operations.values()}

    def operation_of_key(self, key: str) -> OperationRow | None:
        """The operation whose leg has this key."""
        leg = self.leg_of_key.get(key)
        return self.journal.operations.get(leg.operation) if leg is not None else None


Rule = Callable[[Comparison], Iterator[Difference]]


def differences(books: Books, rules: Iterable[Rule]) -> list[Difference]:
    """Everything on which the books of a folder do not agree, the plainest first."""
    both = Comparison(books)
    found = [difference for rule in rules for difference in rule(both)]
    return _swapped(_once(found))


def unfinished(books: Books) -> list[Unfinished]:
    """The operations that have not ended."""
    both = Comparison(books)
    return [
        Unfinished(
            one.till, one.number, one.uid, one.state, one.currency, one.total_minor, _is_there(both, one)
        )
        for one in books.journal.operations.values()
        if one.state in UNFINISHED
    ]


def _is_there(both: Comparison, operation: OperationRow) -> bool:
    return bool(both.documents_of(operation))


def _once(found: Iterable[Difference]) -> list[Difference]:
    """Two rules may find the same."""
    by_name = {(one.what, one.key, one.till): one for one in reversed(list(found))}
    return list(reversed(by_name.values()))


def _swapped(found: list[Difference]) -> list[Difference]:
    """Two sums that differ crosswise are one exchange."""
    sums = [one for one in found if one.what == SUM_DIFFERS]
    by_sums = {(one.currency, one.journal, one.device): one.key for one in sums}
    crosswise = {one.key: by_sums.get((one.currency, one.device, one.journal)) for one in sums}
    pairs = {key: other for key, other in crosswise.items() if other is not None}
    return [_as_swapped(one, pairs) if one.what == SUM_DIFFERS else one for one in found]


def _as_swapped(one: Difference, pairs: Mapping[str, str]) -> Difference:
    other = pairs.get(one.key)
    if other is None:
        return one
    return replace(one, what="swapped", text=f"{one.text}; the other way round at {other}: exchanged")


# ── documents and operations ────────────────────────────────────────────────────────────────────────────────


def documents(both: Comparison) -> Iterator[Difference]:
    """Every document of the device belongs to an operation of the journal that says the same."""
    for document in both.device.documents:
        operation = both.operation_of_key(document.key)
        if document.columns != document.told:
            yield _of_document("document-altered", document, "its row and its signed text do not agree")
        if operation is None:
            yield _missing_in_journal(document)
        elif operation.state not in UNFINISHED:
            yield from _one_document(both, document, operation)


def _of_document(what: str, document: DocumentRow, why: str) -> Difference:
    text = f"{_upper(document.name)} ({document.till}): {why}"
    return Difference(what, document.till, document.key, text, document.currency)


def _missing_in_journal(document: DocumentRow) -> Difference:
    why = "no operation of the journal has its key"
    found = _of_document("missing-in-journal", document, why)
    return replace(found, device=document.total_minor, off_minor=abs(document.total_minor))


def _one_document(both: Comparison, document: DocumentRow, operation: OperationRow) -> Iterator[Difference]:
    leg = both.leg_of_key[document.key]
    if leg.state != "done" and not both.is_taken_back(leg):
        why = f"{operation.name} ended {operation.state}, with this leg {leg.state}"
        found = _of_document("contradiction", document, why)
        yield replace(found, journal=leg.state, device="registered", off_minor=abs(document.total_minor))
        return
    yield from _compared(document, operation, leg)
    referred = (leg.serial, leg.number, leg.unique_number)
    real = (document.serial, document.number, document.unique_number)
    if referred != real:
        yield _of_document(
            "reference-differs", document, f"{operation.name} names another document as its own"
        )
    held = both.journal.held.get((document.serial, document.number))
    if held is None:
        yield _of_document(
            "not-held", document, f"the journal has no copy of it, though {operation.name} is done"
        )
    else:
        yield from _compared_copy(document, held)


def _compared(document: DocumentRow, operation: OperationRow, leg: LegRow) -> Iterator[Difference]:
    name = f"{_upper(document.name)}, {operation.name}"
    pairs = (
        ("currency-differs", operation.currency, document.currency),
        ("till-differs", operation.till, document.till),
        ("kind-differs", DOCUMENT_OF_ACTION.get(leg.action, leg.action), document.kind),
        ("content-differs", operation.content_hash, document.content_hash),
    )
    if operation.total_minor != document.total_minor:
        text = f"{name}: the journal has {operation.total_minor}, the device {document.total_minor}"
        yield Difference(
            SUM_DIFFERS, document.till, document.key, f"{text} (minor units)", operation.currency,
            operation.total_minor, document.total_minor, abs(operation.total_minor - document.total_minor),
        )  # fmt: skip
    for what, ours, theirs in pairs:
        if ours != theirs:
            text = f"{name}: the journal has {ours}, the device {theirs}"
            yield Difference(what, document.till, document.key, text, operation.currency, ours, theirs)


def _compared_copy(document: DocumentRow, held: HeldRow) -> Iterator[Difference]:
    same = (held.key, held.unique_number, held.digest)
    if same != (document.key, document.unique_number, document.digest):
        yield _of_document("copy-differs", document, "the journal's copy of it has other words")


def operations(both: Comparison) -> Iterator[Difference]:
    """Every operation that is done stands at the device, once."""
    for operation in both.journal.operations.values():
        held = both.standing(operation)
        wanted = operation.state == "done" and bool(both.legs_of_operation.get(operation.id))
        if wanted and not held and both.mark.had_ended(operation.id):
            text = f"{_upper(operation.name)} is done, and the device has no document of it"
            yield Difference(
                "missing-at-device", operation.till, _key(both, operation), text, operation.currency,
                operation.total_minor, None, operation.total_minor,
            )  # fmt: skip
        if len(held) > 1:
            yield _doubled(operation, held)


def _doubled(operation: OperationRow, held: list[DocumentRow]) -> Difference:
    numbers = ", ".join(f"{document.number} of {document.serial}" for document in held)
    text = f"{_upper(operation.name)} stands at the device {len(held)} times: documents {numbers}"
    more_minor = sum(document.total_minor for document in held[1:])
    return Difference(
        "doubled-at-device", operation.till, held[-1].key, text, operation.currency, 1, len(held), more_minor
    )


def _key(both: Comparison, operation: OperationRow) -> str:
    """The key that happened, or the newest."""
    legs = both.legs_of_operation.get(operation.id, [])
    done = [leg.key for leg in legs if leg.state == "done"]
    return (done or [leg.key for leg in legs] or [operation.uid])[-1]


def device_numbers(both: Comparison) -> Iterator[Difference]:
    """A device numbers without gaps, holds what we hold of it, and registers no key that it has fenced."""
    there = {(document.serial, document.number): document for document in both.device.documents}
    for serial, last in sorted(both.last_numbers.items()):
        for first, end in _gaps((place[1] for place in there if place[0] == serial), last):
            text = f"{_documents(first, end)} of device {serial} missing at the device, between others"
            yield Difference("number-missing", "", f"{serial}:{first}", text)
    for document in both.device.documents:
        if (document.serial, document.key) in both.device.fences:
            yield _of_document("fenced-and-registered", document, "its key is fenced as well")
    for place, held in both.journal.held.items():
        if place not in there and _should_be_there(both, held):
            yield _gone(both, held)


def _gaps(numbers: Iterable[int], last: int) -> Iterator[tuple[int, int]]:
    """The stretches (first, last) of 1 … last in which nothing is."""
    before = 0
    for number in [*sorted(number for number in numbers if number <= last), last + 1]:
        if number > before + 1:
            yield before + 1, number - 1
        before = number


def _documents(first: int, last: int) -> str:
    return f"Document {first}" if first == last else f"Documents {first} to {last}"


def _should_be_there(both: Comparison, held: HeldRow) -> bool:
    operation = both.operation_of_key(held.key)
    old = held.number <= both.last_numbers.get(held.serial, 0)
    return old or operation is None or both.mark.had_ended(operation.id)


def _gone(both: Comparison, held: HeldRow) -> Difference:
    operation = both.operation_of_key(held.key)
    till, currency = (operation.till, operation.currency) if operation is not None else ("", "")
    text = f"Document {held.number} of device {held.serial} is in the journal, and gone at the device"
    off_minor = operation.total_minor if operation is not None else 0
    return Difference("missing-at-device", till, held.key, text, currency, off_minor, None, off_minor)


def copies(both: Comparison) -> Iterator[Difference]:
    """Up to its mark, the journal holds every document of a device."""
    for serial, mark in sorted(both.journal.marks.items()):
        for number in range(1, mark + 1):
            if (serial, number) not in both.journal.held:
                text = (
                    f"Document {number} of device {serial}: the journal says that it holds it, and does not"
                )
                yield Difference("not-held", "", f"{serial}:{number}", text)
    for (serial, number), held in both.journal.held.items():
        if number > both.journal.marks.get(serial, 0) and held.key not in both.leg_of_key:
            text = f"Document {number} of device {serial}: a copy that nothing in the journal belongs to"
            yield Difference("copy-unknown", "", held.key, text)


# ── the journal in itself ───────────────────────────────────────────────────────────────────────────────────


def contents(both: Comparison) -> Iterator[Difference]:
    """An operation's total is the one of its content and of its lines; its events are all there."""
    for operation in both.journal.operations.values():
        key = _key(both, operation)
        for wanted in (operation.content_minor, operation.lines_minor):
            if wanted is not None and wanted != operation.total_minor:
                name, total_minor = _upper(operation.name), operation.total_minor
                text = f"{name}: its total is {total_minor}, and its content says {wanted}"
                yield Difference(
                    "total-altered", operation.till, key, text, operation.currency, operation.total_minor,
                    None, abs(wanted - operation.total_minor),
                )  # fmt: skip
        events = both.journal.events.get(operation.id, 0)
        if events != operation.version:
            text = f"{_upper(operation.name)} has seen {operation.version} events, and {events} are kept"
            yield Difference("events-differ", operation.till, key, text)
    for unknown in sorted(both.journal.events.keys() - both.journal.operations.keys()):
        text = f"Events of an operation that is not there (row {unknown})"
        yield Difference("events-differ", "", f"row {unknown}", text)


def keys(both: Comparison) -> Iterator[Difference]:
    """Every leg's key is kept for ever, and belongs to its operation."""
    for leg in both.journal.legs:
        if both.journal.keys.get(leg.key) != leg.operation:
            yield Difference("key-missing", "", leg.key, f"The key {leg.key} of a leg is not kept as its own")
    for key in sorted(both.journal.keys.keys() - both.leg_of_key.keys()):
        yield Difference("key-unknown", "", key, f"The key {key} belongs to no leg")


def receipts(both: Comparison) -> Iterator[Difference]:
    """A sale that a till began and that is done has its receipt, and the receipt says the same."""
    found = {receipt.operation: receipt for receipt in both.journal.receipts}
    for operation in both.journal.operations.values():
        receipt = found.pop(operation.id, None)
        key, name = _key(both, operation), _upper(operation.name)
        if receipt is None:
            begun = both.journal.first_events.get(operation.id) == "started"
            if operation.state == "done" and begun and operation.kind not in WITHOUT_DOCUMENT:
                yield Difference("receipt-missing", operation.till, key, f"{name} is done, without a receipt")
        elif (receipt.uid, receipt.total_minor) != (operation.uid, _total_told(operation)):
            yield Difference(
                "receipt-differs", operation.till, key, f"{name} has a receipt that says otherwise"
            )
        elif not operation.posted:
            yield Difference("receipt-without-done", operation.till, key, f"{name} has a receipt, undone")
    for row in sorted(found):
        yield Difference("receipt-differs", "", f"row {row}", f"A receipt of no operation (row {row})")


def _total_told(operation: OperationRow) -> int | None:
    """The total that stands on an operation's document; a Z and a correction slip have other sums."""
    return None if operation.kind in ("shift-close", "correction") else operation.total_minor


# ── the cash book ───────────────────────────────────────────────────────────────────────────────────────────


def entries(both: Comparison) -> Iterator[Difference]:
    """What is done is booked once, for its total, and adds up to nothing; what is not done is not booked, or
    was taken back again.
    """
    for operation in both.journal.operations.values():
        booked = both.postings.get(operation.id, [])
        stands = any(posting.sum_minor for posting in booked)
        if operation.state == "done" and not stands and wanted_entries(operation):
            text = f"{_upper(operation.name)} is done, and not in the cash book"
            yield _of_entries("entries-missing", both, operation, text, operation.total_minor)
        elif stands and not _may_be_booked(operation):
            text = f"{_upper(operation.name)} is in the cash book, and ended {operation.state}"
            yield _of_entries("entries-without-done", both, operation, text, _drawer_minor(booked))
        elif stands:
            yield from _entries_of(both, operation, booked)
    for row in sorted(both.postings.keys() - both.journal.operations.keys()):
        off_minor = abs(_drawer_minor(both.postings[row]))
        text = f"Entries of an operation that is not there (row {row})"
        yield Difference(
            "entries-without-done", both.postings[row][0].till, f"row {row}", text, off_minor=off_minor
        )


def _may_be_booked(operation: OperationRow) -> bool:
    """Done; or done once, and red again by contradicting evidence."""
    return operation.state == "done" or (operation.state in UNFINISHED and bool(operation.posted))


def _of_entries(
    what: str, both: Comparison, operation: OperationRow, text: str, off_minor: int
) -> Difference:
    return Difference(
        what, operation.till, _key(both, operation), text, operation.currency, off_minor=abs(off_minor)
    )


def wanted_entries(operation: OperationRow) -> dict[str, int]:
    """What an operation of this kind moves: account → sum; nothing for a shift."""
    total_minor = operation.total_minor
    paid_minor = total_minor - operation.exchange_minor
    moved = {
        "cash-sale": {DRAWER: paid_minor, OWED: operation.exchange_minor, "sales": -total_minor},
        "refund": {"refunds": total_minor, DRAWER: -paid_minor, OWED: -operation.exchange_minor},
        "void": {"refunds": total_minor, DRAWER: -total_minor},
        "cash-in": {DRAWER: total_minor, "deposits": -total_minor},
        "cash-out": {"withdrawals": total_minor, DRAWER: -total_minor},
        "payout": {OWED: total_minor, DRAWER: -total_minor},
        "correction": {DRAWER: total_minor, OVER_SHORT: -total_minor},
    }.get(operation.kind, {})
    if operation.owed:
        moved[OWED] = moved.get(OWED, 0) + moved.pop(DRAWER, 0)
    return {account: sum_minor for account, sum_minor in moved.items() if sum_minor}


def _entries_of(both: Comparison, operation: OperationRow, booked: list[PostingRow]) -> Iterator[Difference]:
    name, till = _upper(operation.name), operation.till
    total_minor = sum(posting.sum_minor for posting in booked)
    if total_minor != 0:
        text = f"{name}: its entries add up to {total_minor}"
        yield _of_entries("entries-unbalanced", both, operation, text, 0)
    found = {(one.till, one.currency, one.account): one.sum_minor for one in booked if one.sum_minor}
    wanted = {
        (till, operation.currency, account): sum_minor
        for account, sum_minor in wanted_entries(operation).items()
    }
    twice = max(posting.count for posting in booked)
    if found == wanted or found == _against_over_short(wanted):
        return
    if twice > 1 and found == {place: twice * sum_minor for place, sum_minor in wanted.items()}:
        text = f"{name} is in the cash book {twice} times"
        yield _of_entries("posted-twice", both, operation, text, (twice - 1) * operation.total_minor)
    else:
        off_minor = _drawer_minor(booked) - wanted.get((till, operation.currency, DRAWER), 0)
        text = f"{name}: its entries are not those of its total, {operation.total_minor}"
        yield _of_entries("entries-differ", both, operation, text, off_minor)


def _against_over_short(wanted: Mapping[tuple[str, str, str], int]) -> dict[tuple[str, str, str], int]:
    """The same posting when a correction has put its sum into the drawer already."""
    return {(*place[:2], OVER_SHORT if place[2] == DRAWER else place[2]): wanted[place] for place in wanted}


def _drawer_minor(booked: list[PostingRow]) -> int:
    return sum(posting.sum_minor for posting in booked if posting.account == DRAWER)


def balances(both: Comparison) -> Iterator[Difference]:
    """A balance is the sum of its entries."""
    summed: dict[tuple[str, str, str], int] = defaultdict(int)
    for posting in both.journal.postings:
        summed[posting.till, posting.currency, posting.account] += posting.sum_minor
    for place in sorted(summed.keys() | both.journal.balances.keys()):
        entries_minor, balance_minor = summed.get(place, 0), both.journal.balances.get(place)
        if balance_minor != entries_minor:
            till, currency, account = place
            shown = "missing" if balance_minor is None else balance_minor
            text = f"Balance {account} of {till}: {shown}, its entries: {entries_minor} (minor units)"
            off_minor = abs(entries_minor - (balance_minor or 0))
            yield Difference("balance-differs", till, account, text, currency, balance_minor, None, off_minor)


RULES: tuple[Rule, ...] = (
    operations, documents, device_numbers, copies, contents, keys, receipts, entries, balances,
)  # fmt: skip


# ── cash by till ────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class TillCash:
    """A till's cash as the device counts it (its documents, and what it has miscounted) and by our book;
    `explained_minor` is the part of their difference that operations account for which have not ended, or
    whose money is owed to a customer.
    """

    till: str
    currency: str
    device_minor: int
    book_minor: int
    explained_minor: int

    @property
    def unexplained_minor(self) -> int:
        """What nobody accounts for."""
        return self.device_minor - self.book_minor - self.explained_minor


def cash(books: Books) -> list[TillCash]:
    """Device and book, a row a till."""
    both = Comparison(books)
    counted: dict[tuple[str, str], int] = defaultdict(int)
    explained: dict[tuple[str, str], int] = defaultdict(int)
    for document in both.device.documents:
        counted[document.till, document.currency] += document.cash_minor
    for place, serial in sorted({((one.till, one.currency), one.serial) for one in both.device.documents}):
        counted[place] += both.device.miscounted.get(serial, 0)
    booked = {
        place[:2]: sum_minor for place, sum_minor in both.journal.balances.items() if place[2] == DRAWER
    }
    for operation in both.journal.operations.values():
        held_minor = sum(document.cash_minor for document in both.documents_of(operation))
        in_book_minor = _drawer_minor(both.postings.get(operation.id, []))
        if _explains(operation) or not both.mark.had_ended(operation.id):
            explained[operation.till, operation.currency] += held_minor - in_book_minor
    return [
        TillCash(*place, counted.get(place, 0), booked.get(place, 0), explained.get(place, 0))
        for place in sorted(counted.keys() | booked.keys())
    ]


def _explains(operation: OperationRow) -> bool:
    """Whether device and book may count it differently."""
    return operation.state in UNFINISHED or operation.owed or operation.kind == "payout"


def cash_differences(books: Books) -> list[Difference]:
    """Tills whose cash differs by more than such operations account for. The documents that make the
    difference have their own lines, and count there.
    """
    return [_of_cash(row) for row in cash(books) if row.unexplained_minor]


def _of_cash(row: TillCash) -> Difference:
    text = (
        f"Cash of {row.till}: {row.device_minor} by the device, {row.book_minor} by the book; "
        f"{row.unexplained_minor} (minor units) is not explained by operations that have not ended"
    )
    return Difference(
        "cash-differs", row.till, row.till, text, row.currency, row.book_minor, row.device_minor
    )


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
