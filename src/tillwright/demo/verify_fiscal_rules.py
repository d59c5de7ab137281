"""What must hold of the operator's book, of deliveries, refunds, shifts and the audit chain; pure.

Rules like those of `verify_rules`, over the same comparison, for what came with the fiscal till.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace

from tillwright.demo.verify_fiscal_reading import GENESIS, BookedRow, Head, OperatorRow, ZRow
from tillwright.demo.verify_reading import Books, DocumentRow, OperationRow
from tillwright.demo.verify_rules import DRAWER, Comparison, Difference, Rule

TAKES_BACK = ("refund", "void")
NOWHERE = ("refused", "undone")
_SIGN = {"sales": -1, "refunds": 1, "deposits": -1, "withdrawals": 1}


# ── the operator ────────────────────────────────────────────────────────────────────────────────────────────


def at_operator(both: Comparison) -> Iterator[Difference]:
    """Whatever the operator holds, its device has written, once, in the same words."""
    keys: Counter[tuple[str, str]] = Counter()
    for row in both.operator.documents if both.operator is not None else ():
        document = both.document_at.get((row.serial, row.number))
        keys[row.serial, row.key] += 1
        if row.columns != row.told:
            yield _of_row("operator-altered", row, "its row at the operator and its signed text do not agree")
        if keys[row.serial, row.key] > 1:
            found = _of_row("doubled-at-operator", row, "the operator has its key more than once")
            yield replace(found, off_minor=abs(row.total_minor))
        if document is None:
            found = _of_row("operator-surplus", row, "the operator has it, and its device does not")
            yield replace(found, device=None, off_minor=abs(row.total_minor))
        else:
            yield from _same(row, document)


def _of_row(what: str, row: OperatorRow, why: str) -> Difference:
    text = f"Document {row.number} of device {row.serial} ({row.till}): {why}"
    return Difference(what, row.till, row.key, text, row.currency)


def _same(row: OperatorRow, document: DocumentRow) -> Iterator[Difference]:
    if row.total_minor != document.total_minor:
        text = (
            f"Document {row.number} of device {row.serial}: the operator has {row.total_minor}, the device "
            f"{document.total_minor} (minor units)"
        )
        yield Difference(
            "operator-sum-differs", row.till, row.key, text, row.currency, row.total_minor,
            document.total_minor, abs(row.total_minor - document.total_minor),
        )  # fmt: skip
    ours = (row.unique_number, row.key, row.kind, row.till, row.currency)
    theirs = (
        document.unique_number, document.key, document.kind, document.till, document.currency,
    )  # fmt: skip
    if ours != theirs or row.digest != document.digest:
        yield _of_row("operator-copy-differs", row, "the operator's copy of it has other words")


def deliveries(both: Comparison) -> Iterator[Difference]:
    """Every document that is held is owed to the operator or was brought to it; what was brought is there."""
    queued = {(row.serial, row.number): row for row in both.tills.outbox}
    for place, held in both.journal.held.items():
        if queued and place not in queued:
            text = f"Document {held.number} of device {held.serial} is held, and nobody owes it the operator"
            yield Difference("not-queued", "", held.key, text)
    for place, row in queued.items():
        document = both.document_at.get(place)
        if place not in both.journal.held:
            text = f"Document {row.number} of device {row.serial} is queued, and not held"
            yield Difference("queued-unknown", row.till, f"{row.serial}:{row.number}", text)
        elif document is not None and document.total_minor != row.total_minor:
            text = (
                f"Document {row.number} of device {row.serial} is queued with {row.total_minor} (minor units)"
            )
            yield Difference("queued-sum-differs", row.till, document.key, text, document.currency)
    yield from _brought(both)


def _brought(both: Comparison) -> Iterator[Difference]:
    if both.operator is None:
        return
    there = {(row.serial, row.number) for row in both.operator.documents}
    for serial, number in sorted(both.mark.delivered - there - both.operator.refused):
        document = both.document_at.get((serial, number))
        text = f"Document {number} of device {serial} was delivered, and the operator does not have it"
        till, key = (document.till, document.key) if document is not None else ("", f"{serial}:{number}")
        off_minor = abs(document.total_minor) if document is not None else 0
        yield Difference("missing-at-operator", till, key, text, off_minor=off_minor)


def undelivered(books: Books) -> list[DocumentRow]:
    """The devices' documents that the operator does not have; none where the shop has no operator."""
    if books.operator is None:
        return []
    there = {(row.serial, row.number) for row in books.operator.documents}
    return [one for one in books.device.documents if (one.serial, one.number) not in there]


# ── refunds ─────────────────────────────────────────────────────────────────────────────────────────────────


def refunds(both: Comparison) -> Iterator[Difference]:
    """What goes back of a sale is never more than the sale, in all and by line, and is kept as taken."""
    takers: dict[str, list[OperationRow]] = defaultdict(list)
    for operation in both.journal.operations.values():
        if operation.kind in (*TAKES_BACK, "payout") and operation.state not in NOWHERE and operation.parent:
            takers[operation.parent].append(operation)
    for uid, found in takers.items():
        parent = both.by_uid.get(uid)
        if parent is None:
            yield _of_operation("parent-unknown", found[0], "takes back an operation that is not there")
        else:
            yield from _not_above(parent, found)
            yield from _references(both, parent, found)
    yield from _kept_as_taken(both, takers)


