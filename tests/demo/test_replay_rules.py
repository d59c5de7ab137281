"""The data set against the books: what is lost, doubled, off or at another till is seen intent by intent, in
each of the four books.
"""

import shutil
from pathlib import Path

import pytest

from tests.demo import honest_books, honest_fiscal
from tests.demo.tampering import tamper
from tillwright.demo import replay_rules
from tillwright.demo.replay_rules import Intent
from tillwright.demo.verify_reading import Books, read_books


@pytest.fixture
def sold(tmp_path: Path) -> list[Intent]:
    """Three baskets, sold honestly; the second one was rung up twice, of which once came to nothing."""
    shop = honest_books.open_shop(tmp_path)
    first, second, third = (shop.sell("till-1", total_minor) for total_minor in (500, 600, 700))
    shop.close()
    nothing = "99999999-0000-4000-8000-000000000000"
    return [
        Intent("1", "till-1", 500, (first,)),
        Intent("2", "till-1", 600, (nothing, second)),
        Intent("3", "till-1", 700, (third,)),
    ]


def books(tmp_path: Path) -> Books:
    return read_books(tmp_path)


def test_honest_sales_stand_once(sold: list[Intent], tmp_path: Path) -> None:
    assert [one.wrong for one in replay_rules.find(sold, books(tmp_path))] == [False, False, False]
    assert list(replay_rules.strangers(sold, books(tmp_path))) == []
    sums = replay_rules.sums(sold, books(tmp_path))
    assert list(sums) == ["data set", "journal", "device"]
    assert list(sums.values()) == [{"operations": 3, "sum_minor": 1_800}] * 3


def test_a_basket_that_nobody_has_is_lost(sold: list[Intent], tmp_path: Path) -> None:
    never = Intent("4", "till-1", 800, ("99999999-0000-4000-8000-000000000001",))
    found = replay_rules.find([*sold, never], books(tmp_path))[-1]
    assert (found.lost, found.doubled, found.off_minor) == (True, False, 1_600)


def test_one_that_the_device_lacks_is_lost(sold: list[Intent], tmp_path: Path) -> None:
    tamper(tmp_path, "twins.db", "DELETE FROM document WHERE total_minor = 600")
    found = replay_rules.find(sold, books(tmp_path))
    assert [one.lost for one in found] == [False, True, False]
    assert found[1].off_minor == 600


def test_two_uids_that_are_both_sold_are_doubled(sold: list[Intent], tmp_path: Path) -> None:
    both = Intent("1", "till-1", 500, (*sold[0].uids, *sold[2].uids))
    found = replay_rules.find([both, sold[1]], books(tmp_path))[0]
    assert (found.lost, found.doubled, found.off_minor) == (False, True, 1_400)


def test_another_sum_is_off_on_both_sides(sold: list[Intent], tmp_path: Path) -> None:
    other = Intent("1", "till-1", 499, sold[0].uids)
    assert replay_rules.find([other], books(tmp_path))[0].off_minor == 2


def test_another_till_is_wrong(sold: list[Intent], tmp_path: Path) -> None:
    elsewhere = Intent("1", "till-2", 500, sold[0].uids)
    found = replay_rules.find([elsewhere], books(tmp_path))[0]
    assert (found.elsewhere, found.wrong) == (True, True)


def test_a_sale_of_no_basket_is_a_stranger(sold: list[Intent], tmp_path: Path) -> None:
    strangers = list(replay_rules.strangers(sold[1:], books(tmp_path)))
    assert strangers == [
        "cash-sale 2 of till-1 belongs to no basket",
        "document 2 of device SKO-1 belongs to no basket",
    ]


# ── a till with returns and an operator ─────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def honest_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("honest")
    honest_fiscal.fill(made)
    return made


@pytest.fixture
def fiscal(honest_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(honest_folder, tmp_path / "books"))


def uid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


BACK = Intent("refund", "till-1", 200, (uid(5),), "refund")
INTENTS = [
    Intent("1", "till-1", 568, (uid(3),)),
    Intent("2", "till-1", 168, (uid(4),)),
    BACK,
    Intent("void", "till-1", 168, (uid(6),), "void"),
    Intent("3", "till-1", 400, (uid(10),)),
    Intent("exchanged", "till-1", 168, (uid(11),), "refund"),
    Intent("4", "till-1", 400, (uid(12),)),
]


def test_sales_and_returns_stand_once_in_all_four_books(fiscal: Path) -> None:
    found = replay_rules.find(INTENTS, books(fiscal))
    assert [one.wrong for one in found] == [False] * 7
    assert list(replay_rules.strangers(INTENTS, books(fiscal))) == []
    sums = replay_rules.sums(INTENTS, books(fiscal))
    assert list(sums) == ["data set", "journal", "device", "operator"]
    assert list(sums.values()) == [{"operations": 7, "sum_minor": 2_072}] * 4


def test_a_return_that_nobody_asked_for_is_a_stranger(fiscal: Path) -> None:
    without = [intent for intent in INTENTS if intent is not BACK]
    assert list(replay_rules.strangers(without, books(fiscal))) == [
        "refund 5 of till-1 belongs to no basket",
        "document 5 of device SKO-1 belongs to no basket",
    ]


@pytest.mark.parametrize(
    ("statement", "lost", "doubled", "off_minor"),
    [
        ("DELETE FROM document WHERE number = 5", True, False, 200),
        ("UPDATE document SET total_minor = 201 WHERE number = 5", False, False, 1),
        (
            "UPDATE document SET key = (SELECT key FROM document WHERE number = 5) WHERE number = 4",
            False, True, 168,
        ),
        (
            "UPDATE document SET total_minor = iif(number = 5, 168, 200) WHERE number IN (4, 5)",
            False, False, 32,
        ),
    ],
    ids=["deleted", "one more", "doubled", "swapped"],
)  # fmt: skip
def test_what_is_wrong_at_the_operator_is_seen(
    fiscal: Path, statement: str, lost: bool, doubled: bool, off_minor: int
) -> None:
    tamper(fiscal, "operator.db", statement)
    found = replay_rules.find([BACK], books(fiscal))[0]
    assert (found.lost, found.doubled, found.off_minor) == (lost, doubled, off_minor)


@pytest.mark.parametrize(
    ("told", "lost", "doubled", "off_minor"),
    [
        (Intent("refund", "till-1", 200, (uid(99),), "refund"), True, False, 600),
        (Intent("refund", "till-1", 201, (uid(5),), "refund"), False, False, 3),
        (Intent("refund", "till-1", 200, (uid(5), uid(6)), "refund"), False, True, 504),
        (Intent("refund", "till-1", 168, (uid(5),), "refund"), False, False, 96),
    ],
    ids=["deleted", "one more", "doubled", "swapped"],
)
def test_what_is_wrong_in_the_customers_own_list_is_seen(
    fiscal: Path, told: Intent, lost: bool, doubled: bool, off_minor: int
) -> None:
    found = replay_rules.find([told], books(fiscal))[0]
    assert (found.lost, found.doubled, found.off_minor) == (lost, doubled, off_minor)


def test_a_document_that_was_taken_back_again_does_not_stand(fiscal: Path) -> None:
    """As after a ruling that was wrong: registered twice, one of the two reversed by the same operation."""
    tamper(
        fiscal,
        "twins.db",
        f"UPDATE document SET key = '{uid(3)}.2' WHERE number = 4",
        f"UPDATE document SET key = '{uid(3)}.3' WHERE number = 6",
    )
    found = replay_rules.find(INTENTS[:1], books(fiscal))[0]
    assert ([one.number for one in found.documents], found.doubled) == ([3], False)
