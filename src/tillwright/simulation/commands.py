"""`tillwright simulate`: run many worlds, and say what was lost, doubled, guessed, and how much money is off.

tillwright simulate --seeds 2000 --against naive
tillwright simulate --seeds 1 --from 4711          the run of one seed again
tillwright simulate --seeds 200 --plant all        see whether the judge finds what is put in
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict
from enum import StrEnum
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tillwright.machine.clocks import SystemClock
from tillwright.machine.reports import open_report, show
from tillwright.simulation.chance import Options, draw
from tillwright.simulation.naive import run_naive
from tillwright.simulation.planted import BUGS, BY_NAME
from tillwright.simulation.planting import Bug, Catch, hunt
from tillwright.simulation.shrink import shrink
from tillwright.simulation.totals import Found, Totals, in_words, pairs
from tillwright.simulation.world import Result, run

OPERATIONS = 30
CALM_OPERATIONS = 1_000
CALM_FROM = 100
"""From so many worlds on it is also measured how fast they are where nothing fails."""
SHRUNK_MAX = 3
"""So many violations are shrunk; the others are told as they are."""

_T = TypeVar("_T")


class Against(StrEnum):
    """What ours may be compared with."""

    NAIVE = "naive"


class Journal(StrEnum):
    """Which implementation of the journal port the worlds use."""

    MIXED = "mixed"
    MEMORY = "memory"
    SQLITE = "sqlite"


def simulate(
    seeds: Annotated[int, typer.Option(min=1, help="How many worlds; with --plant, the most for each bug.")],
    start: Annotated[int, typer.Option("--from", min=0, help="The first seed.")] = 1,
    operations: Annotated[int, typer.Option(min=1, help="Customers in each world.")] = OPERATIONS,
    swarm: Annotated[
        bool, typer.Option("--swarm", help="Each world has its own subset of the faults.")
    ] = False,
    plant: Annotated[str | None, typer.Option(help="Put in this bug, or all, and see it caught.")] = None,
    against: Annotated[Against | None, typer.Option(help="Run another till in the same worlds.")] = None,
    journal: Annotated[Journal, typer.Option(help="Where the journal lies.")] = Journal.MIXED,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Prove the promises on virtual time: everything fails, a judge looks on."""
    bugs = _bugs(plant)
    opened = open_report("simulate")
    simulated = Simulated()
    if bugs:
        simulated.hunt(bugs, range(start, start + seeds), operations)
    else:
        drawn = (
            draw(seed, operations, swarm=swarm, journal=journal.value) for seed in range(start, start + seeds)
        )
        simulated.run(drawn, seeds, against is not None)
    report = opened.close(simulated.values())
    show(report, as_json, simulated.sentences())
    if simulated.wrong():
        raise typer.Exit(1)


def _bugs(plant: str | None) -> tuple[Bug, ...]:
    if plant is None:
        return ()
    if plant == "all":
        return BUGS
    if plant not in BY_NAME:
        raise typer.BadParameter(
            f"no bug {plant!r}; there are all, {', '.join(BY_NAME)}", param_hint="--plant"
        )
    return (BY_NAME[plant],)


