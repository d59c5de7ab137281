"""drill: every entry has a row or a reason; what counts as held; and a handful of real drills."""

import json
from pathlib import Path
from typing import Any

import pytest

from tillwright import cli
from tillwright.demo.drills.best import best
from tillwright.demo.drills.command import cases, summary, table
from tillwright.demo.drills.model import Row, Scenario
from tillwright.demo.drills.printed import at_the_end, printed_people_s
from tillwright.demo.drills.scenes import PARTS_TO_COME, SCENARIOS, WITHOUT, chosen, not_built
from tillwright.machine.resources import shipped_catalogue

CATALOGUE = shipped_catalogue()
ROW_KEYS = {
    "code", "cause", "built", "raised_s", "named", "people_steps", "program_steps", "people_s",
    "printed_people_s", "mended",
}  # fmt: skip
KEYS = {"rows", "entries", "built", "named", "mended", "without_person"}


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.main(["drill", *words])
    return int(ended.value.code or 0)


def the(name: str) -> Scenario:
    return chosen(name)[0]


def row(**more: Any) -> Row:
    whole = {"raised_s": 1.0, "named": True, "mended": True, "people_steps": 1}
    return Row("a.b", "c", **{**whole, **more})


# ── nothing is left out ─────────────────────────────────────────────────────────────────────────────────────


def test_every_cause_of_the_catalogue_has_a_drill_or_a_reason_why_not() -> None:
    told = {(one.code, one.cause) for one in SCENARIOS}
    told |= {(one.code, one.cause) for one in not_built(CATALOGUE)}
    for entry in CATALOGUE.entries.values():
        for cause in entry.causes:
            assert {(entry.code, cause.id), (entry.code, "")} & told, f"{entry.code}/{cause.id}"


def test_what_is_not_built_says_why_and_is_not_drilled() -> None:
    drilled = {one.name for one in SCENARIOS}
    for one in not_built(CATALOGUE):
        assert one.why
        assert not one.built
        assert f"{one.code}/{one.cause}" not in drilled


def test_no_drill_comes_twice() -> None:
    names = [one.name for one in SCENARIOS]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: one.name)
def test_a_drill_speaks_of_steps_that_the_catalogue_has(scenario: Scenario) -> None:
    assert scenario.cause in {one.id for one in CATALOGUE.entry(scenario.code).causes}
    entry = CATALOGUE.entry(scenario.walks)
    assert scenario.planted in {one.id for one in entry.causes}
    everywhere = {one.id for any_one in CATALOGUE.entries.values() for one in any_one.remedies}
    assert set(scenario.mends) <= everywhere
    for check, answer in scenario.sees.items():
        id = check.rsplit(":", 1)[-1]
        answers = {
            one.id
            for any_one in CATALOGUE.entries.values()
            for spec in any_one.checks
            if spec.id == id and spec.asks
            for one in spec.answers
        }
        assert answer in answers, f"{check}: {answer}"


def test_reasons_name_causes_that_there_are() -> None:
    for name in WITHOUT:
        code, cause = name.split("/")
        assert cause in {one.id for one in CATALOGUE.entry(code).causes}
    for start in PARTS_TO_COME:
        assert any(code.startswith(start) for code in CATALOGUE.entries)


# ── figures ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_entry_counts_as_named_and_mended_only_if_all_its_causes_are() -> None:
    rows = [row(), row(named=False), Row("x.y", "z", raised_s=2.0, named=True, mended=True)]
    told = summary(rows, [Row("n.b", built=False, why="no")])
    assert set(told) >= KEYS
    assert (told["entries"], told["built"], told["named"], told["mended"]) == (3, 2, 1, 2)
    assert told["without_person"] == 1
    assert set(told["rows"][0]) >= ROW_KEYS


def test_what_somebody_had_to_ask_for_was_not_found_alone() -> None:
    told = summary(
        [row(people_steps=0, asked=True), Row("x.y", "z", raised_s=2.0, named=True, mended=True)], []
    )
    assert (told["without_person"], told["found_and_mended_alone"]) == (2, 1)
    assert {area: of["found_and_mended_alone"] for area, of in told["areas"].items()} == {"a": 0, "x": 1}


def test_cases_are_weighed_as_the_catalogue_expects_them() -> None:
    code = "fiscal.sko-disconnected"
    weights = {one.id: one.weight for one in CATALOGUE.entry(code).causes}
    rows = [
        Row(code, cause, raised_s=1.0, named=True, mended=True, people_steps=cause != "moment")
        for cause in weights
    ]
    assert cases(rows) == round(100 * weights["moment"] / sum(weights.values()))
    assert cases([*rows, Row("fiscal.device-behind", "handing-back")]) == cases(rows) // 2
    assert cases([]) == 0


@pytest.mark.parametrize("broken", [{"raised_s": None}, {"named": False}, {"mended": False}])
def test_a_row_holds_only_if_it_was_raised_named_and_mended(broken: dict[str, Any]) -> None:
    assert row().held
    assert not row(**broken).held


def test_the_printed_order_goes_through_the_checks_and_then_the_remedies() -> None:
    scenario = the("fiscal.sko-disconnected/cable-out")
    entry = CATALOGUE.entry(scenario.code)
    cost = {one.id: one.cost.people for one in entry.remedies}
    told = printed_people_s(entry, scenario, {"link": "no-line"}, "plug-in")
    assert told >= cost["plug-in"] + 5
    assert told > sum(one.people_s for one in best(entry, scenario)) - 1


def test_who_has_to_be_called_costs_the_call_too() -> None:
    scenario = the("fiscal.sko-disconnected/broken")
    entry = CATALOGUE.entry(scenario.code)
    assert entry.escalate is not None
    told = printed_people_s(entry, scenario, {}, None)
    assert told >= entry.escalate.cost.people


def test_what_ended_it_speaks_for_the_causes_that_it_ends() -> None:
    entry = CATALOGUE.entry("fiscal.sko-disconnected")
    even = {"switched-off": 0.5, "cable-out": 0.5}
    told = at_the_end(entry, even, "plug-in")
    assert told["cable-out"] > 10 * told["switched-off"]
    assert at_the_end(entry, even, "") == even


# ── the command ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_code_that_is_not_built_is_wrong_use_and_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("terminal.swipe-failed") == 2
    assert "not built" in capsys.readouterr().err


def test_an_unknown_code_is_wrong_use() -> None:
    assert run("no.such-code") == 2
    assert run() == 2


def test_the_table_has_a_line_for_every_row() -> None:
    assert table([row(), row(named=False)], [Row("n.b", built=False, why="no")]).row_count == 3


# ── real drills ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.crash
@pytest.mark.parametrize(
    "name", ["fiscal.sko-disconnected/switched-off", "fiscal.billing-contract-not-concluded/not-entered"]
)
def test_a_fault_is_brought_about_raised_named_and_mended(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(name, "--json", "--data", str(tmp_path)) == 0
    report = json.loads(capsys.readouterr().out)
    told = report["rows"][0]
    assert set(told) >= ROW_KEYS
    assert told["raised_s"] is not None
    assert told["named"]
    assert told["mended"]
    assert told["people_steps"] >= 1
    assert told["people_s"] <= told["printed_people_s"]