def _of_operation(what: str, operation: OperationRow, why: str, off_minor: int = 0) -> Difference:
    text = f"{operation.name[:1].upper()}{operation.name[1:]} {why}"
    return Difference(
        what, operation.till, operation.uid, text, operation.currency, operation.total_minor,
        off_minor=off_minor,
    )  # fmt: skip


def _not_above(parent: OperationRow, takers: list[OperationRow]) -> Iterator[Difference]:
    back_minor = sum(one.total_minor for one in takers)
    if back_minor > parent.total_minor:
        why = f"came to {parent.total_minor}, and {back_minor} of it went back (minor units)"
        yield _of_operation("refund-exceeds-sale", parent, why, back_minor - parent.total_minor)


def _references(both: Comparison, parent: OperationRow, takers: list[OperationRow]) -> Iterator[Difference]:
    """The device's document of a refund names that of the sale."""
    origins = {document.unique_number for document in both.documents_of(parent)}
    for taker in takers:
        for document in both.standing(taker):
            if document.of not in origins:
                yield _of_operation("origin-differs", taker, "names another document than its sale's")


def _kept_as_taken(both: Comparison, takers: dict[str, list[OperationRow]]) -> Iterator[Difference]:
    kept = {row.operation: row for row in both.tills.taken}
    for uid, found in takers.items():
        parent = both.by_uid.get(uid)
        row = kept.pop(parent.id, None) if parent is not None else None
        if parent is None:
            continue
        taken_minor = row.taken_minor + row.beyond_minor if row is not None else 0
        if taken_minor != sum(one.total_minor for one in found):
            yield _of_operation("taken-differs", parent, f"is kept as taken back by {taken_minor}")
        elif row is not None and row.total_minor != parent.total_minor:
            yield _of_operation("taken-differs", parent, f"is kept as a sale of {row.total_minor}")
        elif row is not None and row.lines and _some(_lines_taken(both, found)) != _some(row.lines):
            yield _of_operation("taken-differs", parent, "has lines that are kept as taken otherwise")
    for row in kept.values():
        if row.taken_minor or row.beyond_minor:
            text = f"{row.taken_minor} is kept as taken of an operation that nothing takes back"
            yield Difference("taken-differs", "", f"row {row.operation}", text)


def _lines_taken(both: Comparison, takers: list[OperationRow]) -> dict[int, tuple[int, int]]:
    found: dict[int, tuple[int, int]] = {}
    for taker in takers:
        for line, (milli, minor) in both.tills.returned_lines.get(taker.id, {}).items():
            before = found.get(line, (0, 0))
            found[line] = (before[0] + milli, before[1] + minor)
    return found


def _some(lines: dict[int, tuple[int, int]]) -> dict[int, tuple[int, int]]:
    """Without those of which nothing was taken; some lines of a receipt have neither quantity nor value."""
    return {line: taken for line, taken in lines.items() if any(taken)}


# ── shifts ──────────────────────────────────────────────────────────────────────────────────────────────────


def shifts(both: Comparison) -> Iterator[Difference]:
    """The journal's shifts are those that the device's documents open and close, one after the other."""
    known = {(row.till, row.number): row.state for row in both.tills.shifts}
    newest = {row.till: row.number for row in both.tills.shifts}
    states = _shifts_of_devices(both)
    closed = {(row.till, row.shift) for row in both.journal.operations.values() if _closes(row)}
    for place in sorted(states):
        till, number = place
        has, state = known.get(place), states[place]
        forgotten = has is None or (state == "closed" and has != state)
        invented = has == "closed" and state == "open" and place not in closed and number == newest[till]
        if forgotten or invented:
            text = f"Shift {number} of {till} is {state} at the device, {has} in the journal"
            yield Difference("shift-differs", till, f"{till}:{number}", text)
    for till, count in Counter(row.till for row in both.tills.shifts if row.state == "open").items():
        if count > 1:
            yield Difference("shift-differs", till, till, f"{till} has {count} shifts open at once")


def _closes(operation: OperationRow) -> bool:
    return operation.kind == "shift-close" and operation.state == "done"


def _shifts_of_devices(both: Comparison) -> dict[tuple[str, int], str]:
    """(till, number) → open or closed, by the documents whose operations had ended at the mark."""
    states: dict[tuple[str, int], str] = {}
    for document in both.device.documents:
        operation = both.operation_of_key(document.key)
        if document.kind in ("shift-open", "shift-close") and operation is not None:
            state = "open" if document.kind == "shift-open" else "closed"
            if operation.state == "done" and both.mark.had_ended(operation.id):
                states[document.till, document.shift] = state
    return states


