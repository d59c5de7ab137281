"""The page of the simulation: what may fail in its worlds, and the bugs that test the judge."""

from __future__ import annotations

from tillwright.simulation import judge
from tillwright.simulation.chance import DEVICE, NETWORK, PEOPLE, STATION
from tillwright.simulation.planted import BUGS
from tillwright.simulation.totals import DONE_PER_HUNDRED_MIN, LONG_SERIES
from tools.reference_parts.markdown import cell, code, fenced, page, table
from tools.reference_parts.promises_page import PROMISES
from tools.reference_parts.sources import blocks

FAMILIES = {
    "network": ("The line", NETWORK, "messages and connections; the last two of the customers"),
    "device": ("The device", DEVICE, "messages"),
    "station": ("The station", STATION, "commits, where the name says so, else of the customers"),
    "people": ("People", PEOPLE, "customers; the first two of their presses"),
}


def simulation() -> str:
    """Faults, promises judged, planted bugs."""
    return page(
        "What the simulation tries",
        "`tillwright simulate` runs whole shops on virtual time. [How to run "
        "it](../how-to/run-the-simulation.md) stands on a page of its own; what its report's keys mean "
        "under [Reports](reports.md).",
        "## What may fail",
        "For each run every kind of misfortune gets a rate, drawn from the seed, up to the most that "
        "stands here.",
        *(part for name in FAMILIES for part in _family(name)),
        "## What the judge looks at",
        fenced(blocks(judge)[0]),
        "## When a series fails",
        "Always: a loss, a doubling, a guess, money off, a violation, or no operations at all. From "
        f"{LONG_SERIES} seeds on also: a fault, a kind or a pair of state and event that can be reached "
        f"and never came, or fewer than {DONE_PER_HUNDRED_MIN} of 100 operations done.",
        "## Planted bugs",
        "A judge that has never found anything has proved nothing. `--plant NAME` puts one of these into "
        "the program; it counts as caught when the judge reports its promise, the bug was really executed,"
        " and the same seed without it is clean.",
        table(
            ("Bug", "What is wrong", "Breaks"),
            ((code(b.name), cell(b.text), _promise(b.promise)) for b in BUGS),
        ),
    )


def _family(name: str) -> tuple[str, str, str]:
    title, rates, of = FAMILIES[name]
    rows = ((code(f"{name}.{kind}"), f"{most:.0%}") for kind, most in rates.items())
    return f"### {title}", f"As a share of the {of}.", table(("Fault", "At most"), rows)


def _promise(number: int) -> str:
    return f"{number}. {PROMISES[number - 1].name}"
