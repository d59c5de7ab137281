"""The page of a diagnosis: the one thing to do, every press, every end; from every failure one press away."""

import re

import pytest

from tests.faults.desk import LINK_LOST, Desk, counter, desk
from tests.pages import People
from tests.till.counter import MILK, readable, words
from tillwright.kernel.fault import Fault
from tillwright.web.words import say

__all__ = ["counter", "desk"]

SWITCH_ON = "Switch the control device on"
LAMP = "Is the lamp of the control device lit?"


def test_the_card_has_one_thing_to_do_and_why(desk: Desk) -> None:
    card = desk.card(desk.begin())
    assert card.index("Do not do this meanwhile") < card.index(SWITCH_ON)
    for told in ("Why this", "Ends it", "Takes about 15 s", "Next in line", LAMP, "What remains possible"):
        assert told in card
    assert desk.html(f"/diagnoses/{desk.begin()}").count("button-primary") == 1


def test_what_the_program_found_and_did_by_itself_stands_there(desk: Desk) -> None:
    card = desk.card(desk.begin())
    assert "Line to the control device no connection the program" in card
    assert "The program connects to the device again. did not help the program" in card
    assert desk.done == ["reconnect_control"]


def test_a_remedy_that_helps_is_mended_only_by_looking(desk: Desk) -> None:
    uid = desk.begin()
    desk.found["control_link"] = "answers"
    assert desk.press(uid, "done", remedy="switch-on", took_ms="42000").status_code == 302
    card = desk.card(uid)
    assert "Mended. The fault is gone, and that was looked at." in card
    assert "it is gone Person 7" in card
    assert "42 s" in card
    assert desk.state(uid) == "mended"


def test_a_remedy_that_does_not_help_leads_to_the_next(desk: Desk) -> None:
    uid = desk.begin()
    desk.press(uid, "done", remedy="switch-on")
    card = desk.card(uid)
    assert "Switch the control device on and wait until its lamp is lit. did not help" in card
    assert "Push the cable in firmly" in card
    assert desk.state(uid) == "open"


@pytest.mark.parametrize(
    ("took_ms", "counts"), [("-5", False), ("x", False), (str(5 * 3_600_000), False), ("9000", True)]
)
def test_a_time_that_cannot_be_is_none(desk: Desk, took_ms: str, counts: bool) -> None:
    uid = desk.begin()
    desk.press(uid, "done", remedy="switch-on", took_ms=took_ms)
    assert (desk.at.view(uid).course.tried[-1].took_ms > 0) is counts


def test_where_nobody_can_look_it_is_red_and_not_mended(desk: Desk) -> None:
    uid = desk.begin()
    desk.found["control_link"] = "unknown"
    desk.press(uid, "done", remedy="switch-on")
    page = desk.html(f"/diagnoses/{uid}")
    assert "outcome-red" in page
    assert "Until somebody has, it does not count as mended." in page
    assert desk.state(uid) == "open"
    desk.found["control_link"] = "answers"
    desk.press(uid, "look-again")
    assert desk.state(uid) == "mended"


def test_a_press_that_came_too_late_shows_the_page_as_it_is(desk: Desk) -> None:
    uid = desk.begin()
    answer = desk.press(uid, "done", seen=1, remedy="switch-on")
    assert answer.status_code == 409
    assert say(Fault("faults.stale"), "en").sentence in words(readable(answer))
    assert SWITCH_ON in words(readable(answer))
    assert "switch-on" not in [one.remedy for one in desk.at.view(uid).course.tried]


def _asked(desk: Desk) -> str:
    """A diagnosis in which a person is asked for the lamp."""
    desk.found["control_link"] = "no-answer"
    uid = desk.begin()
    assert LAMP in desk.card(uid)
    return uid


