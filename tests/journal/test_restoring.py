"""An old copy of the database is put back, as anybody may do: no flag, no command, only the file."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.journal.storages import UIDS, InAFile
from tests.journal.tills import SALE, FullDevice, Operator, Till, cash, whole_refund
from tillwright.books.cash import Account
from tillwright.journal import queries, restoring
from tillwright.journal.high_water import SLOT_BYTES, FileHighWater, Marks, MemoryHighWater, file_beside
from tillwright.journal.sqlite_journal import SqliteJournal
from tillwright.kernel.fault import Fault, FaultError
from tillwright.operations.guards import Request
from tillwright.operations.model import Content
from tillwright.parties.wire import Recorded


class Shop:
    """A station's file, its high-water mark, a device and an operator that go on whatever becomes of it."""

    def __init__(self, folder: Path, *, marked: bool = True) -> None:
        self.place = InAFile(folder)
        self.device = FullDevice()
        self.operator = Operator()
        self.marked = marked
        self.now_ms = 1_763_728_860_000

    def start(self) -> Till:
        """The station starts on what the file holds, and reads its device."""
        self.now_ms += 60_000
        high = FileHighWater(file_beside(self.place.path)) if self.marked else None
        till = Till(self.place.open(), self.device, self.now_ms, operator=self.operator, high=high)
        till.recover(reads=False)
        return till

    def read_device(self, till: Till) -> None:
        """First contact: all that is not held, then how it stands."""
        held = till.journal.last_document(self.device.serial)
        till.tell(Recorded(tuple(self.device.documents[held:])))
        till.look()

    def copy(self) -> Path:
        """A copy of the database, as a backup makes it."""
        self.place.close()
        there = self.place.path.with_suffix(".copy")
        shutil.copy(self.place.path, there)
        return there

    def put_back(self, copy: Path) -> None:
        self.place.close()
        for name in ("-wal", "-shm"):
            Path(str(self.place.path) + name).unlink(missing_ok=True)
        shutil.copy(copy, self.place.path)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def faults(till: Till) -> list[str]:
    journal = till.journal
    assert isinstance(journal, SqliteJournal)
    return [stored.fault.code for stored in reversed(queries.faults(journal.connection, 99))]


def lived_on(shop: Shop) -> tuple[Path, dict[str, int]]:
    """A shift, a sale, a copy of the file; then more of everything. The copy, and the numbers given."""
    till = shop.start()
    till.open_up()
    till.sell()
    copy = shop.copy()
    till = shop.start()
    shop.read_device(till)
    given = {
        uid: till.do(kind, content, uid).number
        for uid, kind, content in (
            (UIDS[2], "cash-sale", SALE),
            (UIDS[3], "cash-in", cash(5_000)),
            (UIDS[4], "cash-out", cash(1_000)),
        )
    }  # fmt: skip
    till.approve(UIDS[5])
    given[UIDS[5]] = till.do("refund", whole_refund(), UIDS[5], approvals=("g1",)).number
    till.do("cash-out", cash(4_568), UIDS[6])
    till.close(UIDS[7])
    given[UIDS[8]] = till.do("shift-open", Content("EUR", 0, (), (), shift=2), UIDS[8]).number
    return copy, given


@pytest.mark.parametrize("marked", [True, False])
def test_what_the_device_holds_comes_back_and_no_number_is_given_twice(tmp_path: Path, marked: bool) -> None:
    shop = Shop(tmp_path, marked=marked)
    copy, given = lived_on(shop)
    shop.put_back(copy)
    till = shop.start()
    if marked:
        assert faults(till) == ["till.restored"]
        assert till.place.epoch == 2
    shop.read_device(till)
    assert faults(till).count("till.restored") == 1
    assert till.place.epoch == 2
    assert till.journal.balance_minor("1", "EUR", Account.DRAWER) == shop.device.cash_minor
    shift = till.journal.shift("1")
    assert shift is not None
    assert (shift.number, shift.is_open) == (2, True)
    assert till.journal.refundable(till.runner.read(UIDS[1])).left_minor == 0  # type: ignore[arg-type]
    again = {uid: till.runner.read(uid) for uid in given}
    assert all(one is not None and one.state.value == "done" for one in again.values())
    numbers = [one.number for one in again.values() if one is not None]
    new = till.do("cash-sale", SALE, "00000000-0000-4000-8000-0000000000ff")
    assert min([*numbers, new.number]) > max(given.values())
    assert len({*numbers, new.number, *given.values()}) == 2 * len(given) + 1


def test_the_page_that_asks_again_gets_what_was_done(shop: Shop) -> None:
    copy, _ = lived_on(shop)
    shop.put_back(copy)
    till = shop.start()
    shop.read_device(till)
    again = till.begin(Request(UIDS[3], "1", "cash-in", "11", cash(5_000)))
    assert again.state.value == "done"
    assert till.effects == []
    with pytest.raises(FaultError):
        till.begin(Request(UIDS[3], "1", "cash-in", "11", cash(5_001)))


