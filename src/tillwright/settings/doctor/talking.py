"""Walks a diagnosis with whoever answers: a person at the terminal, or a file that was written before.

The one step to take is shown, and what comes of it is sent; everything else is the diagnosis's own business.
Nothing is assumed of anybody: a file that does not know an answer cannot tell, and a remedy that nobody has
done is passed over.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

Told = dict[str, Any]

CANNOT_TELL, DONE, AGREE, SKIP, BACK, QUIT, ESCALATE = (
    "cannot-tell", "done", "agree", "skip", "back", "quit", "escalate",
)  # fmt: skip
MOST_STEPS = 80
ASKED = "asked"
REMEDIES, VERIFY = "remedies", "verify"


class Case(Protocol):
    """A diagnosis to walk; each call comes back when the program has done what it can by itself."""

    def now(self) -> Told:
        """As the API tells it (DiagnosisDetail)."""

    def press(self, what: str, body: Mapping[str, object]) -> Told:
        """One of the API's presses: 'answers', 'remedies', 'verifications', 'undo', 'escalate'. Raises
        Refused.
        """


class Answers(Protocol):
    """Whoever answers."""

    def check(self, told: Told, step: Told) -> str:
        """The id of an answer, CANNOT_TELL, BACK or QUIT."""

    def remedy(self, told: Told, step: Told) -> str:
        """DONE, AGREE (where the program does it), SKIP, BACK or QUIT."""

    def verify(self, told: Told, step: Told) -> str:
        """'gone', 'still', 'unknown', BACK or QUIT."""

    def escalate(self, told: Told, step: Told) -> str:
        """ESCALATE, BACK or QUIT."""


@dataclass(slots=True)
class FromFile:
    """Answers from a table: check id → answer, 'remedies' → remedy id → done or skip, 'verify' → gone or
    still.
    """

    table: Mapping[str, Any]

    def check(self, told: Told, step: Told) -> str:
        """What the file says, if it is one of the answers."""
        answer = str(self.table.get(step["id"], CANNOT_TELL))
        return answer if any(one["id"] == answer for one in step["answers"]) else CANNOT_TELL

    def remedy(self, told: Told, step: Told) -> str:
        """Done or passed over."""
        if self.table.get(REMEDIES, {}).get(step["id"], SKIP) != DONE:
            return SKIP
        return AGREE if step["action"] else DONE

    def verify(self, told: Told, step: Told) -> str:
        """The same every time."""
        said = str(self.table.get(VERIFY, "unknown"))
        return said if said in ("gone", "still") else "unknown"

    def escalate(self, told: Told, step: Told) -> str:
        """There is nobody to think about it."""
        return ESCALATE


@dataclass(slots=True)
class FromLines:
    """Answers of another program: each question goes out as one line of JSON, {"diagnosis": …, "step": …},
    and the answer comes in as a line with one word: the id of an answer, 'done', 'agree', 'skip', 'gone',
    'still', 'escalate', 'back' or 'quit'. Who says nothing any more has gone.
    """

    say: Callable[[str], object]
    hear: Callable[[], str]

    def check(self, told: Told, step: Told) -> str:
        """One of the answers."""
        said = self._asked(told, step)
        ids = {one["id"] for one in step["answers"]}
        return said if said in ids | {BACK, QUIT} else CANNOT_TELL

    def remedy(self, told: Told, step: Told) -> str:
        """Done, agreed, or not this."""
        said = self._asked(told, step)
        return said if said in (DONE, AGREE, BACK, QUIT) else SKIP

    def verify(self, told: Told, step: Told) -> str:
        """What is seen there."""
        said = self._asked(told, step)
        return said if said in ("gone", "still", BACK, QUIT) else "unknown"

    def escalate(self, told: Told, step: Told) -> str:
        """Whether it is handed over."""
        said = self._asked(told, step)
        return said if said in (ESCALATE, BACK) else QUIT

    def _asked(self, told: Told, step: Told) -> str:
        self.say(json.dumps({"diagnosis": told, "step": step}, ensure_ascii=False))
        return self.hear().strip() or QUIT


@dataclass(slots=True)
class AtTerminal:
    """Answers of a person: a title, lines of choices, and the number of one of them. `choose` shows them and
    brings the place of the one that was chosen; None: the person has gone. `word`: the doctor's own words.
    """

    choose: Callable[[str, Sequence[str]], int | None]
    word: Callable[[str], str]

    def check(self, told: Told, step: Told) -> str:
        """One of the answers."""
        answers = [(one["id"] or CANNOT_TELL, one["says"]) for one in step["answers"]]
        title = f"{step['says']} {step['where']}".strip()
        return self._chosen(title, [*answers, *self._ways_out(told)])

    def remedy(self, told: Told, step: Told) -> str:
        """Done, agreed, or not this."""
        first = AGREE if step["action"] else DONE
        return self._chosen(
            step["says"],
            [(first, self.word(first)), (SKIP, self.word(SKIP)), *self._ways_out(told)],
        )

    def verify(self, told: Told, step: Told) -> str:
        """What the person sees."""
        answers = [(one["id"], one["says"]) for one in step["answers"]]
        return self._chosen(step["says"], [*answers, *self._ways_out(told)])

    def escalate(self, told: Told, step: Told) -> str:
        """Whether it is handed over."""
        return self._chosen(step["says"], [(ESCALATE, self.word(ESCALATE)), *self._ways_out(told)])

    def _ways_out(self, told: Told) -> list[tuple[str, str]]:
        back = [(BACK, self.word(BACK))] if last_step(told) else []
        return [*back, (QUIT, self.word(QUIT))]

    def _chosen(self, title: str, choices: Sequence[tuple[str, str]]) -> str:
        place = self.choose(title, [words for _, words in choices])
        return QUIT if place is None else choices[place][0]


@dataclass(slots=True)
class Walk:
    """One walk through a diagnosis. `show`: is told the diagnosis before each step."""

    case: Case
    answers: Answers
    show: Callable[[Told], None] = lambda told: None
    skipped: set[str] = field(default_factory=set)
    looked: int = 0

    def go(self) -> Told:
        """Until it has ended, or nobody goes on; the diagnosis as it stands then."""
        told = self.case.now()
        for _ in range(MOST_STEPS):
            if told["stage"] in ("mended", "closed", "escalated") or told["led_to"]:
                break
            self.show(told)
            after = self._step(told)
            if after is None:
                break
            told = after
        return told

    def _step(self, told: Told) -> Told | None:
        """One step; None where nobody goes on."""
        step = self._next(told)
        if step is None:
            return None
        kinds: dict[str, Callable[[Told, Told], Told | None]] = {
            "check": self._check,
            "remedy": self._remedy,
            "verify": self._verify,
            "escalate": self._escalate,
        }
        return kinds[step["kind"]](told, step)

    def _next(self, told: Told) -> Told | None:
        """The best step that was not passed over; where all were, to give it to somebody else."""
        step: Told | None = told["step"]
        if step is None or step["kind"] == "verify":
            return step
        for one in [step, *told["others"]]:
            if one["id"] not in self.skipped:
                return dict(one)
        call = told["escalate"] or {"says": "", "to": ""}
        return {**step, "kind": "escalate", "id": "", "says": call["says"], "who": call["to"]}

    def _check(self, told: Told, step: Told) -> Told | None:
        if all(one["id"] is None for one in step["answers"]):
            return None  # only the program could look, and it has not
        answer = self.answers.check(told, step)
        if answer in (BACK, QUIT):
            return self._way_out(told, answer)
        said = None if answer == CANNOT_TELL else answer
        return self.case.press("answers", {"check": step["id"], "answer": said, "seen": told["seen"]})

    def _remedy(self, told: Told, step: Told) -> Told | None:
        answer = self.answers.remedy(told, step)
        if answer in (BACK, QUIT):
            return self._way_out(told, answer)
        if answer == SKIP:
            self.skipped.add(step["id"])
            return told
        return self.case.press("remedies", {"remedy": step["id"], "seen": told["seen"]})

    def _verify(self, told: Told, step: Told) -> Told | None:
        if told["verify"]["kind"] != ASKED:
            self.looked += 1
            return self.case.press("verifications", {"seen": told["seen"]}) if self.looked < 3 else None
        answer = self.answers.verify(told, step)
        if answer in (BACK, QUIT):
            return self._way_out(told, answer)
        return self.case.press("verifications", {"outcome": answer, "seen": told["seen"]})

    def _escalate(self, told: Told, step: Told) -> Told | None:
        answer = self.answers.escalate(told, step)
        if answer in (BACK, QUIT):
            return self._way_out(told, answer)
        return self.case.press("escalate", {"seen": told["seen"]})

    def _way_out(self, told: Told, answer: str) -> Told | None:
        """Back to the step before, or away from it."""
        last = last_step(told)
        if answer == QUIT or not last:
            return None
        self.skipped.discard(last)
        return self.case.press("undo", {"step": last, "seen": told["seen"]})


def last_step(told: Told) -> str:
    """The last thing that a person has said or done; '' for nothing."""
    said = [(one["at_ms"], one["check"]) for one in told["known"] if one["by"]]
    done = [(one["at_ms"], one["remedy"]) for one in told["tried"] if one["by"]]
    return max([*said, *done])[1] if said or done else ""
