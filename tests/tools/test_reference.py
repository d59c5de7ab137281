"""The reference is made from the code: its makers, its pictures, and the check that compares."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tillwright.cli import COMMANDS
from tillwright.documents.drawing import Drawing, Text
from tillwright.documents.picture import Arrow, Picture
from tillwright.kernel.evidence import Evidence, Source
from tillwright.kernel.keys import leg_key
from tillwright.operations import events
from tillwright.operations.decide import decide
from tillwright.operations.kinds import KINDS, planned_legs
from tillwright.operations.model import Content, Leg, Operation
from tillwright.operations.policy import Policy
from tillwright.operations.ports import RequestTraits
from tillwright.operations.states import Goal, LegState, OperationState
from tillwright.operations.table import LEGS, OPERATIONS
from tillwright.settings.station import parse_station
from tools import reference
from tools.reference_parts import figures, machines, reports_page, settings_pages, stories
from tools.reference_parts.commands_page import commands
from tools.reference_parts.markdown import anchor, cell, code, prose, table
from tools.reference_parts.sources import ROOT, blocks, fields_told, members_told

# ── the check ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    """The made folders as they are kept."""
    for folder in ("reference", "pictures"):
        shutil.copytree(reference.DOCS / folder, tmp_path / folder)
    return tmp_path


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two pages instead of all."""
    pages = {name: reference.PAGES[name] for name in ("reference/settings.md", "pictures/leg-states.svg")}
    monkeypatch.setattr(reference, "PAGES", pages)


@pytest.mark.usefixtures("few")
def test_a_page_that_was_changed_by_hand_is_named_and_mended(docs: Path) -> None:
    page = docs / "reference/settings.md"
    whole = page.read_text("utf-8")
    page.write_text(whole.replace("`port`", "`door`", 1), "utf-8")
    assert list(reference.differing(docs)) == ["reference/settings.md"]
    reference.write(docs)
    assert page.read_text("utf-8") == whole
    assert reference.differing(docs) == {}


def test_what_nothing_makes_is_a_stray(docs: Path) -> None:
    assert reference.strays(docs) == []
    (docs / "reference/old.md").write_text("# Old\n", "utf-8")
    assert reference.strays(docs) == ["reference/old.md"]


@pytest.mark.parametrize("words", [["all"], ["check", "twice"]])
def test_other_words_are_wrong_use(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert reference.main(words) == 2
    assert "python -m tools.reference" in capsys.readouterr().out


def test_the_check_fails_where_the_code_says_something_else(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(reference, "PAGES", {"reference/settings.md": lambda: "# Other settings\n"})
    monkeypatch.setattr(reference, "strays", list)
    assert reference.main(["check"]) == 1
    assert "docs/reference/settings.md" in capsys.readouterr().out


# ── Markdown ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a `b_c` and d_e", "a `b_c` and d\\_e"),
        ("2 * 3 <br> [x]", "2 \\* 3 &lt;br> \\[x]"),
        ("over\n   two lines", "over two lines"),
    ],
)
def test_a_text_of_the_source_stands_as_it_is(text: str, written: str) -> None:
    assert prose(text) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [("the port.", "The port"), ("one. And two.", "One. And two."), ("", ""), ("so on ...", "So on ...")],
)
def test_a_cell_begins_with_a_capital(text: str, written: str) -> None:
    assert cell(text) == written


def test_a_tick_in_code_is_kept() -> None:
    assert code("a`b") == "`` a`b ``"
    assert code("") == ""


def test_a_table_leaves_out_what_is_empty() -> None:
    made = table(("A", "B", "C"), [("1", "", "x|y"), ("2", "", "")])
    assert made.splitlines() == ["| A | C |", "| --- | --- |", "| 1 | x\\|y |", "| 2 |  |"]
    assert table(("A",), []) == ""


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("fiscal.not-registered", "fiscalnot-registered"),
        ("POST /operations/{uid}/give-up", "post-operationsuidgive-up"),
        ("1. Nothing is forgotten", "1-nothing-is-forgotten"),
    ],
)
def test_headings_are_found_by_the_site_s_names(heading: str, name: str) -> None:
    assert anchor(heading) == name


# ── what the source says ────────────────────────────────────────────────────────────────────────────────────


class Told:
    """A thing.

    `first`, `second`: two of them,
    over two lines. `third`: the third (one).

        block

    Words.
    """


def test_fields_are_read_from_a_docstring() -> None:
    assert fields_told(Told) == {
        "first": "two of them, over two lines.",
        "second": "two of them, over two lines.",
        "third": "the third (one).",
    }


def test_blocks_are_read_from_a_docstring() -> None:
    assert blocks(Told) == ["block"]


def test_every_state_is_told() -> None:
    for kind in (LegState, OperationState):
        assert [name for name, text in members_told(kind).items() if not text] == []


