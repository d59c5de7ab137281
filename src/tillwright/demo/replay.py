"""`tillwright replay SOURCE`: real baskets through real processes that misbehave and are killed, then four
books compared: the data set, the journal, the devices, the operator.

Exit status 0: every basket, and every one that came back, stands exactly once in each book, with its sum;
everything has ended and was delivered; every ruling was borne out; with `--faults rough` every fault has
struck and the station was killed at least ten times. 1: not so. 2: wrong use.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tillwright.demo import replay_rules, verify
from tillwright.demo.baskets import BasketPlan, NoData, kinds_of_lines, read_baskets
from tillwright.demo.processes import NotReady
from tillwright.demo.replay_people import TAKEN_TOO_EARLY, Cases
from tillwright.demo.replay_rules import Found, Intent
from tillwright.demo.replay_run import Replay, Replayed, not_done, open_shop, ruled_wanted
from tillwright.demo.replay_till import CURRENCY, Sold
from tillwright.demo.trouble import PROFILES, Profile
from tillwright.demo.verify import Verdict
from tillwright.machine.reports import open_report, show
from tillwright.parties.faulting import FAULTS

SOURCE = "completejourney"
LEAST_KILLS = 10
_WRONG_USE = 2
_SHOWN = 20


def replay(
    source: Annotated[str, typer.Argument(help=f"Where the baskets come from: {SOURCE}.")],
    baskets: Annotated[int, typer.Option(min=1, help="How many baskets.")] = 200,
    faults: Annotated[str, typer.Option(help="How much trouble: calm or rough.")] = "calm",
    seed: Annotated[int, typer.Option(help="Of the trouble.")] = 1,
    data: Annotated[
        Path | None, typer.Option(help="An empty folder for the shop's data; else a temporary one.")
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the shop's data afterwards.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the report as one JSON object.")] = False,
) -> None:
    """Sell real baskets at a shop in trouble, and compare data set, journal, devices and operator."""
    opened = open_report("replay")
    profile, plan = _wanted(source, baskets, faults)
    folder = _folder(data)
    try:
        replayed, verdict = _run(folder, plan, profile, seed)
    except NotReady as error:
        typer.echo(f"tillwright: {error}\nThe shop's data stay in {folder}.", err=True)
        raise typer.Exit(1) from error
    values = report_of(replayed, verdict)
    problems = list(problems_of(values, profile))
    show(opened.close(values, folder), json, sentences(values, problems))
    if problems:
        typer.echo(f"The shop's data stay in {folder}.", err=True)
        raise typer.Exit(1)
    if not keep:
        shutil.rmtree(folder)


def _wanted(source: str, baskets: int, faults: str) -> tuple[Profile, BasketPlan]:
    """What is asked for; ends the command where there is no such thing."""
    if source != SOURCE:
        raise typer.BadParameter(f"there is {SOURCE}", param_hint="SOURCE")
    if faults not in PROFILES:
        raise typer.BadParameter(f"there is {', '.join(PROFILES)}", param_hint="--faults")
    try:
        return PROFILES[faults], read_baskets(baskets)
    except NoData as error:
        typer.echo(f"tillwright: {error}", err=True)
        raise typer.Exit(_WRONG_USE) from error


def _folder(data: Path | None) -> Path:
    if data is None:
        return Path(tempfile.mkdtemp(prefix="tillwright-replay-"))
    if data.exists() and (not data.is_dir() or any(data.iterdir())):
        raise typer.BadParameter(f"{data} is not an empty folder", param_hint="--data")
    data.mkdir(parents=True, exist_ok=True)
    return data


def _run(folder: Path, plan: BasketPlan, profile: Profile, seed: int) -> tuple[Replayed, Verdict]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(f"{len(plan.stores)} stores, {profile.name}", total=len(plan.baskets))
        work = Replay(open_shop(folder, plan), plan, profile, seed, lambda: bar.advance(task))
        replayed = work.run()
    return replayed, verify.compare(folder)


# ── the report ──────────────────────────────────────────────────────────────────────────────────────────────


def report_of(replayed: Replayed, verdict: Verdict) -> dict[str, Any]:
    """The report's own keys. Counted from the devices' storage and the client's list of uids."""
    plan, trouble = replayed.plan, replayed.trouble
    of_books = verify.report_of([verdict])
    intents = intents_of(replayed)
    found = replay_rules.find(intents, verdict.books)
    return {
        "baskets": len(plan.baskets),
        "operations": of_books["operations"],
        "lost": max(sum(one.lost for one in found), of_books["lost"]),
        "doubled": max(sum(one.doubled for one in found), of_books["doubled"]),
        "money_off_minor": max(sum(one.off_minor for one in found), of_books["money_off_minor"]),
        "reds": of_books["reds"],
        "reds_ended": of_books["reds_ended"],
        "undelivered": of_books["undelivered"],
        "books": replay_rules.sums(intents, verdict.books),
        "faults_fired": {fault: trouble.struck.get(fault, 0) for fault in FAULTS},
        "excluded": dict(plan.excluded),
        "stores": len(plan.stores),
        "days": sum(1 for _ in plan.days()),
        "ruled": of_books["ruled"],
        "ruled_checked": of_books["ruled_checked"],
        "ruled_as": {case.value: replayed.ruled.count(case) for case in Cases},
        "rulings_refused": dict(replayed.ruled.refused),
        "kills": trouble.station_kills,
        "twins_kills": trouble.twins_kills,
        "undelivered_most": trouble.undelivered_most,
        "operator_faults_fired": {fault: trouble.operator_struck.get(fault, 0) for fault in FAULTS},
        "counts": dict(sorted(replayed.counts.items())),
        "complaints": replayed.complaints,
        "tills": len(plan.tills),
        "lines": dict(kinds_of_lines(plan)),
        "calls": dict(replayed.calls),
        "rung_up_again": sum(len(one.uids) - 1 for one in replayed.sold),
        "not_sold": [f"{one.name}: {one.state}" for one in not_done(replayed.sold)],
        "unsettled": replayed.unsettled,
        "wrong": [
            *(_said(one) for one in found if one.wrong),
            *replay_rules.strangers(intents, verdict.books),
        ],
        "differences": of_books["differences"],
        "unfinished": of_books["unfinished"],
    }


