"""`tillwright drill CODE|--all`: bring faults about, see them raised, named and mended; a row a cause."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from tillwright.demo.drills.model import Row
from tillwright.demo.drills.scenes import SCENARIOS, chosen, not_built
from tillwright.demo.drills.school import run_in
from tillwright.machine.reports import open_report, show
from tillwright.machine.resources import shipped_catalogue

WIDTH = 170


def drill(
    code: Annotated[
        str, typer.Argument(help="A code of the catalogue, or CODE/CAUSE; left out with --all.")
    ] = "",
    everything: Annotated[bool, typer.Option("--all", help="Every drill there is.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
    shops: Annotated[int, typer.Option(min=1, max=8, help="So many shops work side by side.")] = 2,
    data: Annotated[Path | None, typer.Option(help="Where to work; it is cleaned up afterwards.")] = None,
) -> None:
    """Bring faults about in real processes, and see each raised, explained and mended."""
    scenarios = SCENARIOS if everything else chosen(code)
    if not scenarios:
        raise typer.BadParameter(_why_none(code), param_hint="CODE")
    said = Console(stderr=True, highlight=False)
    opened, done = open_report("drill"), [0]

    def progress(row: Row) -> None:
        done[0] += 1
        state = "well" if row.held else f"NOT WELL: {row.why}"
        said.print(f"{done[0]:>3}/{len(scenarios)}  {row.code}/{row.cause}  {row.took_s:.0f} s  {state}")

    rows = run_in(data, scenarios, shops, progress, lambda text: said.print(f"        {text}"))
    missing = not_built(shipped_catalogue()) if everything else []
    values = summary(rows, missing)
    values["cases_alone_percent"] = cases(rows)
    report = opened.close(values, data)
    if not as_json:
        Console(width=WIDTH, highlight=False).print(table(rows, missing))
    show(report, as_json, sentences(report))
    if not all(row.held for row in rows):
        raise typer.Exit(1)


def _why_none(code: str) -> str:
    if not code:
        return "a code, or --all"
    missing = {row.code: row.why for row in not_built(shipped_catalogue())}
    return f"{code} is not built: {missing[code]}" if code in missing else f"there is no drill {code}"


def summary(rows: Sequence[Row], missing: Sequence[Row]) -> dict[str, Any]:
    """The report's values. An entry counts as named, or mended, when all its drilled causes are; without a
    person when one of them at least held with no step of anybody's; and as found and mended alone when
    moreover nobody had to ask.
    """
    areas: dict[str, list[Row]] = {}
    for row in rows:
        areas.setdefault(row.code.partition(".")[0], []).append(row)
    return {
        "rows": [row.told() for row in (*rows, *missing)],
        "entries": len({row.code for row in (*rows, *missing)}),
        **_entries(rows),
        "areas": {area: _entries(of) for area, of in areas.items()},
        "causes": len(rows),
        "causes_named": sum(row.named for row in rows),
        "causes_mended": sum(row.mended for row in rows),
        "causes_without_person": sum(row.held and not row.people_steps for row in rows),
        "people_s": sum(row.people_s for row in rows),
        "printed_people_s": sum(row.printed_people_s for row in rows),
    }


def _entries(rows: Sequence[Row]) -> dict[str, int]:
    """How many entries, and of how many of them it is true."""
    codes: dict[str, list[Row]] = {}
    for row in rows:
        codes.setdefault(row.code, []).append(row)
    return {
        "built": len(codes),
        "raised": sum(all(row.raised_s is not None for row in of) for of in codes.values()),
        "named": sum(all(row.named for row in of) for of in codes.values()),
        "mended": sum(all(row.mended for row in of) for of in codes.values()),
        "without_person": sum(any(row.held and not row.people_steps for row in of) for of in codes.values()),
        "found_and_mended_alone": sum(any(row.alone for row in of) for of in codes.values()),
    }


def cases(rows: Sequence[Row]) -> int:
    """Of a hundred faults, how many the program finds and mends alone, if every entry comes as often as any
    other, and each of its drilled causes as often as the catalogue expects.
    """
    weights: dict[str, dict[bool, float]] = {}
    catalogue = shipped_catalogue()
    for row in rows:
        causes = catalogue.entry(row.code).causes
        weight = next(one.weight for one in causes if one.id == row.cause)
        of = weights.setdefault(row.code, {True: 0.0, False: 0.0})
        of[row.alone] += weight
    shares = [of[True] / (of[True] + of[False]) for of in weights.values()]
    return round(100 * sum(shares) / len(shares)) if shares else 0


def table(rows: Sequence[Row], missing: Sequence[Row]) -> Table:
    """For people to read: what was drilled, then what is not built."""
    shown = Table(title="Drills", title_justify="left")
    shown.add_column("code / cause", no_wrap=True)
    for title in ("raised s", "named", "people", "program", "people s", "printed s", "mended"):
        shown.add_column(title, justify="right")
    shown.add_column("remark", overflow="fold")
    for row in rows:
        shown.add_row(*_cells(row), style="" if row.held else "bold red")
    for row in missing:
        name = f"{row.code}/{row.cause}" if row.cause else row.code
        shown.add_row(name, *[""] * 7, f"not built: {row.why}", style="dim")
    return shown


def _cells(row: Row) -> list[str]:
    raised = "-" if row.raised_s is None else "asked" if row.asked else f"{row.raised_s:.1f}"
    remark = row.why or ("passed on" if row.escalated else "")
    return [
        f"{row.code}/{row.cause}",
        raised,
        "yes" if row.named else "NO",
        str(row.people_steps),
        str(row.program_steps),
        str(row.people_s),
        str(row.printed_people_s),
        "yes" if row.mended else "NO",
        remark,
    ]


def sentences(report: dict[str, Any]) -> list[str]:
    """What it comes to."""
    told = report.__getitem__
    entries = (
        f"{told('built')} of {told('entries')} entries are built: {told('raised')} raised, "
        f"{told('named')} named right, {told('mended')} mended, "
        f"{told('without_person')} of them without a person in one cause at least, "
        f"{told('found_and_mended_alone')} without being asked either; "
        f"by the weights of the causes {told('cases_alone_percent')} of 100 cases."
    )
    causes = (
        f"{told('causes')} causes: {told('causes_named')} named right, {told('causes_mended')} mended, "
        f"{told('causes_without_person')} without a person; people's time {told('people_s')} s, "
        f"by the printed order {told('printed_people_s')} s."
    )
    areas = (
        f"  {area}: {of['built']} entries, {of['named']} named right, {of['mended']} mended, "
        f"{of['without_person']} without a person in one cause at least, {of['found_and_mended_alone']} "
        "without being asked either"
        for area, of in told("areas").items()
    )
    return [entries, *areas, causes]
