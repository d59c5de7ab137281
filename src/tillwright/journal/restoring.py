"""A till that was restored from an older copy: noticed, told, and led past what it has forgotten.

Three witnesses know more than an old copy of the journal: the high-water file beside the database, the
device's documents, and the operator's list. Any of them ahead means that the journal was restored. Then a
new epoch begins, receipt numbers go on above every one that may have been given, and what the witnesses hold
becomes operations.
"""

from __future__ import annotations

from tillwright.journal.high_water import Marks
from tillwright.journal.place import EPOCH, Place
from tillwright.kernel.fault import Fault

JUMP = 1_000
"""Where only a device's document tells that numbers were given, nobody knows how many: the next ones begin
above the next full thousand and one more.
"""


def numbers(place: Place) -> Marks:
    """The marks as this journal has them."""
    return Marks(place.epoch, {till: place.journal.last_number(till) for till in sorted(place.parties)})


def fallen_behind(place: Place, marks: Marks | None) -> dict[str, int]:
    """The tills whose journal is behind the marks → the number that was given last."""
    if marks is None:
        return {}
    behind = {
        till: number
        for till, number in sorted(marks.numbers.items())
        if number > place.journal.last_number(till)
    }
    for operation in place.journal.unfinished():
        newest = marks.numbers.get(operation.till) == operation.number
        if newest and operation.version < marks.versions.get(operation.till, 0):
            behind[operation.till] = operation.number
    return behind or ({} if marks.epoch <= place.epoch else {"": 0})


def begin_epoch(place: Place, marks: Marks, behind: dict[str, int], now_ms: int) -> None:
    """The journal is behind the file; inside a batch, before anything else is done."""
    epoch = max(place.epoch, marks.epoch) + 1
    place.journal.set_value(EPOCH, str(epoch))
    for till, number in behind.items():
        if till:
            place.journal.set_value(f"number:{till}", str(number))
            _open_episode(place, till)
            place.raise_fault(till, None, Fault("till.restored", epoch=epoch), now_ms)
    place.note(now_ms, "", "restored", epoch=epoch)


def found_unknown(place: Place, till: str, now_ms: int) -> None:
    """The device has a document of an operation of ours that the journal does not know; inside a batch. As
    long as it is still being read, all that is unknown belongs to the same restoring.
    """
    if is_open(place, till):
        return
    epoch = place.epoch + 1
    place.journal.set_value(EPOCH, str(epoch))
    last = place.journal.last_number(till)
    place.journal.set_value(f"number:{till}", str((last // JUMP + 2) * JUMP))
    _open_episode(place, till)
    place.raise_fault(till, None, Fault("till.restored", epoch=epoch), now_ms)
    place.note(now_ms, "", "restored", epoch=epoch, till=till)


def _open_episode(place: Place, till: str) -> None:
    place.journal.set_value(f"restored:{till}", str(place.epoch))
    place.known.catching_up.add(till)


def is_open(place: Place, till: str) -> bool:
    """Whether the till is still catching up with its device after a restoring."""
    return bool(place.journal.value(f"restored:{till}"))


def look(place: Place, till: str) -> None:
    """The device has said how it stands: a till that holds all that it has is no longer catching up, and a
    document that nobody knows means from here on that it was restored once more.
    """
    if not is_open(place, till):
        place.known.catching_up.discard(till)
        return
    place.known.catching_up.add(till)  # until the next word finds it closed: this batch may come to nothing
    health = place.known.device(till)
    if health is None or health.serial is None:
        return
    if health.last_number == place.journal.last_document(health.serial):
        place.journal.set_value(f"restored:{till}", "")
