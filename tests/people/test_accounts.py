"""Accounts, PINs and tokens as they are written and compared."""

from collections.abc import Iterator

import pytest

from tests.pages import PageStation
from tillwright.people import pins, tokens
from tillwright.people.accounts import NewAccount, close_account, put_account, set_language, set_theme
from tillwright.people.models import Account


def new(**more: object) -> NewAccount:
    values = {"number": 12, "name": "Mai", "role": "cashier", "pin": "4711", "language": "vi"}
    return NewAccount(**{**values, **more})  # type: ignore[arg-type]


def put(station: PageStation, account: NewAccount) -> Account:
    station.station.write(lambda connection: put_account(connection, account))
    return Account.objects.get(number=account.number)


def test_an_account_is_made_and_made_anew(page_station: PageStation) -> None:
    first = put(page_station, new())
    assert (first.name, first.role, first.language, first.cashier) == ("Mai", "cashier", "vi", "12")
    again = put(page_station, new(name="Mai Anh", role="senior", pin="0815"))
    assert (again.pk, again.name, again.role) == (first.pk, "Mai Anh", "senior")
    assert pins.fits("0815", again.password)
    assert not pins.fits("4711", again.password)


def test_roles_are_a_ladder(page_station: PageStation) -> None:
    senior = put(page_station, new(role="senior"))
    assert [senior.may(role) for role in ("cashier", "senior", "administrator")] == [True, True, False]


@pytest.mark.parametrize(
    "wrong", [{"role": "owner"}, {"pin": "123"}, {"pin": "123456789"}, {"pin": "12a4"}, {"pin": ""}]
)
def test_a_wrong_account_is_not_written(page_station: PageStation, wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"PIN|role") as caught:
        put(page_station, new(**wrong))
    assert not Account.objects.filter(number=12).exists()
    assert str(wrong.get("pin") or "never") not in str(caught.value)


def test_choices_and_leaving(page_station: PageStation) -> None:
    put(page_station, new())
    page_station.station.write(lambda connection: set_language(connection, 12, "ru"))
    page_station.station.write(lambda connection: set_theme(connection, 12, "dark"))
    page_station.station.write(lambda connection: close_account(connection, 12))
    account = Account.objects.get(number=12)
    assert (account.language, account.theme, account.is_active) == ("ru", "dark", False)


def test_nobody_sees_a_pin_by_printing_an_account() -> None:
    assert "4711" not in repr(new())


def test_pins_are_kept_as_argon2_each_with_its_own_salt(page_station: PageStation) -> None:
    one, other = pins.hash_pin("4711"), pins.hash_pin("4711")
    assert one.startswith("argon2$argon2id$")
    assert one != other
    assert pins.fits("4711", one)
    assert not pins.fits("4712", one)


def test_without_an_account_nothing_fits(page_station: PageStation) -> None:
    assert not pins.fits("4711", None)
    assert not pins.fits("no PIN has these letters", None)


# --- tokens -----------------------------------------------------------------------------------------------


@pytest.fixture
def token() -> Iterator[tokens.Token]:
    made = tokens.token_for("till-1")
    tokens.set_tokens({"till-1": made.sha256, "till-2": tokens.token_for("till-2").sha256})
    yield made
    tokens.set_tokens({})


def test_a_token_tells_its_till(token: tokens.Token) -> None:
    assert tokens.till_of(token.text) == "till-1"
    assert tokens.hash_of(token.text) == token.sha256


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text[:-1],
        lambda text: text + "a",
        lambda text: text.replace("till-1", "till-2"),
        lambda text: text.replace("till-1", "till-9"),
        lambda text: text.partition(".")[2],
        lambda text: "",
        lambda text: "till-1.",
        lambda text: text + "a" * 1000,
        lambda text: text.upper(),
    ],
)
def test_anything_else_is_nobodys(token: tokens.Token, change) -> None:
    assert tokens.till_of(change(token.text)) is None


def test_a_till_without_a_token_lets_nobody_in() -> None:
    tokens.set_tokens({})
    assert tokens.till_of(tokens.token_for("till-1").text) is None


def test_tokens_differ_and_do_not_print_themselves() -> None:
    one, other = tokens.token_for("till-1"), tokens.token_for("till-1")
    assert one.text != other.text
    assert len(one.text) > 40
    assert one.text not in repr(one)