def zs(both: Comparison) -> Iterator[Difference]:
    """A Z says what the cash book says of its shift, and its drawer adds up."""
    booked: dict[tuple[str, int], list[BookedRow]] = defaultdict(list)
    for row in both.tills.booked:
        booked[row.till, row.shift].append(row)
    found = {z.operation: z for z in both.tills.zs}
    for operation in both.journal.operations.values():
        if operation.kind == "shift-close" and operation.state == "done" and operation.id not in found:
            yield _of_operation("z-missing", operation, "is done, without its Z")
    for z in both.tills.zs:
        yield from _one_z(z, booked[z.till, z.shift])
    yield from _counts(both)


def _one_z(z: ZRow, booked: list[BookedRow]) -> Iterator[Difference]:
    name, key = f"The Z of shift {z.shift} of {z.till}", f"{z.till}:{z.shift}"
    if z.sums != _sums(booked):
        yield Difference("z-differs", z.till, key, f"{name} has other sums than the cash book")
    drawer = z.drawer
    moved_minor = drawer["sales"] + drawer["in"] + drawer["other"] - drawer["refunds"] - drawer["out"]
    in_book_minor = sum(row.amount_minor for row in booked if row.account == DRAWER)
    end_minor = drawer["start"] + moved_minor
    if end_minor != drawer["end"] or moved_minor != in_book_minor:
        text = f"{name}: its drawer moved by {moved_minor}, in the cash book by {in_book_minor}"
        off_minor = abs(moved_minor - in_book_minor) or abs(end_minor - drawer["end"])
        yield Difference("z-differs", z.till, key, text, off_minor=off_minor)


def _sums(booked: list[BookedRow]) -> frozenset[tuple[str, str, int, int]]:
    """(kind, tender, count, sum) of a shift; what was taken back in it counts less than nothing."""
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for row in booked:
        sign = _SIGN.get(row.account, 0)
        if not sign or not row.amount_minor:
            continue
        times = 1 if sign * row.amount_minor > 0 else -1
        for tender, amount_minor in row.paid:
            count, sum_minor = found.get((row.kind, tender), (0, 0))
            found[row.kind, tender] = (count + times, sum_minor + times * amount_minor)
    return frozenset((*place, *sums) for place, sums in found.items() if any(sums))


def _counts(both: Comparison) -> Iterator[Difference]:
    """A count is what its notes and coins are worth."""
    for count in both.tills.counts:
        if count.counted_minor != count.denominations_minor:
            text = (
                f"A count of {count.till} says {count.counted_minor}, its notes and coins come to "
                f"{count.denominations_minor} (minor units)"
            )
            off_minor = abs(count.counted_minor - count.denominations_minor)
            yield Difference("count-differs", count.till, count.uid, text, off_minor=off_minor)


# ── rulings and the audit chain ─────────────────────────────────────────────────────────────────────────────


def rulings(both: Comparison) -> Iterator[Difference]:
    """What was ruled to have happened, and is done, stands at the device."""
    for ruling in both.tills.rulings:
        operation = both.journal.operations.get(ruling.operation)
        if operation is None or operation.state != "done" or not both.mark.had_ended(operation.id):
            continue
        legs = both.legs_of_operation.get(operation.id, [])
        keys = [leg.key for leg in legs if leg.leg == ruling.leg and leg.state == "done"]
        if ruling.happened and any(not both.documents_of_key.get(key) for key in keys):
            yield _of_operation("ruled-wrongly", operation, "was ruled to have happened, and has no document")


def audit(both: Comparison) -> Iterator[Difference]:
    """No entry of the audit chain is missing, changed or added behind its signed heads."""
    before, place = GENESIS, 0
    for row in both.tills.audit:
        if row.number != place + 1:
            yield _of_audit(place + 1, "is missing")
        if row.hash != row.true_hash:
            yield _of_audit(row.number, "was changed")
        elif row.previous != before and row.number == place + 1:
            yield _of_audit(row.number, "follows on another one than the one before it")
        before, place = row.hash, row.number
    for where, head in both.tills.heads.items():
        yield from _head(both, where, head)
    if both.tills.audit and "journal" not in both.tills.heads:
        yield _of_audit(place, "is signed by nobody")


def _head(both: Comparison, where: str, head: Head) -> Iterator[Difference]:
    if not head.signed:
        yield _of_audit(head.number, f"is named by a head ({where}) that this station has not signed")
    hashes = {0: GENESIS, **{row.number: row.hash for row in both.tills.audit}}
    last = max(hashes)
    if head.number > last:
        yield _of_audit(head.number, f"is named by a signed head ({where}), and is not there")
    elif hashes.get(head.number) != head.hash:
        yield _of_audit(head.number, f"is another one than the signed head ({where}) names")
    elif where == "journal" and head.number < last:
        yield _of_audit(last, "stands after the signed head")


def _of_audit(number: int, why: str) -> Difference:
    return Difference("audit-broken", "", f"audit {number}", f"Entry {number} of the audit chain {why}")


RULES: tuple[Rule, ...] = (at_operator, deliveries, refunds, shifts, zs, rulings, audit)
