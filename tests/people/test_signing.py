"""Signing in and its limits, below the page."""

import threading

import pytest
from django.db import connections

from tests.pages import NOON_MS, PageStation, People
from tillwright.kernel.fault import FaultError
from tillwright.people import signing
from tillwright.people.models import Attempt, LiveSession

NUMBER = 7


@pytest.fixture(autouse=True)
def _station(page_station: PageStation) -> None:
    """Accounts, and a place for failures."""


def code_of(number: object, pin: str, now_ms: int = NOON_MS) -> str:
    """What the attempt came to: the fault's code, or 'in'."""
    try:
        signing.sign_in(str(number), pin, now_ms)
    except FaultError as error:
        return error.fault.code
    return "in"


def wait_ms_of(number: int, pin: str, now_ms: int) -> object:
    with pytest.raises(FaultError) as caught:
        signing.sign_in(str(number), pin, now_ms)
    return caught.value.fault.facts.get("wait_ms", 0)


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 0), (4, 0), (5, 30), (6, 60), (7, 120), (11, 1920), (12, 3600), (400, 3600)]
)
def test_the_lock_grows_and_has_a_ceiling(failures: int, seconds: int) -> None:
    assert signing.lock_ms(failures) == seconds * 1000


def test_each_further_failure_locks_for_longer() -> None:
    now_ms, waits = NOON_MS, []
    for _ in range(7):
        wait_ms = wait_ms_of(NUMBER, "0000", now_ms)
        waits.append(wait_ms)
        now_ms += int(str(wait_ms))
    assert waits == [0, 0, 0, 0, 30_000, 60_000, 120_000]


def test_asking_while_locked_does_not_lengthen_the_lock(people: People) -> None:
    for _ in range(5):
        code_of(NUMBER, "0000")
    assert [wait_ms_of(NUMBER, "0000", NOON_MS + 10_000) for _ in range(3)] == [20_000] * 3
    assert code_of(NUMBER, people.pin(NUMBER), NOON_MS + 30_000) == "in"


def test_success_forgets_the_failures(people: People) -> None:
    for _ in range(4):
        code_of(NUMBER, "0000")
    assert code_of(NUMBER, people.pin(NUMBER)) == "in"
    assert not Attempt.objects.exists()
    assert code_of(NUMBER, "0000") == "people.sign-in-failed"


def test_old_failures_count_no_more() -> None:
    for _ in range(4):
        code_of(NUMBER, "0000")
    assert code_of(NUMBER, "0000", NOON_MS + signing.FORGET_AFTER_MS + 1) == "people.sign-in-failed"


def test_old_failures_are_not_kept(people: People) -> None:
    code_of(999, "0000")
    assert code_of(NUMBER, people.pin(NUMBER), NOON_MS + signing.FORGET_AFTER_MS + 1) == "in"
    assert not Attempt.objects.exists()


def test_a_clock_that_is_set_back_does_not_lock_for_ever(people: People) -> None:
    for _ in range(5):
        code_of(NUMBER, "0000")
    assert wait_ms_of(NUMBER, people.pin(NUMBER), NOON_MS - 86_400_000) == 30_000


def test_another_number_is_not_locked(people: People) -> None:
    for _ in range(5):
        code_of(NUMBER, "0000")
    assert code_of(people.other, people.pin(people.other)) == "in"


def test_a_number_that_nobody_has_is_locked_too() -> None:
    assert [code_of(999, "0000") for _ in range(6)] == ["people.sign-in-failed"] * 4 + ["people.locked"] * 2


@pytest.mark.parametrize("number", ["", "x", "7x", "-7", "7.0", "123456789", "٧"])
def test_what_is_no_number_fails_and_is_not_counted(number: str, people: People) -> None:
    assert code_of(number, people.pin(NUMBER)) == "people.sign-in-failed"
    assert not Attempt.objects.exists()


def test_guesses_at_the_same_time_are_all_counted(django_db_blocker) -> None:
    codes: list[str] = []

    def guess() -> None:
        codes.append(code_of(NUMBER, "0000"))
        connections.close_all()

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes.count("people.sign-in-failed") <= 4
    assert len(codes) == 12
    assert Attempt.objects.get(number=NUMBER).failures == 5


def where(key: str, till: str = "1") -> signing.Where:
    return signing.Where(key, till, f"Till {till}")


def test_one_account_has_one_live_session() -> None:
    signing.begin(1, where("first"), NOON_MS)
    signing.begin(1, where("second", "2"), NOON_MS + 5)
    ended = signing.check(1, "first", NOON_MS + 10, 60_000)
    assert ended is not None
    assert (ended.code, ended.facts) == (
        "people.signed-in-elsewhere",
        {"place": "Till 2", "at_ms": NOON_MS + 5},
    )
    assert signing.check(1, "second", NOON_MS + 10, 60_000) is None


def test_ending_an_old_session_leaves_the_live_one() -> None:
    signing.begin(1, where("first"), NOON_MS)
    signing.begin(1, where("second"), NOON_MS)
    signing.end(1, "first")
    assert signing.check(1, "second", NOON_MS, 60_000) is None
    signing.end(1, "second")
    ended = signing.check(1, "second", NOON_MS, 60_000)
    assert ended is not None
    assert ended.code == "people.session-ended"


def test_being_there_is_kept_to_the_minute_not_to_the_press() -> None:
    signing.begin(1, where("first"), NOON_MS)
    signing.check(1, "first", NOON_MS + 59_000, 3_600_000)
    assert LiveSession.objects.get(account=1).seen_ms == NOON_MS
    signing.check(1, "first", NOON_MS + 60_000, 3_600_000)
    assert LiveSession.objects.get(account=1).seen_ms == NOON_MS + 60_000
