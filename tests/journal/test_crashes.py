"""The station dies at each single call of the journal, in turn: whatever the call, the sale is there once.

A crash is an exception that no `except Exception` catches, at the k-th call of the port, before or after the
call has done its work. Batch and runner are thrown away; what had not reached the device never does. Another
runner starts on what is on the disk, the page asks again with the same uid, and the device goes on.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from tests.journal.storages import UID, UIDS, InAFile, InMemory, Storage
from tests.journal.worlds import Desk, Device, request
from tillwright.books.cash import Account
from tillwright.journal.port import JournalPort
from tillwright.operations.model import Operation
from tillwright.operations.states import OperationState

MOODS = {
    "calm": [],
    "answer lost": ["silent"],
    "request lost": ["deaf"],
    "nobody there": ["gone"],
    "answer lost, then silence": ["silent", "silent", "silent"],
}


class Crash(BaseException):
    """The process is gone."""


class Mortal:
    """A journal that dies with its process at one of its calls; `calls` counts them."""

    def __init__(self, journal: JournalPort, dies_at: int | None, *, after: bool) -> None:
        self.journal = journal
        self.dies_at = dies_at
        self.after = after
        self.calls = 0
        self.names: list[str] = []

    def __getattr__(self, name: str) -> Callable[..., Any]:
        port: Callable[..., Any] = getattr(self.journal, name)

        def call(*args: Any, **named: Any) -> Any:
            self.calls += 1
            self.names.append(name)
            dies = self.calls == self.dies_at
            if dies and not self.after:
                raise Crash(name)
            value = port(*args, **named)
            if dies:
                raise Crash(name)
            return value

        return call


def live(journal: Any, device: Device, uid: str, now_ms: int, *, reads: bool) -> Operation:
    """A station's life, until the sale has ended: the page asks with its uid until it is answered."""
    desk = Desk(journal, device, now_ms)
    desk.recover(reads=reads)
    desk.begin(request(uid))
    return desk.live(uid)


def whole(storage: Storage, device: Device, crashes: list[int], *, after: bool, reads: bool) -> Operation:
    """A sale through all these crashes, and the life that ends it."""
    now_ms = 1_763_728_860_000
    for dies_at in crashes:
        with suppress(Crash):
            live(Mortal(storage.open(), dies_at, after=after), device, UID, now_ms, reads=reads)
        now_ms += 1_000
    return live(storage.open(), device, UID, now_ms, reads=reads)


def calls_of_a_sale(storage: Storage, moods: list[str]) -> list[str]:
    """The names of the port's calls in a sale without a crash."""
    mortal = Mortal(storage.open(), None, after=False)
    live(mortal, Device(moods=list(moods)), UID, 1_763_728_860_000, reads=True)
    return mortal.names


def check_exactly_once(storage: Storage, device: Device, ended: Operation) -> None:
    """At the device, in the journal, in the book: once."""
    journal = storage.open()
    assert ended.state is OperationState.DONE
    assert [document.key for document in device.documents] == [
        next(leg.key for leg in ended.legs if leg.state.value == "done")
    ]
    assert journal.operation(UID) == ended
    assert journal.last_number("1") == 1
    assert journal.unfinished() == []
    assert journal.balance_minor("1", "EUR", Account.DRAWER) == 568
    assert journal.balance_minor("1", "EUR", Account.SALES) == -568
    happened = journal.events(UID)
    assert [event.version for event in happened] == list(range(1, ended.version + 1))


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("reads", [False, True], ids=["asks", "reads"])
@pytest.mark.parametrize("moods", MOODS.values(), ids=MOODS)
def test_a_crash_at_any_call_leaves_the_sale_there_once(
    tmp_path_factory: pytest.TempPathFactory, storage: Storage, moods: list[str], reads: bool, after: bool
) -> None:
    fresh = _fresh(tmp_path_factory, storage)
    names = calls_of_a_sale(fresh(), moods)
    assert names.count("commit") >= 2
    for dies_at in range(1, len(names) + 1):
        place, device = fresh(), Device(moods=list(moods))
        ended = whole(place, device, [dies_at], after=after, reads=reads)
        if len(moods) > 1 and not device.documents:
            check_nowhere(place, device, ended)  # red by then, and proved absent
        else:
            check_exactly_once(place, device, ended)
        place.close()


def test_a_second_crash_in_the_recovery_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, storage: Storage
) -> None:
    fresh = _fresh(tmp_path_factory, storage)
    names = calls_of_a_sale(fresh(), ["silent"])
    for first in range(1, len(names) + 1, 3):
        for second in range(1, 20, 2):
            place, device = fresh(), Device(moods=["silent"])
            ended = whole(place, device, [first, second], after=True, reads=True)
            check_exactly_once(place, device, ended)
            place.close()


@pytest.mark.parametrize("moods", [["gone"], ["gone", "gone"], ["deaf"]], ids=str)
def test_a_sale_that_is_given_up_after_a_crash_is_nowhere_or_there_once(
    tmp_path_factory: pytest.TempPathFactory, storage: Storage, moods: list[str]
) -> None:
    fresh = _fresh(tmp_path_factory, storage)
    endings = set()
    for dies_at in range(1, len(calls_of_a_sale(fresh(), moods)) + 1):
        place, device = fresh(), Device(moods=list(moods))
        with suppress(Crash):
            live(Mortal(place.open(), dies_at, after=True), device, UID, 1_763_728_860_000, reads=True)
        desk = Desk(place.open(), device, 1_763_728_861_000)
        desk.recover()
        desk.begin()
        ended = desk.live(gives_up=True)
        endings.add(ended.state)
        check = check_exactly_once if ended.posted else check_nowhere
        check(place, device, ended)
        place.close()
    assert OperationState.DONE in endings


def check_nowhere(storage: Storage, device: Device, ended: Operation) -> None:
    """Not at the device, not in the book; in the journal as what did not happen."""
    journal = storage.open()
    assert ended.state is OperationState.REFUSED
    assert journal.operation(UID) == ended
    assert device.documents == []
    assert journal.balance_minor("1", "EUR", Account.DRAWER) == 0


def _fresh(tmp_path_factory: pytest.TempPathFactory, storage: Storage) -> Callable[[], Storage]:
    """Makes empty storages of the same kind."""
    if isinstance(storage, InMemory):
        return InMemory
    return lambda: InAFile(tmp_path_factory.mktemp("station"))


def test_a_sale_begun_by_the_next_customer_is_another(storage: Storage) -> None:
    device = Device()
    whole(storage, device, [12], after=True, reads=True)
    live(storage.open(), device, UIDS[1], 1_763_728_960_000, reads=True)
    assert len(device.documents) == 2
    assert storage.open().balance_minor("1", "EUR", Account.DRAWER) == 2 * 568