class Simulated:
    """What has been simulated, and the report of it."""

    def __init__(self) -> None:
        self.ours = Totals()
        self.naive: Totals | None = None
        self.catches: list[Catch] = []
        self.per_s = 0
        self.calm_per_s: int | None = None
        self._clock = SystemClock()
        self._console = Console(stderr=True)

    # ── running ─────────────────────────────────────────────────────────────────────────────────────────────

    def run(self, drawn: Iterator[Options], count: int, naive: bool) -> None:
        """Our till in all these worlds, and the naive one beside it."""
        self.naive = Totals() if naive else None
        if count >= CALM_FROM:
            self.calm_per_s = self._speed_in_calm()
        spent_ns = 0
        for options in self._watched(drawn, count, "worlds"):
            result, took_ns = self._timed(lambda options=options: run(options))  # type: ignore[misc]
            spent_ns += took_ns
            self.ours.add(result)
            if result.violations:
                self._report(result)
            if self.naive is not None:
                self.naive.add(run_naive(options))
        self.per_s = self.ours.operations * 1_000_000_000 // max(1, spent_ns)

    def _report(self, result: Result) -> None:
        """A violation: shrink the run, keep the text and the picture."""
        violation = result.violations[0]
        if len(self.ours.violations) < SHRUNK_MAX:
            result = shrink(result.options, violation.promise, run)
            violation = next(one for one in result.violations if one.promise == violation.promise)
        text = f"{violation.text}\n{result.options}\n{result.picture}".rstrip()
        self.ours.violations.append(Found(result.options.seed, violation.promise, text))
        self._console.print(f"promise {violation.promise}: {text}", style="red", markup=False)

    def hunt(self, bugs: tuple[Bug, ...], seeds: range, operations: int) -> None:
        """Put in each of the bugs, and see whether the judge finds it."""
        for bug in self._watched(iter(bugs), len(bugs), "bugs"):
            catch = hunt(bug, seeds, operations)
            self.ours.operations += catch.operations
            self.ours.seeds += catch.tried
            self.catches.append(catch)

    def _watched(self, items: Iterator[_T], count: int, what: str) -> Iterator[_T]:
        """The items, with a bar on standard error."""
        columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=self._console, transient=True) as progress:
            yield from progress.track(items, total=count)

    def _timed(self, work: Callable[[], Result]) -> tuple[Result, int]:
        began_ns = self._clock.monotonic_ns()
        result = work()
        return result, self._clock.monotonic_ns() - began_ns

    def _speed_in_calm(self) -> int:
        """Operations a second where nothing fails, with the journal in memory, judge included."""
        options = Options(0, CALM_OPERATIONS, 2, "memory", "EUR")
        result, took_ns = self._timed(lambda: run(options))
        return result.operations * 1_000_000_000 // max(1, took_ns)

    # ── telling ─────────────────────────────────────────────────────────────────────────────────────────────

    def wrong(self) -> list[str]:
        """Everything for which the command ends with 1."""
        escaped = [f"the bug {catch.bug} was not caught" for catch in self.catches if not catch.caught]
        return escaped + list(self.ours.wrong())

    def values(self) -> dict[str, Any]:
        """The report, without its frame."""
        ours = self.ours
        values: dict[str, Any] = {
            "seeds": ours.seeds,
            "operations": ours.operations,
            "operations_per_s": self.per_s,
            "calm_operations_per_s": self.calm_per_s,
            **_counts(ours),
            "reds": ours.reds,
            "reds_ended": ours.reds_ended,
            "people_minutes": ours.people_minutes,
            "violations": [asdict(found) for found in ours.violations],
            "faults_fired": ours.fired,
            "ends": dict(sorted(ours.ends.items())),
            "pairs_visited": len(ours.visited()),
            "pairs": len(pairs()),
            "pairs_missing": [in_words(pair) for pair in pairs() if pair not in ours.visits],
            "crashes": ours.crashes,
            "digest": ours.digest,
            "planted": {catch.bug: _caught(catch) for catch in self.catches},
            "wrong": self.wrong(),
        }
        if self.naive is not None:
            naive = self.naive
            values["naive"] = {
                "operations": naive.operations,
                **_counts(naive),
                "people_minutes": naive.people_minutes,
            }
        return values

    def sentences(self) -> Iterator[str]:
        """The report for people."""
        if self.catches:
            for catch in self.catches:
                yield f"{catch.bug:24} {_fate(catch)}"
        else:
            yield from self._about_the_runs()
        yield ""
        wrong = self.wrong()
        yield from (wrong or ["All held."])

    def _about_the_runs(self) -> Iterator[str]:
        ours = self.ours
        calm = f" ({self.calm_per_s} where nothing fails)" if self.calm_per_s else ""
        yield f"{ours.seeds} worlds, {self.per_s} operations a second{calm}"
        yield ""
        columns = [("ours", ours)] + ([("naive", self.naive)] if self.naive is not None else [])
        yield " " * 18 + "".join(f"{name:>12}" for name, _ in columns)
        for name in ("operations", "lost", "doubled", "guessed", "money_off_minor", "people_minutes"):
            yield f"{name:18}" + "".join(f"{getattr(totals, name):>12}" for _, totals in columns)
        yield ""
        yield f"red {ours.reds}, ended {ours.reds_ended}; crashes {ours.crashes}"
        yield f"pairs of state and event visited: {len(ours.visited())} of {len(pairs())}"
        yield "faults: " + ", ".join(f"{name} {count}" for name, count in ours.fired.items())
        yield f"digest {ours.digest}"


def _counts(totals: Totals) -> dict[str, int]:
    return {
        "lost": totals.lost,
        "doubled": totals.doubled,
        "guessed": totals.guessed,
        "overspent": 0,
        "money_off_minor": totals.money_off_minor,
    }


def _caught(catch: Catch) -> dict[str, object]:
    return {
        "caught": catch.caught,
        "seed": catch.seed,
        "promise": catch.promise,
        "executed": catch.executed,
        "failures": list(catch.failures),
    }


def _fate(catch: Catch) -> str:
    broke = f"; worlds before it broke by {', '.join(catch.failures)}" if catch.failures else ""
    if not catch.caught:
        return f"NOT CAUGHT in {catch.tried} worlds{broke}"
    return f"caught: promise {catch.promise}, seed {catch.seed}, executed {catch.executed} times{broke}"
