"""Documents of the device on their way to those who must have them.

Whatever brings a document, a reply, an inquiry or a page that was read, it is taken in here and queued here,
in the same commit: there is no other door, so no document can be held without being owed to every receiver.
"""

from __future__ import annotations

from collections.abc import Sequence

from tillwright.journal.port import JournalPort
from tillwright.journal.records import Queued, StoredDocument


def queue(
    journal: JournalPort,
    receivers: Sequence[str],
    till: str,
    document: StoredDocument,
    total_minor: int,
    moment: tuple[int, int],
) -> None:
    """Queue a document that is new here for every receiver; `moment` is now by the wall and by the running
    tally, in ms. What the device has delivered itself counts as delivered.
    """
    now_ms, tally_ms = moment
    for receiver in receivers:
        has = document.number <= acknowledged(journal, receiver, document.serial)
        journal.enqueue(
            Queued(
                receiver,
                till,
                document.serial,
                document.number,
                total_minor,
                now_ms,
                tally_ms,
                now_ms if has else None,
            )
        )


def acknowledged(journal: JournalPort, receiver: str, serial: str) -> int:
    """Up to which number a receiver has everything of this device, or has refused it."""
    return int(journal.value(f"acknowledged:{receiver}:{serial}") or 0)
