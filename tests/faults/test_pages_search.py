"""Finding a fault by its words on a page, and the words that people teach it."""

import re

from tests.faults.desk import LINK_LOST, Desk, counter, desk
from tests.pages import People
from tests.till.counter import readable, words
from tillwright.faults import store
from tillwright.till.queries import reader

__all__ = ["counter", "desk"]

SAID = "the grey brick on the counter is dark"


def _found(desk: Desk, said: str) -> str:
    return words(readable(desk.counter.post("/faults", said=said)))


def test_words_lead_to_at_most_three_candidates_and_none_of_these(desk: Desk) -> None:
    page = readable(desk.counter.post("/faults", said="mat ket noi SKO"))
    codes = re.findall(r'name="code" value="([^"]+)"', page)
    assert codes[0] == LINK_LOST
    assert 1 <= page.count('class="find-cause"') <= 3
    assert "None of these" in page
    assert desk.counter.post("/diagnoses/start", code=codes[0])["Location"].startswith("/diagnoses/")


def test_the_same_words_also_mean_faults_without_a_runbook(desk: Desk) -> None:
    found = _found(desk, "only an administrator may approve this")
    assert "The same words also mean" in found
    for code in ("people.administrator-needed", "people.senior-needed", "till.approval-needed"):
        assert code in found


def test_what_is_no_fault_is_said_to_be_unknown(desk: Desk) -> None:
    assert "These words are not known." in _found(desk, "the coffee machine is leaking again")


def test_the_words_stand_in_no_address_and_cards_are_masked(desk: Desk) -> None:
    page = readable(desk.counter.post("/faults", said="card 4111 1111 1111 1111 declined"))
    assert "4111 1111 1111 1111" not in page
    assert "None of these" not in words(readable(desk.counter.get("/faults", said="SKO")))


def test_words_are_proposed_reviewed_and_found_from_then_on(desk: Desk, people: People) -> None:
    assert "These words are not known" in _found(desk, SAID)
    desk.counter.post("/faults/it-was", said=SAID, code=LINK_LOST)
    desk.counter.post("/faults/it-was", said=SAID, code=LINK_LOST)
    assert desk.counter.get("/faults/words").status_code == 403
    desk.counter.client = people.sign_in(people.administrator)
    review = desk.html("/faults/words")
    assert SAID in words(review)
    assert "Person 7" in review
    identities = re.findall(r'action="/faults/words/(\d+)"', review)
    assert len(identities) == 1
    desk.counter.post(f"/faults/words/{identities[0]}", state="accepted")
    assert "Nothing to review" in desk.words("/faults/words")
    page = readable(desk.counter.post("/faults", said=SAID))
    assert re.findall(r'name="code" value="([^"]+)"', page)[0] == LINK_LOST
    assert "Do you mean this?" in words(page)
    assert desk.counter.page.station.audit(1)[0].what == "words-accepted"


def test_refused_words_are_not_found(desk: Desk, people: People) -> None:
    desk.counter.post("/faults/it-was", said=SAID, code=LINK_LOST)
    desk.counter.client = people.sign_in(people.administrator)
    identity = store.aliases(reader(), "proposed")[0].id
    desk.counter.post(f"/faults/words/{identity}", state="anything")
    assert "These words are not known" in _found(desk, SAID)


def test_words_for_a_fault_that_there_is_not(desk: Desk) -> None:
    assert desk.counter.post("/faults/it-was", said=SAID, code="fiscal.none").status_code == 404
    assert store.aliases(reader(), "proposed") == []


def test_faults_that_the_same_words_mean_are_offered_together(desk: Desk) -> None:
    page = _found(desk, "till.shift-closed")
    assert "The same words also mean" in page
    codes = re.findall(
        r'name="code" value="([^"]+)"', readable(desk.counter.post("/faults", said="till.shift-closed"))
    )
    assert len(codes) >= 2