def test_nothing_begins_before_the_device_has_been_read(shop: Shop) -> None:
    """What was asked for and forgotten may be at the device; only then it is known whether it is."""
    copy, _ = lived_on(shop)
    shop.put_back(copy)
    till = shop.start()
    wanted = Request(UIDS[3], "1", "cash-in", "11", cash(5_000))
    with pytest.raises(FaultError) as error:
        till.begin(wanted)
    assert error.value.fault == Fault("till.catching-up")
    shop.read_device(till)
    assert till.begin(wanted).state.value == "done"
    assert till.effects == []


def test_a_batch_that_came_to_nothing_is_made_good_by_the_next_word(shop: Shop) -> None:
    copy, _ = lived_on(shop)
    shop.put_back(copy)
    till = shop.start()
    till.tell(Recorded(tuple(shop.device.documents[till.journal.last_document(shop.device.serial) :])))
    till.place.known.hear("1", shop.device.health(till.now_ms))
    till.journal.begin()
    restoring.look(till.place, "1")
    till.journal.rollback()
    assert restoring.is_open(till.place, "1")
    till.look()
    assert till.begin(Request(UIDS[3], "1", "cash-in", "11", cash(5_000))).state.value == "done"
    till.look()
    assert till.place.known.catching_up == set()


def test_before_the_first_operation_the_numbers_have_moved(shop: Shop) -> None:
    copy, given = lived_on(shop)
    shop.put_back(copy)
    till = shop.start()
    till.look()
    till.journal.begin()
    till.journal.commit()
    assert till.journal.last_number("1") >= max(given.values())


def test_a_second_restoring_is_another_epoch(shop: Shop) -> None:
    copy, _ = lived_on(shop)
    till = shop.start()
    for epoch in (2, 3):
        shop.put_back(copy)
        till = shop.start()
        shop.read_device(till)
        assert till.place.epoch == epoch
        till.do("cash-sale", SALE, f"00000000-0000-4000-8000-0000000001{epoch:02}")
    assert till.journal.last_number("1") > 9


def test_a_device_that_only_has_answers_that_we_lost_is_no_restoring(shop: Shop) -> None:
    till = shop.start()
    till.open_up()
    begun = till.begin(Request(UIDS[1], "1", "cash-sale", "11", SALE))
    shop.device.write(begun, begun.legs[0], till.now_ms)
    again = shop.start()
    shop.read_device(again)
    assert again.place.epoch == 1
    assert "till.restored" not in faults(again)
    sold = again.runner.read(UIDS[1])
    assert sold is not None
    assert sold.state.value == "done"


def test_money_put_in_at_the_device_itself_is_no_restoring(shop: Shop) -> None:
    till = shop.start()
    till.open_up()
    record = replace(
        shop.device.documents[0], number=2, key="float.SKO-1.1", kind="deposit", total_minor=5_000,
        unique_number="F1", text="float",
    )  # fmt: skip
    till.tell(Recorded((record,)))
    assert till.place.epoch == 1


def test_a_start_after_a_start_is_no_restoring(shop: Shop) -> None:
    till = shop.start()
    till.open_up()
    for _ in range(3):
        till = shop.start()
        shop.read_device(till)
    assert till.place.epoch == 1
    assert faults(till) == []


# ── the file ──────────────────────────────────────────────────────────────────────────────────────


class TestTheFile:
    def marks(self, number: int) -> Marks:
        return Marks(2, {"1": number, "2": 4})

    def test_what_is_written_is_read_back(self, tmp_path: Path) -> None:
        path = tmp_path / "station.db.high"
        assert FileHighWater(path).read() is None
        for number in range(1, 6):
            file = FileHighWater(path)
            file.read()
            file.write(self.marks(number))
            file.close()
            assert FileHighWater(path).read() == self.marks(number)

    @pytest.mark.parametrize(
        "damage",
        [
            lambda data: data[: SLOT_BYTES + 20],
            lambda data: data[:SLOT_BYTES] + b"x" * SLOT_BYTES,
            lambda data: data[: SLOT_BYTES + 9] + b"0" + data[SLOT_BYTES + 10 :],
        ],
    )
    def test_a_torn_line_leaves_the_one_before(
        self, tmp_path: Path, damage: Callable[[bytes], bytes]
    ) -> None:
        path = tmp_path / "station.db.high"
        file = FileHighWater(path)
        for number in (1, 2, 3):
            file.write(self.marks(number))
        file.close()
        path.write_bytes(damage(path.read_bytes()))
        assert FileHighWater(path).read() == self.marks(2)

    def test_nonsense_is_nothing(self, tmp_path: Path) -> None:
        path = tmp_path / "station.db.high"
        path.write_bytes(b"what is this\n" * 1_000)
        assert FileHighWater(path).read() is None

    def test_a_file_that_cannot_be_written_is_left(self, tmp_path: Path) -> None:
        file = FileHighWater(tmp_path / "nowhere" / "station.db.high")
        file.write(self.marks(1))
        assert file.read() is None
        file.close()

    def test_in_memory(self) -> None:
        high = MemoryHighWater()
        assert high.read() is None
        high.write(self.marks(3))
        assert high.read() == self.marks(3)
