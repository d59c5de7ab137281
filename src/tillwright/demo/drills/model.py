"""What a drill is: a fault with its planted cause, who can see what of it, and what a row of the result says.

Scenario(code, cause, bring)       how it is brought about
  sees                             check → what somebody who looks there would say; anything else they
                                   cannot tell
  mends                            remedy → what it changes in the world; any other remedy changes nothing
  outside                          what happens once the fault was passed on to somebody outside the shop
  truth                            whether all is well, asked of the twins and never of the station
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from tillwright.demo.drills.world import World

Act = Callable[[World], Any]
Meanwhile = Callable[[World, Mapping[str, Any]], None]


def nothing(_world: World) -> None:
    """Somebody does something, and it changes nothing."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One planted cause of one code.

    `opens`: the code that the program raises of itself; the same as `code` unless that one is only a finding
    of another. `asked`: nothing can notice it but a person, who then asks by this code. `via`: the code whose
    runbook is walked, where the entry is met here under another name. `meant`: what the planted cause is
    called in that runbook. `about`: what the operation is called in `world.seen` that it is about. `station`:
    it is nobody's till's. `rate`: how fast time passes while the program is to notice it. `long`: days go by,
    so that these come last. `held`: a person by number is at it, so that probes know whose session is meant.
    `passing`: this cause goes before the fault does; what counts is what was believed just when something
    that helps against it was done.
    `doctor`: the station's pages are gone, or never were there: somebody asks the doctor at its terminal.
    `meanwhile`: what goes on in the world while the diagnosis stands so.
    """

    code: str
    cause: str
    bring: Act
    truth: Callable[[World], bool]
    sees: Mapping[str, str] = field(default_factory=dict)
    mends: Mapping[str, Act] = field(default_factory=dict)
    outside: Act = nothing
    opens: str = ""
    via: str = ""
    asked: bool = False
    about: str = ""
    station: bool = False
    rate: int = 12
    afterwards: Act = nothing
    meanwhile: Meanwhile | None = None
    long: bool = False
    held: bool = False
    passing: bool = False
    meant: str = ""
    doctor: bool = False

    @property
    def name(self) -> str:
        """As it is shown and asked for."""
        return f"{self.code}/{self.cause}"

    @property
    def walks(self) -> str:
        """The code whose runbook has the planted cause."""
        return self.via or self.code

    @property
    def planted(self) -> str:
        """The planted cause, as the runbook that is walked calls it."""
        return self.meant or self.cause

    @property
    def first(self) -> str:
        """The code that is noticed first."""
        return self.opens or self.walks


@dataclass(slots=True)
class Row:
    """What became of one drill. Times in seconds; None where it did not come to that. `why`: what went wrong,
    or why it is not built.
    """

    code: str
    cause: str = ""
    built: bool = True
    raised_s: float | None = None
    asked: bool = False
    named: bool = False
    people_steps: int = 0
    program_steps: int = 0
    people_s: int = 0
    printed_people_s: int = 0
    mended: bool = False
    escalated: bool = False
    took_s: float = 0.0
    path: list[str] = field(default_factory=list)
    why: str = ""

    @property
    def held(self) -> bool:
        """Whether it was raised, named right and mended."""
        return self.raised_s is not None and self.named and self.mended

    @property
    def alone(self) -> bool:
        """Whether the program found and mended it, and nobody had to ask, say or do anything."""
        return self.held and not self.asked and not self.people_steps

    def told(self) -> dict[str, Any]:
        """As the report has it."""
        return asdict(self)
