"""What adapter and twin of the licensing service promise together, whatever carries their bytes.

`test_licensing.py` runs all of them on virtual time with both stores and on sockets.
"""

from __future__ import annotations

import pytest

from tests.parties.http_worlds import World
from tillwright.kernel.fault import Fault
from tillwright.machine.resources import shipped_catalogue
from tillwright.parties.faulting import GARBAGE_FORMS
from tillwright.parties.http.line import HttpTimes
from tillwright.parties.licensing.adapter import LicensingAdapter
from tillwright.parties.licensing.licence import CALL, PAY
from tillwright.parties.licensing.messages import CODES, Code
from tillwright.parties.licensing.orders import LicensingOrders
from tillwright.parties.wire import LicenceTold, PartyHealth

TIMES = HttpTimes()
OVER_MS = TIMES.answer_within_ms + 100
LICENSING_WORLD = World[LicensingAdapter, LicensingOrders]

CONTACTS: dict[Code, str] = {
    "contract-not-concluded": CALL,
    "update-required": CALL,
    "sn-not-found": CALL,
    "unp-mismatch": CALL,
    "subscription-missing": PAY,
    "subscription-ending": PAY,
    "subscription-ending-no-funds": PAY,
}


class LicensingWords:
    """What the tests say of a world."""

    def __init__(self, world: LICENSING_WORLD) -> None:
        self.world = world

    def ask(self) -> LicenceTold:
        """Ask, and wait for the answer."""
        return self.world.next(LicenceTold, lambda adapter: adapter.ask(self.world.now_ms()))

    def ask_in_vain(self) -> PartyHealth:
        """Ask, and wait for the end without an answer."""
        before = len(self.world.of(PartyHealth))
        self.world.do(lambda adapter: adapter.ask(self.world.now_ms()))
        return self.world.nth(PartyHealth, before + 1)

    def switch(self, code: Code, on: bool = True, serial: str = "*") -> None:
        """Have a message said, or no longer."""
        self.world.order(lambda orders, now_ms: orders.switch(code, on, now_ms, serial))

    def codes(self) -> list[str]:
        """The codes that are told now, without their beginning."""
        return [fault.code.removeprefix("fiscal.billing-") for fault in self.ask().codes]