def test_a_question_has_its_answers_and_cannot_tell(desk: Desk) -> None:
    uid = _asked(desk)
    buttons = re.findall(r'name="answer" value="([^"]*)"', desk.html(f"/diagnoses/{uid}"))
    assert buttons == ["yes", "no"]
    desk.press(uid, "answer", check="lamp", answer="no")
    assert f"{LAMP} No Person 7" in desk.card(uid)


def test_an_answer_can_be_corrected(desk: Desk) -> None:
    uid = _asked(desk)
    desk.press(uid, "answer", check="lamp", answer="no")
    desk.press(uid, "undo", step="lamp")
    assert "lamp" not in desk.at.view(uid).course.answers
    desk.press(uid, "answer", check="lamp")
    assert f"{LAMP} Cannot tell Person 7" in desk.card(uid)


def test_what_cannot_be_now_is_said(desk: Desk) -> None:
    uid = desk.begin()
    answer = desk.press(uid, "undo", step="lamp")
    assert answer.status_code == 409
    assert say(Fault("faults.not-now"), "en").sentence in words(readable(answer))


# ── people ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_leaving_and_coming_back(desk: Desk) -> None:
    uid = desk.begin()
    assert desk.press(uid, "leave")["Location"] == "/diagnoses"
    assert "Nobody is at it now." in desk.card(uid)
    desk.press(uid, "come-back")
    assert SWITCH_ON in desk.card(uid)
    assert "held by Person 7" in desk.card(uid)


def test_handing_over_to_somebody_who_works_here(desk: Desk) -> None:
    uid = desk.begin()
    assert "Person 50" in desk.words(f"/diagnoses/{uid}/hand-over")
    assert desk.press(uid, "hand-over", to="4711").status_code == 200
    assert desk.press(uid, "hand-over", to="50").status_code == 302
    assert "held by Person 50" in desk.card(uid)


def test_an_action_asks_for_the_word_of_who_may_give_it(desk: Desk, people: People) -> None:
    desk.found["disk_room"] = "full"
    uid = desk.begin("journal.disk-low", till="")
    card = desk.card(uid)
    assert "It will: Remove all backups but the newest" in card
    assert "This needs the word of an administrator." in card
    remedy = next(one.id for one in desk.at.view(uid).entry.remedies if one.action == "free_disk_room")
    assert desk.press(uid, "agree", remedy=remedy).status_code == 403
    assert "free_disk_room" not in desk.done
    desk.counter.client = people.sign_in(people.administrator)
    assert "I agree, do it" in desk.card(uid)
    assert desk.press(uid, "agree", remedy=remedy).status_code == 302
    assert "free_disk_room" in desk.done


def test_escalating_says_whom_to_call_with_what(desk: Desk) -> None:
    uid = desk.begin()
    desk.press(uid, "escalate")
    card = desk.card(uid)
    for told in (
        "Others go on with it.",
        "Tell them:",
        "ask the operator to compare",
        "What the program found",
    ):
        assert told in card
    assert desk.state(uid) == "escalated"
    desk.press(uid, "close")
    assert "Handed" in card or desk.state(uid) == "escalated"


def test_the_record_has_everything_in_order(desk: Desk) -> None:
    uid = desk.begin()
    desk.found["control_link"] = "answers"
    desk.press(uid, "done", remedy="switch-on")
    record = desk.words(f"/diagnoses/{uid}/record")
    told = [
        "no connection",
        "Done: The program connects",
        "Done: Switch the control",
        "Looked: it is gone",
        "Closed",
    ]
    places = [record.index(one) for one in told]
    assert places == sorted(places)
    assert LINK_LOST in record


def test_the_list_has_open_ones_first(desk: Desk) -> None:
    mended, still = desk.begin(), ""
    desk.found["control_link"] = "answers"
    desk.press(mended, "done", remedy="switch-on")
    desk.found["control_link"] = "no-line"
    still = desk.begin(till="2")
    links = re.findall(r'href="/diagnoses/([0-9a-f-]{36})"', desk.html("/diagnoses"))
    assert links == [still, mended]


