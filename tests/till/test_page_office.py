"""The pages around a shift: figures, the blind count, closing, settings, the record of who did what."""

import pytest

from tests.pages import People
from tests.till.counter import MILK, Counter, words

ASKED_OF_ALL = ("/", "/data", "/data/figures", "/shift/close", "/cash/in", "/cash/out", "/operations")


def test_get_data_shows_four_figures(counter: Counter) -> None:
    counter.sell(MILK)
    page = words(counter.html("/data"))
    for name in ("Cash by the book €1.89", "Cash by the device", "Difference", "Undelivered documents"):
        assert name in page


def test_while_cash_is_counted_nobody_is_told_what_should_be_there(counter: Counter) -> None:
    counter.sell(MILK)
    counter.sell(MILK)
    assert "€3.78" in words(counter.html("/data"))
    assert counter.post("/shift/close", press="begin")["Location"] == "/shift/close"
    for address in ASKED_OF_ALL:
        drawn = words(counter.html(address))
        if address != "/operations":
            assert "3.78" not in drawn, address
    assert counter.get("/shift/report").status_code in (409, 423)
    assert "Cash is being counted" in words(counter.html("/data"))
    assert "3.78" not in str(counter.get("/live").headers)


def test_a_count_is_compared_explained_and_can_be_done_again(counter: Counter) -> None:
    counter.sell(MILK)
    counter.post("/shift/close", press="begin")
    assert "What is in the drawer?" in words(counter.html("/shift/close"))
    counter.post("/shift/close", press="store", d100="1", d50="1")
    page = words(counter.html("/shift/close"))
    for told in ("Counted €1.50", "Expected €1.89", "Difference −€0.39", "less than expected"):
        assert told in page
    count = counter.html("/shift/close").partition('name="count" value="')[2].partition('"')[0]
    counter.post("/shift/close", press="explain", count=count, reason="Wrong change")
    page = words(counter.html("/shift/close"))
    assert "Wrong change" in page
    assert "Who agrees" in page
    counter.post("/shift/close", press="again")
    assert "What is in the drawer?" in words(counter.html("/shift/close"))
    counter.post("/shift/close", press="stop")
    assert "Count the cash" in words(counter.html("/shift/close"))


@pytest.mark.parametrize("typed", ["x", "-1", "1.5", "1000000"])
def test_what_is_no_number_is_refused_and_stays_typed(counter: Counter, typed: str) -> None:
    counter.post("/shift/close", press="begin")
    answer = counter.post("/shift/close", press="store", d100=typed)
    assert answer.status_code == 422
    assert f'value="{typed}"' in answer.content.decode()


def test_nothing_is_pressed_by_a_word_that_is_none(counter: Counter) -> None:
    assert counter.post("/shift/close", press="no-such")["Location"] == "/shift/close"
    assert counter.html("/shift/close")


def test_a_red_receipt_comes_before_the_close(counter: Counter) -> None:
    counter.device.behave = "silence"
    counter.add(MILK)
    uid = counter.pay()["Location"].rpartition("/")[2]
    counter.lose(uid)
    page = counter.html("/shift/close")
    assert "Settle receipt 1 first" in page
    assert 'value="begin"' not in page


def test_shifts_and_the_x_report(counter: Counter) -> None:
    counter.sell(MILK)
    assert counter.get("/shifts").status_code == 200
    assert "X report" in words(counter.html("/shift/report"))


def test_nothing_waits_for_the_operator_of_a_till_without_one(counter: Counter) -> None:
    assert counter.get("/undelivered").status_code == 200
    assert counter.post("/undelivered/deliver")["Location"] == "/undelivered"


def test_settings_offer_what_the_role_may(counter: Counter, people: People) -> None:
    page = words(counter.html("/settings"))
    assert "are the administrator's" in page
    people.sign_in(people.administrator, client=counter.client)
    page = words(counter.html("/settings"))
    for way in ("People", "Who did what", "Emergency correction"):
        assert way in page


@pytest.mark.parametrize("address", ["/settings/audit", "/settings/correction"])
def test_maintenance_is_the_administrators(counter: Counter, people: People, address: str) -> None:
    assert counter.get(address).status_code == 403
    assert counter.post(address, press="read").status_code == 403
    people.sign_in(people.administrator, client=counter.client)
    assert counter.get(address).status_code == 200


def test_the_record_of_who_did_what_names_people(counter: Counter, people: People) -> None:
    counter.post("/shift/close", press="begin")
    counter.post("/shift/close", press="stop")
    people.sign_in(people.administrator, client=counter.client)
    page = words(counter.html("/settings/audit"))
    assert "Began to count the cash Till 1 · Shift 1" in page
    assert "Person 7" in page


def test_a_correction_needs_a_device_that_answers(counter: Counter, people: People) -> None:
    people.sign_in(people.administrator, client=counter.client)
    page = words(counter.html("/settings/correction"))
    assert "Get current data" in page
    assert "Correct the amount" in page
    for difference in ("x", "", "1e3"):
        answer = counter.post("/settings/correction", press="correct", difference=difference)
        assert answer.status_code >= 400
    assert counter.post("/settings/correction", press="no-such")["Location"] == "/settings/correction"
