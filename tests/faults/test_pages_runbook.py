"""Runbooks on pages: the flow chart and its figures; the editor with lint, dry run, versions."""

import pytest

from tests.faults.desk import LINK_LOST, Desk, counter, desk
from tests.pages import People
from tests.till.counter import readable, words
from tillwright.catalogue.runbooks import runbook_of
from tillwright.diagnosis.course import Course, apply, begin
from tillwright.diagnosis.events import Answered, Closed, Did, Found, Outcome, Verified
from tillwright.diagnosis.runbook import Runbook
from tillwright.documents.drawing import Box, Path, Text
from tillwright.faults import drafts, flow, store, trying, ways
from tillwright.faults.books import SHIPPED
from tillwright.faults.runbook_pages import node_of, tree
from tillwright.faults.ways import Counted, Way
from tillwright.machine.resources import shipped_catalogue
from tillwright.till.queries import reader

__all__ = ["counter", "desk"]

EDIT = f"/runbooks/{LINK_LOST}/edit"


def _book(code: str = LINK_LOST) -> Runbook:
    book = runbook_of(shipped_catalogue().entries[code])
    assert book is not None
    return book


BOOK = _book()
WITH_RUNBOOK = sorted(code for code, one in shipped_catalogue().entries.items() if one.causes)


def _administrator(desk: Desk, people: People) -> None:
    desk.counter.client = people.sign_in(people.administrator)


# ── the chart ───────────────────────────────────────────────────────────────────────────────────────────────


def test_the_page_shows_steps_figures_and_versions(desk: Desk) -> None:
    uid = desk.begin()
    desk.found["control_link"] = "answers"
    desk.press(uid, "done", remedy="switch-on")
    page = desk.words(f"/runbooks/{LINK_LOST}")
    for told in (
        "Line to the control device",
        "did not help",
        "Call the operator",
        "Mended 1",
        "As it ships",
    ):
        assert told in page
    assert "ended 1×" in page
    assert "Change it" not in page


def test_a_code_without_a_runbook_has_its_one_step(desk: Desk) -> None:
    assert "this one step is all" in desk.words("/runbooks/faults.stale")
    assert desk.counter.get("/runbooks/no.such-code").status_code == 404


def _all(way: Way) -> list[Way]:
    return [way, *(below for one in way.branches for below in _all(one.way))]


def test_the_ways_of_a_runbook_are_complete_and_end() -> None:
    way = ways.ways(BOOK)
    every = _all(way)
    assert {one.kind for one in every} <= {"check", "remedy", "escalate", "rare"}
    assert all(one.branches for one in every if one.kind in ("check", "remedy"))
    for one in every:
        if one.kind == "check":
            assert sum(branch.share for branch in one.branches) == pytest.approx(one.share)
        if one.kind == "remedy":
            assert one.branches[0].share == pytest.approx(one.share * (1 - one.ends))


@pytest.mark.parametrize("code", WITH_RUNBOOK[::6])
def test_no_two_steps_of_a_chart_lie_upon_each_other(desk: Desk, code: str) -> None:
    entry = shipped_catalogue().entries[code]
    root = node_of(entry, tree(_book(code), frozenset()), Counted())
    drawing = flow.chart(root, "Chart", flow.told(root))
    boxes = [(one.x, one.y) for one in drawing.shapes if isinstance(one, Box)]
    assert len(set(boxes)) == len(boxes)
    texts = [one for one in drawing.shapes if isinstance(one, Text)]
    assert all(one.span()[0] >= 0 and one.span()[1] <= drawing.width for one in texts)
    assert [one for one in drawing.shapes if isinstance(one, Path)]


def _course(*events: object) -> Course:
    course = begin(BOOK)
    for event in events:
        course = apply(course, event)  # type: ignore[arg-type]
    return course


def test_a_course_is_counted_along_its_way_to_its_end() -> None:
    course = _course(
        Found("link", "no-line", 1), Did("reconnect", 2), Verified(Outcome.STILL, 3),
        Did("switch-on", 4, "7"), Verified(Outcome.GONE, 5), Closed(6),
    )  # fmt: skip
    figures = ways.counted(ways.ways(BOOK), [course])
    assert list(figures.walked.values()) == [1, 1, 1]
    assert sum(figures.ended.values()) == 1


