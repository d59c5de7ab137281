"""The walk that settles an unknown receipt: what it shows, what it refuses, what a person's word does."""

import pytest

from tests.pages import People
from tests.till.counter import MILK, Counter, readable, words


def _red(counter: Counter) -> str:
    """A sale of which nobody knows; returns its uid."""
    counter.device.behave = "silence"
    counter.add(MILK)
    uid = str(counter.pay()["Location"].rpartition("/")[2])
    counter.lose(uid)
    return uid


def test_the_walk_has_four_steps_and_says_what_is_unknown(counter: Counter) -> None:
    page = words(counter.html(f"/operations/{_red(counter)}/settle"))
    for step in ("1 What we know", "2 Ask", "3 Decide", "4 Confirm"):
        assert step in page
    assert "This till has no operator to ask" in page
    assert "unknown since" in page


def test_every_red_thing_leads_to_it(counter: Counter) -> None:
    uid = _red(counter)
    for address in ("/", f"/operations/{uid}", "/shift/close"):
        assert f'href="/operations/{uid}/settle"' in counter.html(address)


def test_what_has_ended_is_not_settled(counter: Counter) -> None:
    counter.add(MILK)
    uid = counter.pay()["Location"].rpartition("/")[2]
    assert counter.client.get(f"/operations/{uid}/settle").status_code == 302


def test_one_that_is_not_known_is_not_found(counter: Counter) -> None:
    uid = "00000000-0000-4000-8000-000000000001"
    assert counter.client.get(f"/operations/{uid}/settle").status_code == 404


def test_the_page_is_drawn_anew_only_when_something_has_changed(counter: Counter) -> None:
    uid = _red(counter)
    page = counter.html(f"/operations/{uid}/settle")
    seen = page.partition('name="seen" value="')[2].partition('"')[0]
    steps = f"/operations/{uid}/settle/steps"
    assert counter.client.get(steps, {"seen": seen}).status_code == 204
    assert counter.client.get(steps, {"seen": "older"}).status_code == 200


@pytest.mark.parametrize("form", [{}, {"choice": "no-such"}, {"choice": "happened"}])
def test_a_word_that_says_nothing_is_refused_and_what_was_typed_stays(
    counter: Counter, form: dict[str, str]
) -> None:
    uid = _red(counter)
    sent = {"version": "99", "unique": "TYPED1", **form}
    answer = counter.client.post(f"/operations/{uid}/settle", sent)
    assert answer.status_code in (409, 422)
    found = counter.client.get(f"/operations/{uid}")
    assert "unknown" in found.content.decode()


def test_a_reason_that_the_page_had_chosen_gives_way_to_what_fits_now(counter: Counter) -> None:
    """What was right while the operator was silent must not stay chosen when it has answered."""
    uid = _red(counter)
    steps = f"/operations/{uid}/settle/steps"
    for usual, stays in (("operator-said-so", False), ("", True)):
        page = readable(counter.get(steps, seen="older", reason="operator-said-so", usual=usual))
        assert ('value="operator-said-so" required checked' in page) is stays


@pytest.mark.parametrize(
    ("day", "time", "after_ms"),
    [
        ("", "", 0),
        ("2023-11-14", "22:13", -10_000),
        ("2023-11-14", "22:10", None),
        ("2023-11-14", "23:59", None),
        ("2023-11-31", "22:13", None),
    ],
)
def test_a_talk_on_the_telephone_has_its_time(
    counter: Counter, people: People, day: str, time: str, after_ms: int | None
) -> None:
    counter.client = people.sign_in(people.senior)
    uid = _red(counter)
    counter.later(10_000)
    address, talk = f"/operations/{uid}/settle", {"spoke_with": "Anna", "spoke_day": day, "spoke_time": time}
    seen = counter.html(address).partition('name="seen" value="')[2].partition('"')[0]
    said = {"number": "7", "unique": "U7", "day": "2023-11-14", "time": "22:13:25", "reason": "other"}
    answer = counter.post(address, choice="happened", seen=seen, **said, **talk)
    assert answer.status_code == (422 if after_ms is None else 302), words(readable(answer))
    told = counter.page.station.events(uid)[-1]
    assert ("spoke_with" in str(told)) is (after_ms is not None)
    if after_ms == 0:
        assert str(counter.page.clock.at_ms) in str(told)