class LicensingContract:
    """A suite; the subclass gives the fixture `world`: without faults, nobody has asked yet."""

    @pytest.fixture
    def words(self, world: LICENSING_WORLD) -> LicensingWords:
        return LicensingWords(world)

    def test_a_licence_that_is_in_order_has_nothing_to_say(self, words: LicensingWords) -> None:
        assert words.ask().codes == ()
        assert words.world.health() == "ready"

    @pytest.mark.parametrize("code", CODES)
    def test_each_message_is_told_with_account_and_whom_to_call_or_where_to_pay(
        self, words: LicensingWords, code: Code
    ) -> None:
        words.ask()
        words.switch(code)
        (fault,) = words.ask().codes
        assert fault.code == f"fiscal.billing-{code}"
        assert fault.facts["contact"] == CONTACTS[code]
        assert len(str(fault.facts["account"])) == 8
        entry = shipped_catalogue().entries[fault.code]
        assert set(fault.facts) == set(entry.facts)
        words.switch(code, on=False)
        assert words.ask().codes == ()

    def test_an_ending_subscription_names_the_day(self, words: LicensingWords) -> None:
        words.switch("subscription-ending", serial="SN-1")
        (fault,) = words.ask().codes
        assert fault.facts["date"] == "2023-11-19"

    def test_an_update_says_what_to_install(self, words: LicensingWords) -> None:
        words.switch("update-required", serial="SN-1")
        (fault,) = words.ask().codes
        assert isinstance(fault, Fault)
        assert fault.facts["update"] == "Tillwright 99.0"

    def test_several_things_may_be_wrong_and_all_be_well_again(self, words: LicensingWords) -> None:
        words.ask()
        words.switch("update-required")
        words.switch("unp-mismatch")
        words.switch("subscription-missing")
        assert words.codes() == ["unp-mismatch", "subscription-missing", "update-required"]
        words.world.order(lambda orders, now_ms: orders.well(now_ms))
        assert words.codes() == []

    def test_what_is_ordered_for_all_holds_for_those_who_come_later(self, words: LicensingWords) -> None:
        words.switch("contract-not-concluded")
        assert words.codes() == ["contract-not-concluded"]

    def test_what_is_ordered_for_another_serial_is_not_said_of_this_one(self, words: LicensingWords) -> None:
        words.switch("sn-not-found", serial="SN-2")
        assert words.codes() == []

    # ── each fault of the twin ──────────────────────────────────────────────────────────────────────────────

    def test_nobody_at_the_other_end(self, words: LicensingWords) -> None:
        words.world.arm("refuse_connections", always=True)
        assert words.ask_in_vain().state == "lost"
        assert words.ask_in_vain().state == "lost"
        words.world.order(lambda orders, _: orders.disarm())
        assert words.codes() == []
        assert words.world.health() == "ready"

    @pytest.mark.parametrize("fault", ["silent", "commit_drop_answer"])
    def test_no_answer(self, words: LicensingWords, fault: str) -> None:
        words.world.arm(fault)
        words.world.do(lambda adapter: adapter.ask(words.world.now_ms()))
        words.world.struck(fault)
        words.world.pass_time(OVER_MS)
        words.world.until(lambda: words.world.health() == "lost")
        words.world.do(lambda adapter: adapter.ask(words.world.now_ms()))
        words.world.pass_time(TIMES.connect_within_ms + 100)
        assert words.world.nth(LicenceTold, 1).codes == ()

    @pytest.mark.parametrize("fault", ["deliver_late", "answer_late"])
    def test_a_late_answer_counts(self, words: LicensingWords, fault: str) -> None:
        words.world.arm(fault, delay_ms=8_000)
        words.world.do(lambda adapter: adapter.ask(words.world.now_ms()))
        words.world.struck(fault)
        words.world.pass_time(OVER_MS)
        words.world.until(lambda: words.world.health() == "lost")
        words.world.pass_time(8_000)
        assert words.world.nth(LicenceTold, 1).codes == ()
        assert words.world.health() == "ready"

    def test_answered_twice(self, words: LicensingWords) -> None:
        words.world.arm("answer_twice", next_count=2)
        for _ in range(3):
            assert words.codes() == []
        assert len(words.world.of(LicenceTold)) == 3

    @pytest.mark.parametrize("form", GARBAGE_FORMS)
    def test_garbage(self, words: LicensingWords, form: str) -> None:
        words.world.arm("garbage", form=form)
        assert words.ask_in_vain().state == "lost"
        assert words.codes() == []

    @pytest.mark.parametrize("fault", ["drop_request_close", "crash", "restored_backup"])
    def test_the_connection_breaks(self, words: LicensingWords, fault: str) -> None:
        words.world.arm(fault, delay_ms=0)
        assert words.ask_in_vain().state == "lost"
        assert words.codes() == []

    def test_slow_but_in_time(self, words: LicensingWords) -> None:
        words.world.arm("slow_bytes", delay_ms=1, piece_bytes=50)
        words.world.do(lambda adapter: adapter.ask(words.world.now_ms()))
        words.world.struck("slow_bytes")
        words.world.pass_time(1_000)
        assert words.world.nth(LicenceTold, 1).codes == ()

    def test_a_clock_that_is_off_ends_subscriptions_early(self, words: LicensingWords) -> None:
        words.ask()
        words.world.arm("clock_off", off_ms=400 * 86_400_000)
        assert words.codes() == ["subscription-missing"]

    def test_a_service_from_an_old_backup_says_what_it_said_then(self, words: LicensingWords) -> None:
        words.ask()
        words.switch("subscription-missing", serial="SN-1")
        assert words.codes() == ["subscription-missing"]
        words.world.order(lambda orders, _: orders.restore_backup(1))
        assert words.codes() == []

    def test_reset_is_a_service_that_never_was_asked(self, words: LicensingWords) -> None:
        words.switch("sn-not-found")
        words.world.order(lambda orders, _: orders.reset())
        assert words.world.look(lambda orders: orders.licences()) == []
        assert words.codes() == []