# ── dry run ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_dry_run_of_the_same_runbook_goes_the_same_way() -> None:
    course = _course(
        Found("link", "no-line", 1), Did("reconnect", 2), Verified(Outcome.STILL, 3),
        Did("switch-on", 4, "7"), Verified(Outcome.GONE, 5), Closed(6),
    )  # fmt: skip
    trial = trying.tried_again(BOOK, frozenset(), course)
    assert trial.steps == ("link", "reconnect", "switch-on")
    assert (trial.mended, trial.cause, trial.new) == (True, "switched-off", ())
    assert trial.now_s == pytest.approx(trial.then_s)


def test_what_nobody_knew_then_is_told() -> None:
    course = _course(
        Found("link", "no-line", 1), Answered("lamp", "yes", 2, "7"), Did("plug-in", 3, "7"),
        Verified(Outcome.GONE, 4), Closed(5),
    )  # fmt: skip
    trial = trying.tried_again(BOOK, frozenset(), course)
    assert trial.mended
    assert trial.cause == "cable-out"
    assert "switch-on" in trial.new
    assert trial.steps[-1] == "plug-in"


# ── the editor ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("code", WITH_RUNBOOK)
def test_every_shipped_text_is_read_back_without_a_problem(code: str) -> None:
    draft = drafts.read(code, drafts.shipped_text(code), shipped_catalogue())
    assert draft.problems == ()
    assert draft.entry == shipped_catalogue().entries[code]


@pytest.mark.parametrize(
    ("before", "after", "line", "said"),
    [
        ("cable-out: 0.95", "cable-aus: 0.95", 0, "there is no cause 'cable-aus'"),
        ("severity: stop", "severity: warn", 3, "severity cannot be changed here"),
        ("weight: 5", "weight: heavy", 0, "float"),
        ("  causes:", "  causes: [", 0, ""),
    ],
)
def test_what_is_wrong_is_said_with_its_line(before: str, after: str, line: int, said: str) -> None:
    text = drafts.shipped_text(LINK_LOST).replace(before, after, 1)
    problems = drafts.read(LINK_LOST, text, shipped_catalogue()).problems
    assert said in problems[0].text
    assert problems[0].line == line or not line


def test_only_the_administrator_changes_runbooks(desk: Desk, people: People) -> None:
    assert desk.counter.get(EDIT).status_code == 403
    _administrator(desk, people)
    assert "Nothing is wrong" in desk.words(EDIT)


def test_a_broken_text_is_not_published_and_stays_as_it_was_typed(desk: Desk, people: People) -> None:
    _administrator(desk, people)
    text = drafts.shipped_text(LINK_LOST).replace("weight: 5", "weight: heavy")
    answer = desk.counter.post(EDIT, text=text, version="0", publish="1")
    assert answer.status_code == 422
    assert "weight: heavy" in readable(answer)
    assert store.runbooks(reader(), LINK_LOST) == []


def test_a_version_is_published_compared_and_put_back(desk: Desk, people: People) -> None:
    uid = desk.begin()
    _administrator(desk, people)
    text = drafts.shipped_text(LINK_LOST).replace("weight: 5", "weight: 2")
    preview = words(readable(desk.counter.post(EDIT, text=text, version="0", check="1")))
    assert "Expected effort" in preview
    sent = {"text": text.replace("\n", "\r\n"), "version": "0", "publish": "1", "note": "Less often off"}
    assert desk.counter.post(EDIT, **sent).status_code == 302
    page = desk.words(f"/runbooks/{LINK_LOST}")
    assert "Version 1 in force Less often off" in page
    assert desk.at.view(uid).stored.version == SHIPPED
    assert desk.at.books.entry(LINK_LOST).causes[0].weight == 2
    assert desk.counter.post(EDIT, **sent).status_code != 302, "somebody has published meanwhile"
    compared = desk.words(f"/runbooks/{LINK_LOST}/versions/0")
    assert "- weight: 2" in compared
    assert "+ weight: 5" in compared
    answer = desk.counter.post(f"/runbooks/{LINK_LOST}/versions/0", version="1", note="As it ships, put back")
    assert answer.status_code == 302
    assert desk.at.books.version(LINK_LOST) == 2
    assert desk.at.books.entry(LINK_LOST).causes[0].weight == 5
    told = desk.counter.page.station.audit(2)
    assert {one.what for one in told} == {"runbook-published"}


def test_the_dry_run_tries_closed_diagnoses_again(desk: Desk, people: People) -> None:
    uid = desk.begin()
    desk.found["control_link"] = "answers"
    desk.press(uid, "done", remedy="switch-on")
    _administrator(desk, people)
    page = words(readable(desk.counter.post(EDIT, text=drafts.shipped_text(LINK_LOST), version="0")))
    assert "1 closed diagnosis, tried again" in page
    assert "The device has no power or was switched off." in page