def intents_of(replayed: Replayed) -> list[Intent]:
    """The client's own list: every basket of the plan, every one that was to come back, and the uids that it
    was rung up under.
    """
    bought = {one.basket.id: one for one in replayed.sold if one.kind == "cash-sale"}
    intents = [_intent(bought.get(basket.id, Sold(basket))) for basket in replayed.plan.baskets]
    return intents + [_intent(one) for one in replayed.sold if one.kind != "cash-sale"]


def _intent(sold: Sold) -> Intent:
    total_minor = sold.basket.total_minor if sold.kind == "cash-sale" else sold.total_minor
    return Intent(sold.name, sold.basket.till, total_minor, tuple(sold.uids), sold.kind)


def _said(found: Found) -> str:
    intent = found.intent
    books = ", ".join(
        f"in the {name} {[one.total_minor for one in rows]}" for name, rows in found.books.items()
    )
    return f"basket {intent.name} of {intent.till}, {intent.total_minor}: {books}"


def problems_of(values: dict[str, Any], profile: Profile) -> Iterator[str]:
    """Why the replay has not held; nothing if it has."""
    for name in ("lost", "doubled", "money_off_minor"):
        if values[name]:
            yield f"{name} is {values[name]}"
    for name in ("wrong", "differences", "unfinished", "unsettled", "not_sold", "complaints"):
        if values[name]:
            yield f"{name}: {len(values[name])}"
    if values["reds"] != values["reds_ended"]:
        yield f"{values['reds'] - values['reds_ended']} operations are red"
    if values["undelivered"]:
        yield f"{values['undelivered']} documents are undelivered"
    yield from _not_ruled_rightly(values)
    if profile.one_shots:
        yield from _not_rough_enough(values)


def _not_ruled_rightly(values: dict[str, Any]) -> Iterator[str]:
    """Enough was ruled, both ways, and every ruling was borne out later."""
    ruled, wanted = values["ruled"], ruled_wanted(values["baskets"])
    if sum(ruled.values()) < wanted or (wanted and not all(ruled.values())):
        yield f"ruled {ruled['happened']} times that it happened, {ruled['did_not']} times that it did not"
    too_early = values["rulings_refused"].get(TAKEN_TOO_EARLY, 0)
    if too_early:
        yield f"{too_early} rulings that it did not happen were {TAKEN_TOO_EARLY}"
    for name in ("against", "unchecked"):
        if values["ruled_checked"][name]:
            yield f"{values['ruled_checked'][name]} rulings are {name}"


def _not_rough_enough(values: dict[str, Any]) -> Iterator[str]:
    silent = [fault for fault, count in values["faults_fired"].items() if not count]
    if silent:
        yield f"never fired: {', '.join(silent)}"
    if values["kills"] < LEAST_KILLS:
        yield f"the station was killed {values['kills']} times, not {LEAST_KILLS}"


def sentences(values: dict[str, Any], problems: Sequence[str]) -> Iterator[str]:
    """The report as lines of text."""
    fired = ", ".join(f"{fault} {count}" for fault, count in values["faults_fired"].items())
    left_out = ", ".join(f"{count} of {reason}" for reason, count in values["excluded"].items())
    yield f"{values['baskets']} baskets of {values['stores']} stores on {values['days']} days"
    yield f"left out: {left_out}"
    yield f"faults: {fired}"
    yield f"killed: the station {values['kills']} times, the devices' process {values['twins_kills']} times"
    ruled = values["ruled"]
    yield (
        f"ruled from the cabinet: happened {ruled['happened']}, did not {ruled['did_not']}; "
        f"undelivered at most {values['undelivered_most']}, at the end {values['undelivered']}"
    )
    for name, book in values["books"].items():
        amount = verify.shown(book["sum_minor"], CURRENCY)
        yield f"{name:>12}: {book['operations']} sales and returns, {amount}"
    yield (
        f"lost {values['lost']}, doubled {values['doubled']}, "
        f"money off {values['money_off_minor']} (minor units), "
        f"red {values['reds']}, of which ended {values['reds_ended']}"
    )
    for name in ("wrong", "unfinished", "not_sold", "complaints"):
        yield from (f"  {line}" for line in values[name][:_SHOWN])
    yield from (f"  {one['what']}: {one['text']}" for one in values["differences"][:_SHOWN])
    yield "Not held: " + "; ".join(problems) if problems else "Every basket stands once in each book."
