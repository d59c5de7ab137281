"""The page of an operation: the truth at every moment, what may be pressed, the list, the receipt."""

import json
import re
from dataclasses import replace

import pytest

from tests.till.counter import BREAD, MILK, Counter, readable, words
from tillwright.kernel.fault import Fault
from tillwright.operations.states import OperationState, Question
from tillwright.parties.wire import Recorded
from tillwright.till import showing


def begun(counter: Counter, *skus: str) -> str:
    """A sale that has been taken and not answered; its uid."""
    counter.add(*(skus or (MILK,)))
    uid: str = counter.pay()["Location"].rpartition("/")[2]
    return uid


def test_done_shows_the_change_the_picture_and_the_record(counter: Counter) -> None:
    operation = counter.sell(MILK)
    page = counter.html(f"/operations/{operation.uid}")
    assert "Sale 1, €1.89, done at" in words(page)
    assert "Change due €0.00" in words(page)
    assert page.count('<svg class="picture ') == 2
    assert "Registered: document 1" in page
    assert "Control device, its answer" in page
    assert "Next sale" in page
    raw = [json.loads(text) for text in re.findall(r"<pre[^>]*>(.*?)</pre>", page, re.DOTALL)]
    assert raw[1]["evidence"]["facts"]["document_number"] == 1


def test_while_the_device_is_asked_the_page_says_so(counter: Counter) -> None:
    counter.device.behave = "silence"
    uid = begun(counter)
    page = counter.html(f"/operations/{uid}")
    assert "in progress" in page
    assert "Asking the device …" in page
    assert 'data-waiting="0"' in page
    assert "data-after hidden" in page
    counter.page.clock.at_ms += 6_000
    assert "data-after hidden" not in counter.html(f"/operations/{uid}")


def test_red_says_what_it_means_and_what_to_do(counter: Counter) -> None:
    counter.device.behave = "silence"
    uid = begun(counter)
    counter.lose(uid)
    page = counter.html(f"/operations/{uid}")
    assert "unknown since" in words(page)
    assert "We do not know yet whether receipt 1 is registered." in page
    assert "says by itself what became of the sale" in page
    assert "fiscal.red-cheque-status-unknown" in page
    assert "Ask the device now" in page


def test_asking_now_turns_it_green_when_the_device_answers(counter: Counter) -> None:
    counter.device.behave = "silence"
    uid = begun(counter)
    red = counter.lose(uid)
    counter.device.behave = "accept"
    counter.device.records["x"] = record = counter.device._record(red, red.legs[-1], counter.page.clock.at_ms)
    counter.device.records[red.legs[-1].key] = record
    answer = counter.post(f"/operations/{uid}/continue")
    assert answer["Location"] == f"/operations/{uid}"
    assert counter.settled(uid, red.version).state is OperationState.DONE
    assert "It happened: document" in counter.html(f"/operations/{uid}")


def unreached(counter: Counter) -> str:
    """A sale whose request does not leave, up to the question."""
    counter.device.behave = "unreached"
    uid = begun(counter)
    for _ in range(6):
        counter.later(1_500)
    operation = counter.page.station.operation(uid)
    assert operation is not None
    assert operation.question is Question.CONTINUE_OR_GIVE_UP
    return uid


def test_the_question_is_put_with_its_time(counter: Counter) -> None:
    uid = unreached(counter)
    page = counter.html(f"/operations/{uid}")
    assert "Time left to answer:" in page
    left = re.search(r'data-left="(\d+)"', page)
    assert left is not None
    assert 0 < int(left[1]) <= 60_000
    assert "fiscal.sko-disconnected" in page
    assert f'action="/operations/{uid}/continue"' in page
    assert f'action="/operations/{uid}/give-up"' in page


def test_continue_goes_on(counter: Counter) -> None:
    uid = unreached(counter)
    counter.device.behave = "accept"
    counter.post(f"/operations/{uid}/continue")
    counter.later(0)
    page = counter.html(f"/operations/{uid}")
    assert "Person 7: Continue" in page
    assert "Change due" in page


def test_given_up_is_amber_and_can_be_sold_again(counter: Counter) -> None:
    uid = unreached(counter)
    counter.post(f"/operations/{uid}/give-up")
    page = counter.html(f"/operations/{uid}")
    assert "outcome-refused" in page
    assert "Person 7: Give up" in page
    assert counter.post(f"/operations/{uid}/again")["Location"] == "/"
    basket = counter.basket()
    assert basket is not None
    assert basket.uid != uid
    assert [line.sku for line in basket.lines] == [MILK]


def test_a_press_that_comes_too_late_shows_what_has_become_of_it(counter: Counter) -> None:
    operation = counter.sell(MILK)
    for press in ("continue", "give-up"):
        assert (
            counter.post(f"/operations/{operation.uid}/{press}")["Location"] == f"/operations/{operation.uid}"
        )
    assert counter.page.station.operation(operation.uid) == operation


def test_what_only_a_person_may_settle_says_whom_to_call(counter: Counter) -> None:
    counter.device.behave = "refuse"
    operation = counter.sell(MILK)
    assert operation.state is OperationState.REFUSED
    red = replace(operation, state=OperationState.RED, question=Question.SETTLE, red_ms=operation.changed_ms)
    shown = showing.shown(red, [], counter.page.station.policy, counter.page.clock.at_ms)
    assert shown.question == "settle"
    assert shown.waiting is None
    assert shown.said is not None