# ── pictures ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("tell", "ends", "red"),
    [(stories.plain, True, False), (stories.lost_answer, True, False), (stories.pulled_plug, True, True),
     (stories.killed, True, False)],
)  # fmt: skip
def test_the_stories_come_to_the_ends_that_the_pages_tell(
    tell: Callable[[], Picture], ends: bool, red: bool
) -> None:
    texts = [row.text for row in tell().rows if not isinstance(row, Arrow)]
    assert (texts[-1] == "Done") is ends
    assert any(text.startswith("Unknown") for text in texts) is red


def test_a_cash_sale_waits_for_two_commits_and_asks_between_them() -> None:
    rows = stories.two_commits().rows
    assert all(isinstance(row, Arrow) for row in rows)
    targets = [row.target for row in rows if isinstance(row, Arrow)]
    assert targets.count(stories.DISK) == 2
    first, device = targets.index(stories.DISK), targets.index(stories.DEVICE)
    assert first < device < len(targets) - 1 - targets[::-1].index(stories.DISK)
    assert targets[-1] == stories.PAGE


def _texts_outside(drawing: Drawing) -> list[str]:
    spans = [(shape.text, shape.span()) for shape in drawing.shapes if isinstance(shape, Text)]
    return [text for text, (start, end) in spans if start < 0 or end > drawing.width]


@pytest.mark.parametrize(
    "make",
    [machines.leg_machine, machines.operation_machine, figures.not_sent_or_no_answer, figures.two_drivers],
)
def test_every_text_of_a_figure_fits_its_paper(make: Callable[[], Drawing]) -> None:
    assert _texts_outside(make()) == []


def test_the_figure_of_the_drivers_names_files_that_are_there() -> None:
    assert [name for name in figures.FILES if not (ROOT / "src/tillwright" / name).is_file()] == []


def test_the_diagram_of_operations_has_every_move_of_the_table_and_no_other() -> None:
    moves = {(state, to) for (state, _), targets in OPERATIONS.items() for to in targets if to is not state}
    assert {(arrow.source, arrow.target) for arrow in machines.operation_arrows()} == moves


def test_the_diagram_of_legs_has_every_move_of_the_table() -> None:
    moves = {(state, to) for (state, _), to in LEGS.items() if isinstance(to, LegState) and to is not state}
    arrows = {(arrow.source, arrow.target) for arrow in machines.leg_arrows() if not arrow.clash}
    assert arrows == moves | set(machines.BESIDES)


def test_what_stands_beside_the_table_of_legs_really_happens() -> None:
    legs = planned_legs("u", KINDS["cash-sale"])
    sale = Operation("u", "1", 1, "cash-sale", "7", 1, Content("EUR", 1, (), ()), "", 0, 0, legs)
    assert decide(sale, events.Started(1), Policy()).operation.leg(1).state is LegState.SENT
    traits = RequestTraits(
        idempotent=True, inquirable=False, fences=True, reversal="reverse", repeatable=True
    )
    policy = Policy(requests={("control", "register"): traits, ("control", "reverse"): traits})
    for state in (LegState.DONE, LegState.UNKNOWN):
        target = Leg(1, "control", "register", leg_key("u", 1), state)
        reversal = Leg(2, "control", "reverse", leg_key("u", 2), LegState.SENT, target=1)
        undoing = Operation(
            "u", "1", 1, "cash-sale", "7", 1, Content("EUR", 1, (), ()), "", 0, 0, (target, reversal),
            state=OperationState.UNDOING, version=3, goal=Goal.BACK,
        )  # fmt: skip
        answer = events.Replied(2, 2, True, Evidence(Source.REPLY, 2))
        assert decide(undoing, answer, policy).operation.leg(1).state is LegState.UNDONE


# ── words beside things ─────────────────────────────────────────────────────────────────────────────────────


def test_the_example_of_the_settings_can_be_read() -> None:
    station = parse_station(settings_pages.EXAMPLE, Path("shop"))
    assert [till.id for till in station.tills] == ["till-1"]


def test_every_report_that_a_command_prints_is_told() -> None:
    page = commands()
    sections = {part.partition("\n")[0]: part for part in page.replace("\n### ", "\n## ").split("\n## ")[1:]}
    printing = [name for name, part in sections.items() if "`--json`" in part]
    assert printing
    assert sorted(name.removeprefix("tillwright ") for name in printing) == sorted(reports_page.REPORTS)


def test_a_key_that_is_told_and_not_printed_stops_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports_page, "VERIFY", {**reports_page.VERIFY, "found": "No such key."})
    told = reports_page.Report(reports_page.VERIFY, reports_page.REPORTS["verify"].printed)
    monkeypatch.setattr(reports_page, "REPORTS", {"verify": told})
    with pytest.raises(LookupError, match="found"):
        reports_page.reports_page()


def test_every_command_has_a_section() -> None:
    page = commands()
    assert [one.name for one in COMMANDS if f"\n## tillwright {one.name}\n" not in page] == []