def test_the_card_is_drawn_anew_only_when_something_has_happened(desk: Desk) -> None:
    uid = desk.begin()
    mark = re.search(r'data-mark="([^"]+)"', desk.html(f"/diagnoses/{uid}"))
    assert mark is not None
    assert desk.counter.get(f"/diagnoses/{uid}/card", seen=mark[1]).status_code == 204
    assert desk.counter.get(f"/diagnoses/{uid}/card", seen="1-0").status_code == 200


def test_one_that_there_is_not(desk: Desk) -> None:
    assert desk.counter.get("/diagnoses/00000000-0000-4000-8000-000000000001").status_code == 404


# ── from every failure one press away ───────────────────────────────────────────────────────────────────────


def test_a_red_receipt_leads_to_its_cause(desk: Desk) -> None:
    counter = desk.counter
    counter.device.behave = "silence"
    counter.add(MILK)
    uid = counter.pay()["Location"].rpartition("/")[2]
    counter.lose(uid)
    for address in (f"/operations/{uid}", f"/operations/{uid}/settle"):
        page = counter.html(address)
        link = re.search(r'class="find-cause[^>]*hx-post="([^"]+)"', page)
        assert link is not None, address
        answer = counter.client.post(link[1].replace("&amp;", "&"), headers={"HX-Request": "true"})
        assert answer.status_code == 204
        begun = answer["HX-Redirect"].rpartition("/")[2]
        assert desk.at.view(begun).stored.operation == uid


def test_starting_twice_is_one_diagnosis(desk: Desk) -> None:
    first = desk.counter.post("/diagnoses/start", code=LINK_LOST)["Location"]
    assert desk.counter.post("/diagnoses/start", code=LINK_LOST)["Location"] == first
    assert desk.counter.get("/diagnoses/start", code=LINK_LOST)["Location"] == first


def test_a_plain_link_asks_before_it_starts(desk: Desk) -> None:
    page = desk.words("/diagnoses/start", code="printer.paper-out")
    assert "Find the cause" in page
    assert desk.at.view(desk.begin()).stored.fault.code == LINK_LOST
    assert desk.counter.post("/diagnoses/start", code="faults.stale").status_code == 404


def test_a_sick_party_on_the_strip_leads_to_its_diagnosis(desk: Desk) -> None:
    where = desk.counter.get("/diagnoses/part/control")["Location"]
    assert where == "/settings#party-control"
    uid = desk.begin()
    assert desk.counter.get("/diagnoses/part/control")["Location"] == f"/diagnoses/{uid}"
    assert desk.counter.get("/diagnoses/part/printer")["Location"] == "/settings#party-printer"


# ── where only a person can see it ──────────────────────────────────────────────────────────────────────────


def _doubtful(desk: Desk) -> str:
    """A diagnosis whose remedy is done, and of which nobody could tell whether it helped."""
    uid = desk.begin("process.device-failure", till="")
    for _ in range(12):
        view = desk.at.view(uid)
        if view.course.tried and view.course.stage.value == "verifying":
            break
        step = view.now.choice.step if view.now.choice else None
        assert step is not None
        if step.kind == "check":
            desk.press(uid, "answer", check=step.id)
        else:
            desk.press(uid, "done", remedy=step.id)
    assert "It is gone" in desk.card(uid)
    desk.press(uid, "verified", outcome="unknown")
    return uid


def test_what_only_a_person_can_see_is_asked_until_somebody_has_seen_it(desk: Desk) -> None:
    uid = _doubtful(desk)
    card = desk.card(uid)
    assert "Until somebody has, it does not count as mended." in card
    assert "It is still there" in card
    desk.press(uid, "verified", outcome="gone")
    assert desk.state(uid) == "mended"


def test_what_was_given_to_others_can_still_be_seen_to_be_gone(desk: Desk) -> None:
    uid = _doubtful(desk)
    desk.press(uid, "escalate")
    assert "It is gone" in desk.card(uid)
    desk.press(uid, "verified", outcome="gone")
    assert desk.state(uid) == "mended"
