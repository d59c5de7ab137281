"""Sales that really happen, on virtual time, so that their pictures can be drawn of them.

The station, its runner and recovery, the adapter and the device's twin are the program's own; only time and
the line between them are simulated, and nothing strikes but what the story says. The same code gives the same
story, to the millisecond.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tillwright.documents.picture import Arrow, Column, Picture, Stroke, Tone
from tillwright.documents.storyboard import picture_of
from tillwright.documents.words import EnglishWords
from tillwright.journal.runner import Answer
from tillwright.operations.guards import Request
from tillwright.operations.model import Content, Line, Operation, Tender
from tillwright.parties.faulting import Arming
from tillwright.simulation.chance import Options
from tillwright.simulation.intents import Intent
from tillwright.simulation.world import World

UID = "7d1f4a52-0c3b-4e8e-9a57-2f6f0b9f1c11"
SHIFT_UID = "7d1f4a52-0c3b-4e8e-9a57-2f6f0b9f1c10"
TILL = "1"
LONGEST_MS = 600_000
QUIET_MS = 30_000
"""After this the operator has the opening, and nothing else happens meanwhile."""

_LINES = (
    Line("1001", "Milk 3.2 %, 1 l", 2000, 378, 189),
    Line("1002", "Rye bread, 500 g", 1000, 240, 240),
)
_CONTENT = Content("EUR", 618, _LINES, (Tender("cash", 1000),))


class Told:
    """One till and its device, and a sale to be made there."""

    def __init__(self) -> None:
        self.world = World(Options(1, 0, 1, "memory", "EUR"), None)
        self.station = self.world.station
        self.twin = self.world.links[TILL].twin
        self.answers: list[Answer] = []
        self.world.open_tills()
        self.station.switch_on()
        self.until(self.station.idle)
        self._begin(Request(SHIFT_UID, TILL, "shift-open", "Anna", Content("EUR", 0, (), (), shift=1)))
        self.until(lambda: self._has_ended(SHIFT_UID))
        self.world.agenda.run(self.world.agenda.now_ms + QUIET_MS, lambda: False)

    def sell(self) -> None:
        """Press 'take'."""
        self._begin(Request(UID, TILL, "cash-sale", "Anna", _CONTENT))

    def _begin(self, request: Request) -> None:
        self.world.intents[request.uid] = Intent(request.uid, TILL, request)
        self.station.start(request, self.answers.append)

    def until(self, enough: Callable[[], bool]) -> None:
        """Let time pass until then. Raises TimeoutError."""
        agenda = self.world.agenda
        agenda.run(agenda.now_ms + LONGEST_MS, enough)
        if not enough():
            raise TimeoutError("the story does not come to its end")

    def registered(self) -> bool:
        """Whether the device has the document."""
        return bool(self.world.books.of(UID))

    def ended(self) -> bool:
        """Whether the sale has come to its end."""
        return self._has_ended(UID)

    def _has_ended(self, uid: str) -> bool:
        found = self.station.journal.operation(uid)
        return self.station.up and found is not None and found.ended

    def operation(self) -> Operation:
        """The sale as the journal has it."""
        found = self.station.journal.operation(UID)
        if found is None:
            raise LookupError("the sale has not begun")
        return found

    def lose_answer(self) -> None:
        """The device will register the sale, and its answer will not come."""
        self.twin.faults.arm("commit_drop_answer", Arming(next_count=1, only=frozenset({"register"})))

    def plug(self, in_place: bool) -> None:
        """Put the device's plug in, or pull it."""
        order = self.twin.plug if in_place else self.twin.unplug
        self.world.links[TILL].carry_out(self.twin.ordered(order))

    def picture(self) -> Picture:
        """The sale's own picture, as its page shows it."""
        words = EnglishWords(self.world.rules.currencies)
        return picture_of(self.operation(), self.station.journal.events(UID), words, self.station.policy)


def plain() -> Picture:
    """Nothing goes wrong."""
    story = Told()
    story.sell()
    story.until(story.ended)
    return story.picture()


def lost_answer() -> Picture:
    """The device counts the sale, and its answer does not come; it is asked, and the sale is found."""
    story = Told()
    story.lose_answer()
    story.sell()
    story.until(story.ended)
    return story.picture()


def pulled_plug() -> Picture:
    """The plug is pulled when the sale is in the device and the answer is not out: red, then green."""
    story = Told()
    story.lose_answer()
    story.sell()
    story.until(story.registered)
    story.plug(in_place=False)
    story.world.agenda.after(14_000, story.plug, True)
    story.until(story.ended)
    return story.picture()


def killed() -> Picture:
    """The station is killed in the middle of the sale, and started again."""
    story = Told()
    story.sell()
    story.until(story.registered)
    story.station.power_lost(2_000)
    story.until(story.ended)
    return story.picture()


# ── what is written, and when ───────────────────────────────────────────────────────────────────────────────

PAGE, RUNNER, DISK, DEVICE = range(4)
COLUMNS = ("Page", "Runner", "Journal on disk", "Control device")
_SAID = {"register": "register: key, lines, total"}


class Traced(Told):
    """The same, with a note of every commit, every message and every answer, in their order."""

    def __init__(self) -> None:
        self.rows: list[Arrow] = []
        super().__init__()
        self.rows.clear()
        self._wrap(self.station.journal, "commit", self._committed)
        self._wrap(self.world.links[TILL], "send", self._sent)
        self._wrap(self.world.links[TILL].client, "received", self._received)

    def _wrap(self, owner: Any, name: str, before: Callable[[], None]) -> None:
        whole = getattr(owner, name)

        def noted(*arguments: Any) -> Any:
            before()
            return whole(*arguments)

        setattr(owner, name, noted)

    def sell(self) -> None:
        """Press 'take'; what the page is told is noted too."""
        self._note(PAGE, RUNNER, "sell")
        super().sell()

    def _note(self, source: int, target: int, label: str, tone: Tone = Tone.NEUTRAL) -> None:
        self.rows.append(Arrow(self.world.agenda.now_ms, source, target, label, Stroke.SOLID, tone))

    def _committed(self) -> None:
        found = self.station.journal.operation(UID)
        if found is None or len([row for row in self.rows if row.target == DISK]) > 1:
            return
        first = not found.ended
        label = "commit 1: begun, leg sent" if first else "commit 2: done, booked, receipt, queued"
        self._note(RUNNER, DISK, label, Tone.GOOD)
        self._note(RUNNER, PAGE, "number 2, asking the device …" if first else "done")

    def _sent(self) -> None:
        if not self.registered():
            self._note(RUNNER, DEVICE, _SAID["register"])

    def _received(self) -> None:
        if self.registered() and not self.operation().ended:
            self._note(DEVICE, RUNNER, "registered: document, signed")


def two_commits() -> Picture:
    """What a cash sale waits for: two commits, with the message to the device between them."""
    story = Traced()
    story.sell()
    story.until(story.ended)
    words = EnglishWords()
    clocks = [words.clock(row.at_ms) for row in story.rows]
    shown = ["" if index and clocks[index - 1] == clock else clock for index, clock in enumerate(clocks)]
    columns = tuple(Column(name.lower(), name) for name in COLUMNS)
    return Picture("A cash sale waits for two commits", columns, tuple(story.rows), tuple(shown))
