"""The page of reports: the keys that commands print with `--json`, each with what it means.

What a key means is written here. Which keys there are is the program's; where the two differ the page is not
made.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import django

from tillwright.catalogue import commands as catalogue
from tillwright.demo import (
    bench_diagnosis,
    bench_operations,
    bench_pages,
    bench_search,
    replay,
    verify,
    verify_fiscal_rules,
    verify_rules,
)
from tillwright.demo.drills import command as drills
from tillwright.machine import reports, search_command
from tillwright.operations.kinds import KINDS
from tillwright.settings import audit_command
from tillwright.simulation import commands as simulation
from tools.reference_parts.markdown import cell, code, page, prose, table
from tools.reference_parts.sources import paragraphs

Told = Mapping[str, str]

FRAME: Told = {
    "command": "The command's words.",
    "version": "The program's version.",
    "git": "The commit that it was run from, or null.",
    "machine": "`cores`, `memory_bytes`, and `fdatasync_ms`: how long the disk takes to keep 4 KiB.",
    "started": "When it began, in UTC.",
    "seconds": "How long it took.",
}
VERIFY: Told = {
    "baskets": "Sales in the journal.",
    "operations": "Operations in the journal.",
    "lost": "Things that one side has and the other lacks, by key.",
    "doubled": "Things that one side has more than once for one intent, by key.",
    "money_off_minor": "The money of all differences added up, never netted.",
    "reds": "Operations that have ever been red.",
    "reds_ended": "Those of them that have ended.",
    "undelivered": "Documents that wait for a receiver.",
    "books": "Each book's count and sum of what is done; a pair a currency where there are several.",
    "excluded": "What was left out, by reason.",
    "stores": "Folders that were compared.",
    "days": "Days on which operations began.",
    "ruled": "Rulings of people: `happened` and `did_not`.",
    "ruled_checked": "Those of them that a record has borne out or spoken against, by verdict.",
    "kills": "How often the station was killed on purpose.",
    "differences": "What does not agree: `what`, `till`, `key`, `text`, both sides, `off_minor`.",
    "unfinished": "Operations that have not ended, over which the books may differ.",
    "cash": "Each till's cash by device and book, and the part that unfinished operations explain.",
}
BENCH_OPERATIONS: Told = {
    "commits_per_sale": "Durable commits that a cash sale made, with all that shared them.",
    "commit_waits": "Commits that one cash sale waits for.",
    "sale_ms_median": "A cash sale at the runner, twin in memory.",
    "limit_ms_median": "The least that it could take: so many one-row commits by the bare driver, same disk.",
    "ratio_median": "The sale over the limit.",
    "cpu_ms_over_limit": "Processor time of a sale above that of the bare commits.",
    "api_sales_per_s_4": "Sales a second through HTTP, four tills at once, twins on sockets.",
    "api_p95_ms_4": "Of these, the time within which 95 of 100 are answered.",
    "api_sales_per_s_4_devices": "The same with the control devices alone: nothing printed or delivered",
    "api_p95_ms_4_devices": "Of these, the time within which 95 of 100 are answered",
    "sales_per_s_1": "Sales a second at the station, one till.",
    "sales_per_s_8": "The same, eight tills.",
    "ready_s_10": "From start to ready with ten finished operations.",
    "ready_s_1000000": "From start to ready with a million; the key names how many there really were.",
}
BENCH_PAGES: Told = {
    "page_bytes": "The till's page as it goes over the line.",
    "assets_bytes": "Styles, scripts and icons that it needs, at the first visit.",
    "requests": "How many requests that makes.",
    "page_server_ms_median": "How long the station takes for the page.",
    "press_server_ms_median": "How long it takes for a press that puts goods into the basket.",
    "press_server_ms_p95": "Of these, the time within which 95 of 100 are answered.",
}
SIMULATE: Told = {
    "seeds": "Worlds that were run.",
    "operations": "Operations in all of them.",
    "operations_per_s": "Operations a second, judge included.",
    "calm_operations_per_s": "The same in a world where nothing fails.",
    "lost": "Customers who paid and left with the goods, and whose sale no device has.",
    "doubled": "Sales that a device has more than once.",
    "guessed": "Legs that ended without evidence.",
    "overspent": "Limits that were exceeded; nothing gives credit yet.",
    "money_off_minor": "How far devices and cash books are apart, summed over tills, never netted.",
    "reds": "Operations that turned red.",
    "reds_ended": "Those of them that ended.",
    "people_minutes": "How long people stood at the tills, from the first press to the end.",
    "violations": "Promises that did not hold: `seed`, `promise`, `text` with options and picture.",
    "faults_fired": "Each fault, and how often a message or a write was really hit.",
    "ends": "Kind and state of operations, and how many.",
    "pairs_visited": "Pairs of state and event that were met, of those that can be reached.",
    "pairs": "Pairs that can be reached.",
    "pairs_missing": "Those that were not met.",
    "crashes": "Crashes of stations and devices.",
    "digest": "A fingerprint of all runs: the same seeds give the same.",
    "planted": "Each planted bug: whether it was `caught`, by which `seed` and `promise`.",
    "wrong": "Everything for which the command ends with 1.",
    "naive": "With `--against naive`: the same counts of the other till in the same worlds.",
}
REPLAY: Told = {
    **{name: text for name, text in VERIFY.items() if name != "cash"},
    "baskets": "Baskets that were to be sold.",
    "lost": "Baskets that a book lacks.",
    "doubled": "Baskets that a book has more than once.",
    "books": "Data set, journal and device: how many sales, which sum.",
    "faults_fired": "Each fault of the twins, and how often it struck.",
    "stores": "Stores that the baskets are from.",
    "days": "Days that the baskets are from.",
    "kills": "How often the station was killed.",
    "complaints": "What the replay's people found that should not be, in words.",
    "counts": "Blind counts, refunds, voids and the like: how many of each.",
    "operator_faults_fired": "Each fault of the operator, and how often it struck.",
    "ruled_as": "Rulings by what was to follow.",
    "rulings_refused": "Rulings that the till did not take, by code.",
    "undelivered_most": "The most documents that ever waited for the operator at once.",
    "twins_kills": "How often the devices' process was killed.",
    "tills": "Tills that sold.",
    "lines": "Lines of the baskets, by kind.",
    "calls": "Calls of the API, by how they were answered.",
    "rung_up_again": "Baskets that a till gave up and sold anew.",
    "not_sold": "Baskets that did not come to be sold.",
    "unsettled": "Operations that had not ended at the end.",
    "wrong": "Baskets that do not stand once in each book with their sum.",
}
BENCH_DIAGNOSIS: Told = {
    "runbooks": "Runbooks of the catalogue.",
    "policy_over_optimum_max": "What following the program costs, over the best that can be done: the worst.",
    "policy_over_optimum_mean": "The same over all runbooks.",
    "policy_over_printed_median": "Over the printed order, by hand; of runbooks of more than two steps.",
    "policy_over_printed_max": "Of these, the worst.",
    "policy_over_printed_built_median": "The median over faults of what is built, where there are probes.",
    "policy_over_printed_with_probes_median": "Over the printed order, where the program looks all the same.",
    "policy_over_everything_asked_median": "Over asking a person everything before anything is done.",
    "search_over_printed_median": "Over the printed order, of what is spent above the unavoidable: what it "
    "would cost if the cause were told for nothing.",
    "rows": "The runbooks: `code`, `steps`, `policy_s`, and these ratios for each.",
    "random_models": "Random runbooks.",
    "random_over_optimum_mean": "What following the program without a table costs there, over the optimum.",
    "random_over_optimum_max": "Of these, the worst.",
    "look_ahead_over_optimum_mean": "The same for looking two steps ahead only.",
    "look_ahead_over_optimum_max": "Of these, the worst.",
    "misjudged_over_optimum_mean": "The same with every weight and cost off by a factor e^N(0, 0.7).",
    "decisions": "Decisions that were timed.",
    "decision_ms_median": "How long one took: processor time, as it waits for nothing.",
    "decision_ms_p99": "Of these, the time within which 99 of 100 are made.",
    "additions_ms": "The reference: a loop of 10,000 additions.",
    "decision_p99_over_additions": "The one over the other.",
}
_JUDGED: Told = {
    "queries": "Wordings that were tried.",
    "top1": "The share of those that mean a fault where it comes first.",
    "top3": "Where it is among the first three.",
    "top1_known": "Where it comes first, and is said to be known.",
    "denied": "Where it is said to be none that is known.",
    "abstained": "The share of those that mean none of our faults where this is said.",
    "by_lang": "The same for each language.",
    "misses": "What was not right: `text`, `wanted`, `got`.",
    "ms_median": "How long a query takes.",
    "ms_p99": "The time within which 99 of 100 are answered.",
}
SEARCH: Told = {
    "known": "Whether the words mean one of our faults.",
    "candidates": "The likeliest first: `code`, `codes` of its group, `group`, `score`, `says`, `wording`.",
    **{name: f"With `--eval`: {text[0].lower()}{text[1:]}" for name, text in _JUDGED.items()},
}
BENCH_SEARCH: Told = {
    "entries": "Entries of the catalogue.",
    **_JUDGED,
    "reference": "The same figures for SQLite's own full text search over the same texts.",
    "ratio_median": "The median time over the reference's.",
    "ratio_p99": "The 99th percentile over the reference's.",
    "aims": "What is aimed at.",
}
DRILL: Told = {
    "rows": "A row a cause: what was raised, named, done, mended, and what it cost; without a drill, why.",
    "entries": "Entries that can occur in what is built, or belong to parts that are not.",
    "built": "Entries with a drill.",
    "raised": "Entries all of whose drilled causes were raised.",
    "named": "Entries all of whose drilled causes were named right.",
    "mended": "Entries all of whose drilled causes were mended.",
    "without_person": "Entries of which one cause at least took no step of anybody's.",
    "found_and_mended_alone": "Of these, the ones that the program noticed by itself as well.",
    "areas": "The same for each area of codes: `fiscal`, `people`, `till` and the others.",
    "cases_alone_percent": "The share of cases that the program finds and mends alone: each entry counts the "
    "same, its drilled causes by their weights.",
    "causes": "Causes that were drilled.",
    "causes_named": "Causes that were named right.",
    "causes_mended": "Causes that were mended.",
    "causes_without_person": "Causes that took no step of anybody's.",
    "people_s": "Seconds of people's time, by the costs in the runbooks.",
    "printed_people_s": "The same for the order of steps as the sources print it.",
}
DOCTOR: Told = {
    "verdict": "`healthy`, `sick` or `unknown`.",
    "parts": "What was looked at: `part`, `till`, `state`, `follows`, `finding`, `findings`, `ms`.",
    "faults": "What is wrong, the likeliest first: `code`, `facts`, `likely`, `till`, `diagnosis`.",
    "diagnosis": "With a fault named: how its diagnosis stands at the end.",
    "candidates": "With words that may mean several faults: their codes.",
}
AUDIT_VERIFY: Told = {
    "whole": "Whether every entry follows from the one before it, up to the signed head.",
    "entries": "How many there are.",
    "head": "The hash of the newest one.",
    "broken": "What is wrong with the first broken one, or null.",
    "number": "Its number.",
    "told_by": "Which signed head gave it away: `database` or `file`.",
}
AUDIT_LIST: Told = {"entries": "The newest entries: `number`, `at_ms`, `who`, `what`, `facts`."}
CATALOGUE_CHECK: Told = {
    "entries": "Entries in all files.",
    "by_pack": "Entries by pack.",
    "problems": "Mistakes: `file`, `line`, `code`, `text`.",
}
DIFFERENCES: Told = {
    "missing-at-device": "Done in the journal, and the device has no document of it. **Lost.**",
    "missing-in-journal": "The device has a document whose key no operation has. **Lost.**",
    "doubled-at-device": "The device has more than one document of an operation. **Doubled.**",
    "posted-twice": "An operation stands in the cash book more than once. **Doubled.**",
    "contradiction": "The operation ended as not having happened, and the device has a document of it.",
    "missing-at-operator": "Counts as delivered, and the operator does not have it. **Lost.**",
    "doubled-at-operator": "The operator has more than one document of an operation. **Doubled.**",
    "operator-altered": "A row of the operator does not say what its signed text says.",
    "operator-copy-differs": "The operator's copy of a document has other words than the device's.",
    "operator-sum-differs": "Operator and device have different sums for a document.",
    "operator-surplus": "The operator has a document that the device never wrote.",
    "not-queued": "A document is held and was never queued for its receiver.",
    "queued-unknown": "A document is queued that is not held.",
    "queued-sum-differs": "A document is queued with another sum than it has.",
    "origin-differs": "A document takes back another one than the operation names.",
    "parent-unknown": "An operation takes back one that the journal does not have.",
    "refund-exceeds-sale": "More was taken back than was sold, in all or of one line.",
    "taken-differs": "What counts as taken back is not the sum of the refunds.",
    "shift-differs": "A shift in the journal is not what its operations make of it.",
    "z-missing": "A closed shift has no Z report.",
    "z-differs": "A Z report has other sums than the cash book.",
    "count-differs": "A blind count does not add up, or expected another sum than the book.",
    "ruled-wrongly": "A ruling says something else than the records.",
    "audit-broken": "The audit chain is broken at an entry.",
    "sum-differs": "Journal and device have different totals.",
    "swapped": "Two totals that stand crosswise: they were exchanged.",
    "currency-differs": "Journal and device have different currencies.",
    "till-differs": "Journal and device name different tills.",
    "kind-differs": "The document is of another kind than the operation.",
    "content-differs": "The document was signed over another basket.",
    "reference-differs": "The operation names another document as its own.",
    "document-altered": "A row of the device does not say what its signed text says.",
    "fenced-and-registered": "The device has registered a key that it had said it would refuse.",
    "number-missing": "The device's numbers have a gap.",
    "not-held": "The journal should hold a copy of the document, and does not.",
    "copy-differs": "The journal's copy of a document has other words.",
    "copy-unknown": "A copy to which nothing in the journal belongs.",
    "total-altered": "An operation's total is not the one of its content.",
    "events-differ": "An operation's events are not all there.",
    "key-missing": "A leg's key is not kept.",
    "key-unknown": "A key belongs to no leg.",
    "receipt-missing": "A sale is done, without a receipt.",
    "receipt-differs": "A receipt says something else than its operation.",
    "receipt-without-done": "A receipt of an operation that is not done.",
    "entries-missing": "An operation is done, and not in the cash book.",
    "entries-without-done": "Something stands in the cash book that has not happened.",
    "entries-unbalanced": "The entries of an operation do not add up to nothing.",
    "entries-differ": "The entries are not those of the operation's total.",
    "balance-differs": "A balance is not the sum of its entries.",
    "cash-differs": "A till's cash by device and by book differ by more than unfinished operations explain.",
}
"""What a difference of `verify` is called → what it is."""


@dataclass(frozen=True, slots=True)
class Report:
    """A report: the keys as told here, and how to find those that the program prints."""

    told: Told
    printed: Callable[[], frozenset[str]]


def _in_source(*functions: Callable[..., object]) -> Callable[[], frozenset[str]]:
    """The keys of the dictionaries that these functions make, as their source has them."""

    def printed() -> frozenset[str]:
        sources = "\n".join(inspect.getsource(function) for function in functions)
        found = re.findall(r'^ +f?"([a-z][a-z0-9_]*(?:\{finished\})?)":', sources, re.MULTILINE)
        named = re.findall(r'values\["(\w+)"\] = ', sources)
        return frozenset(name.replace("{finished}", "1000000") for name in (*found, *named))

    return printed


def _of_the_doctor() -> frozenset[str]:
    django.setup()
    from tillwright.settings.doctor import visit

    return _in_source(visit.Found.report)()


REPORTS: Mapping[str, Report] = {
    "verify": Report(VERIFY, _in_source(verify.report_of)),
    "replay": Report(REPLAY, _in_source(replay.report_of)),
    "simulate": Report(SIMULATE, _in_source(simulation.Simulated.values, simulation._counts)),
    "bench operations": Report(BENCH_OPERATIONS, _in_source(bench_operations.measure)),
    "bench pages": Report(BENCH_PAGES, _in_source(bench_pages._figures)),
    "bench diagnosis": Report(
        BENCH_DIAGNOSIS,
        _in_source(bench_diagnosis._of_shipped, bench_diagnosis._of_random, bench_diagnosis._thinking),
    ),
    "bench search": Report(
        BENCH_SEARCH,
        _in_source(
            bench_search.measure, search_command.report_of, search_command.figures, search_command.times
        ),
    ),
    "drill": Report(DRILL, _in_source(drills.summary, drills._entries, drills.drill)),
    "search": Report(
        SEARCH,
        _in_source(
            search_command.search, search_command.report_of, search_command.figures, search_command.times
        ),
    ),
    "doctor": Report(DOCTOR, _of_the_doctor),
    "audit verify": Report(AUDIT_VERIFY, _in_source(audit_command._values)),
    "audit list": Report(AUDIT_LIST, lambda: frozenset(AUDIT_LIST)),
    "catalogue check": Report(CATALOGUE_CHECK, _in_source(catalogue.check)),
}


def reports_page() -> str:
    """The keys of every report."""
    _agree("the frame", FRAME, frozenset(reports.ENVELOPE))
    _agree("the differences", DIFFERENCES, differences())
    return page(
        "Reports",
        prose(paragraphs(reports)[1]),
        "Counts come from the parties' own storage and the client's own list of keys, never from our journal "
        "alone. Exit status: 0 all held, 1 something that is reported here is wrong, 2 wrong use.",
        "## The frame",
        _keys(FRAME),
        *(part for name, report in REPORTS.items() for part in _report(name, report)),
        "## Differences that verify names",
        "[Read a verify report](../how-to/read-a-verify-report.md) says what to do about them.",
        _keys(DIFFERENCES, "Difference"),
    )


def _report(name: str, report: Report) -> Iterator[str]:
    _agree(name, report.told, report.printed())
    yield f"## tillwright {name}"
    yield _keys(report.told)


def _keys(told: Told, head: str = "Key") -> str:
    return table((head, "What it means"), ((code(name), _strong(text)) for name, text in told.items()))


def _strong(text: str) -> str:
    plain, mark, strong = text.partition("**")
    return prose(plain) + (f" {mark}{strong}" if mark else "") if mark else cell(text)


def differences() -> frozenset[str]:
    """The names that `verify` has for what does not agree, as its source has them."""
    kinds = {*KINDS, *verify_rules.DOCUMENT_OF_ACTION.values(), verify_rules.OVER_SHORT}
    source = inspect.getsource(verify_rules) + inspect.getsource(verify_fiscal_rules)
    named = set(re.findall(r'"([a-z]+(?:-[a-z]+)+)"', source))
    return frozenset({*(named - kinds), "contradiction", "swapped"})


def _agree(name: str, told: Told, printed: frozenset[str]) -> None:
    if set(told) != printed:
        raise LookupError(f"keys of {name}: {sorted(set(told) ^ printed)} told or printed, not both")
