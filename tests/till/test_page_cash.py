"""Cash in and out of the drawer."""

import pytest

from tests.till.counter import Counter, readable, words
from tests.till.test_page_refund import ask, begun
from tillwright.operations.states import OperationState


def drawer(counter: Counter) -> int:
    drawer_minor = counter.page.station.till_state(counter.till).drawer_minor
    assert drawer_minor is not None
    return drawer_minor


def test_the_float_is_put_in(counter: Counter) -> None:
    operation = begun(counter, ask(counter, "/cash/in", amount="50,00", reason="float"))
    assert (operation.kind, operation.state) == ("cash-in", OperationState.DONE)
    assert drawer(counter) == 5_000
    assert "Put into the drawer €50.00" in words(counter.html(f"/operations/{operation.uid}"))
    assert "In the drawer by the book: €50.00" in words(counter.html("/cash/out"))


def test_money_is_taken_out(counter: Counter) -> None:
    begun(counter, ask(counter, "/cash/in", amount="50", reason="float"))
    operation = begun(counter, ask(counter, "/cash/out", amount="20", reason="bank"))
    assert "Take out of the drawer €20.00" in words(counter.html(f"/operations/{operation.uid}"))
    assert drawer(counter) == 3_000


@pytest.mark.parametrize(
    ("address", "form", "code"),
    [
        ("/cash/in", {"amount": "", "reason": "float"}, "till.amount-invalid"),
        ("/cash/in", {"amount": "much", "reason": "float"}, "till.amount-invalid"),
        ("/cash/in", {"amount": "0", "reason": "float"}, "till.total-out-of-bounds"),
        ("/cash/in", {"amount": "5"}, "till.reason-missing"),
        ("/cash/out", {"amount": "5", "reason": "bank"}, "till.not-enough-cash"),
    ],
)
def test_what_cannot_be_moved_is_said(
    counter: Counter, address: str, form: dict[str, str], code: str
) -> None:
    answer = ask(counter, address, **form)
    page = readable(answer)
    assert answer.status_code in (409, 422)
    assert code in page
    assert drawer(counter) == 0


def test_nothing_is_booked_before_the_device_has_agreed(counter: Counter) -> None:
    counter.device.behave = "refuse"
    operation = begun(counter, ask(counter, "/cash/in", amount="50", reason="float"))
    assert operation.state is OperationState.REFUSED
    assert drawer(counter) == 0