def test_the_live_part_answers_only_what_is_new(counter: Counter) -> None:
    counter.device.behave = "silence"
    uid = begun(counter)
    version = counter.page.station.operation(uid).version  # type: ignore[union-attr]
    assert counter.get(f"/operations/{uid}/live", version=str(version)).status_code == 204
    part = counter.html(f"/operations/{uid}/live", version=str(version - 1))
    assert part.startswith('<article class="operation"')
    assert f'data-version="{version}"' in part


@pytest.mark.parametrize("address", ["", "/live", "/receipt"])
def test_an_operation_that_is_none(counter: Counter, address: str) -> None:
    assert counter.get(f"/operations/none{address}").status_code == 404


@pytest.mark.parametrize("press", ["continue", "give-up", "again", "print"])
def test_a_press_on_an_operation_that_is_none_is_refused(counter: Counter, press: str) -> None:
    answer = counter.post(f"/operations/{'0' * 8}-0000-4000-8000-{'0' * 12}/{press}")
    assert answer.status_code in (404, 409)
    assert "api.internal" not in readable(answer)


def test_a_fault_that_this_version_has_no_words_for_does_not_break_the_page(counter: Counter) -> None:
    operation = counter.sell(MILK)
    strange = replace(operation, state=OperationState.REFUSED, fault=Fault("nobody.knows"))
    assert showing.shown(strange, [], counter.page.station.policy, 0).said is None
    bare = replace(strange, state=OperationState.OPEN, question=None, ended_ms=None)
    waiting = showing.shown(bare, [], counter.page.station.policy, counter.page.clock.at_ms).waiting
    assert waiting is not None
    assert waiting.now == "Reaching for the device …"


# ── the receipt ──


def test_the_receipt_is_the_stored_one_and_says_copy_from_the_second_print_on(counter: Counter) -> None:
    operation = counter.sell(MILK)
    address = f"/operations/{operation.uid}"
    page = counter.html(f"{address}/receipt")
    assert "Receipt 1" in page
    assert "TOTAL" in page
    assert "Cashier Person 7" in page
    assert "COPY" not in page
    first = readable(counter.post(f"{address}/print"))
    assert "data-print-now" in first
    assert "COPY" not in first
    assert "COPY" in readable(counter.post(f"{address}/print"))
    assert "COPY" in counter.html(f"{address}/receipt")
    assert counter.page.station.operation(operation.uid).printed  # type: ignore[union-attr]
    assert "Printed" in counter.html(address)


def test_what_has_no_receipt_offers_none(counter: Counter) -> None:
    counter.device.behave = "refuse"
    operation = counter.sell(MILK)
    address = f"/operations/{operation.uid}"
    assert f"{address}/receipt" not in counter.html(address)
    assert counter.get(f"{address}/receipt").status_code == 404
    assert counter.post(f"{address}/print").status_code == 404


# ── the list ──


def test_the_list_has_the_red_ones_first(counter: Counter) -> None:
    assert "No receipts yet" in counter.html("/operations")
    counter.device.behave = "silence"
    red = begun(counter)
    counter.lose(red)
    counter.device.behave = "accept"
    page = counter.html("/operations")
    rows = re.findall(r"<tr[^>]*>.*?</tr>", page.partition("<tbody>")[2], re.DOTALL)
    assert 'class="is-unknown"' in rows[0]
    assert "Sale 1" in words(rows[0])
    assert "Person 7" in words(rows[0])


def test_filters_and_more(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        counter.sell(BREAD)
    monkeypatch.setattr("tillwright.till.receipts.PAGE_SIZE", 2)
    page = counter.html("/operations")
    more = re.search(r'hx-get="(/operations\?after=[^"]+)"', page)
    assert more is not None
    assert "Sale 1" not in words(page)
    rest = counter.html(more[1])
    assert rest.startswith("<tr>")
    assert "Sale 1" in words(rest)
    assert "Sale 3" in words(counter.html("/operations", state="done"))
    assert "No such receipts" in counter.html("/operations", state="red")
    assert "Sale 3" in words(counter.html("/operations", state="nonsense"))
    assert counter.get("/operations", after="nonsense").status_code == 400


def test_what_a_record_shows_was_not_asked_for(counter: Counter) -> None:
    counter.sell(MILK)
    record = replace(next(iter(counter.device.records.values())), number=2, unique_number="U2", key="float.1")
    deposit = replace(record, kind="deposit", total_minor=500)
    counter.page.station.deliver("1", Recorded((deposit,)))
    counter.later(0)
    row = next(
        one
        for one in counter.page.station.page(till="1", state=None, after=None, limit=5).items
        if one.kind == "cash-in"
    )
    page = words(counter.html(f"/operations/{row.uid}"))
    assert "Cash in 2, €5.00, done at" in page
    assert "Its records show it: document 2" in page
    assert "A record says: it happened" in page
    assert "Change due" not in page


def test_every_happening_has_words() -> None:
    from tillwright.operations.states import Happening

    assert {one.value for one in Happening} == set(showing.HAPPENINGS)


def test_every_source_has_words() -> None:
    from tillwright.kernel.evidence import Source

    assert {one.value for one in Source} == set(showing.SOURCES)
