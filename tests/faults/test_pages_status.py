"""The page of how the station is: its parts, what is sick by itself, what only follows; a part's past."""

import re
from typing import get_args

import pytest

from tests.faults.desk import Desk, counter, desk
from tillwright.catalogue.entry import Part
from tillwright.catalogue.runbook_entry import Who
from tillwright.documents.drawing import Box, svg
from tillwright.faults import store
from tillwright.faults.charts import band, figures
from tillwright.faults.rules import NEEDS, PARTS_OF_STATION, PARTS_OF_TILL, parts
from tillwright.faults.store import HOUR_MS, StoredChange, StoredHour
from tillwright.faults.topology import COLUMNS, Named, topology
from tillwright.faults.words import ACTIONS as ACTION_WORDS
from tillwright.faults.words import PARTS as PART_WORDS
from tillwright.faults.words import PROBES as PROBE_WORDS
from tillwright.faults.words import ROLES as ROLE_WORDS
from tillwright.faults.words import VALUES as VALUE_WORDS
from tillwright.kernel.finding import Finding
from tillwright.kernel.registry import ACTIONS, PROBES

__all__ = ["counter", "desk"]

HEALTHY = {name: next(iter(sorted(spec.healthy))) for name, spec in PROBES.items()}


@pytest.mark.parametrize(
    ("names", "known"),
    [
        (PROBES, PROBE_WORDS),
        (ACTIONS, ACTION_WORDS),
        (get_args(Part), PART_WORDS),
        (get_args(Who), ROLE_WORDS),
        ({value for spec in PROBES.values() for value in spec.values}, VALUE_WORDS),
    ],
    ids=["probes", "actions", "parts", "roles", "values"],
)
def test_every_name_has_a_word(names: object, known: object) -> None:
    assert sorted(set(names) - set(known)) == []  # type: ignore[call-overload]


def test_look_now_fills_the_page(desk: Desk) -> None:
    assert "Nobody has looked yet" in desk.words("/status")
    desk.found = dict(HEALTHY)
    assert desk.counter.post("/status/look").status_code == 302
    page = desk.words("/status")
    assert "Everything is well" in page
    for name in ("Station", "Journal", "Control device", "Operator", "Network"):
        assert name in page


def test_what_is_sick_comes_first_with_its_finding(desk: Desk) -> None:
    desk.found = {**HEALTHY, "control_link": "no-line"}
    desk.counter.post("/status/look")
    page = desk.words("/status")
    assert "Something is sick" in page
    assert page.index("Line to the control device: no connection") < page.index("parts are healthy")
    assert "code=fiscal.sko-disconnected" in desk.html("/status")


def test_what_only_follows_is_drawn_so(desk: Desk) -> None:
    desk.found = {**HEALTHY, "outside_link": "down", "operator_link": "no-line"}
    desk.counter.post("/status/look")
    assert "only follows: Network" in desk.words("/status")
    assert 'class="part-box part-follows"' in desk.html("/status")


def test_a_part_shows_its_last_day(desk: Desk) -> None:
    desk.found = dict(HEALTHY)
    desk.counter.post("/status/look")
    desk.counter.later(HOUR_MS)
    desk.found["control_link"] = "no-answer"
    desk.counter.post("/status/look")
    page = desk.html("/status/part/control", till="1")
    assert page.count('class="chart"') >= 6
    assert "band-sick" in page
    assert desk.counter.get("/status/part/none").status_code == 404


def test_the_part_is_drawn_anew_only_when_something_has_changed(desk: Desk) -> None:
    desk.found = dict(HEALTHY)
    desk.counter.post("/status/look")
    mark = re.search(r'data-mark="([^"]+)"', desk.html("/status"))
    assert mark is not None
    assert desk.counter.get("/status/parts", seen=mark[1]).status_code == 204
    desk.found["control_link"] = "no-answer"
    desk.counter.post("/status/look")
    assert desk.counter.get("/status/parts", seen=mark[1]).status_code == 200


# ── drawings ────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_part_has_its_place_in_the_drawing() -> None:
    assert set(COLUMNS) == {*PARTS_OF_STATION, *PARTS_OF_TILL} == set(NEEDS)
    findings = [Finding(name, _scope(name), value, 0) for name, value in HEALTHY.items()]
    states = parts(findings, ["1"])
    named = [Named(one, f"<{one.part}>", "well & good") for one in states]
    drawing = topology(named, ["1"], "Parts")
    boxes = [one for one in drawing.shapes if isinstance(one, Box)]
    assert len({(one.x, one.y) for one in boxes}) == len(states)
    assert all(one.x + one.width <= drawing.width and one.y + one.height <= drawing.height for one in boxes)
    assert "<control>" not in svg(drawing)


def _scope(name: str) -> str:
    return "" if PROBES[name].scope.value == "station" else "1"


def test_a_band_has_a_span_for_each_change_and_stays_inside() -> None:
    changes = [
        StoredChange("control_link", "1", value, at_ms, 1, "", {})
        for value, at_ms in (("answers", -50), ("no-line", 500), ("answers", 900))
    ]
    drawing = band(changes, 0, 1000, "band", ("Line", "told"))
    spans = [one for one in drawing.shapes[1:] if isinstance(one, Box)]
    assert [(one.x, one.width, one.look) for one in spans] == [
        (0, 360, "band-healthy"),
        (360, 288, "band-sick"),
        (648, 72, "band-healthy"),
    ]


def test_figures_are_as_high_as_their_share_of_the_largest() -> None:
    hours = [StoredHour("disk_room", "", hour, 1, 0, 0, 5, figure) for hour, figure in ((1, 50), (2, 100))]
    drawing = figures(hours, HOUR_MS, 3 * HOUR_MS, "figures", ("Disk", "told"))
    heights = [one.height for one in drawing.shapes if isinstance(one, Box)]
    assert heights == [30, 60]


def test_nothing_on_record_is_an_empty_band() -> None:
    assert len(band([], 0, 1000, "band", ("Line", "told")).shapes) == 1
    assert store.HOUR_MS == HOUR_MS
