"""Longer lives than can be tried one by one: chance feeds anything for as long as it likes."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.operations.everything import Life, everything, feed
from tests.operations.invariants import check_nothing_hangs, check_step
from tests.operations.plans import PLANS, Plan
from tillwright.operations.events import Started

LEGS_MAX = 10


class AnyLife(RuleBasedStateMachine):
    """An operation of any plan, and anything that is fed to it."""

    def __init__(self) -> None:
        super().__init__()
        self.plan: Plan = PLANS[0]
        self.life = Life(self.plan.start())

    @initialize(plan=st.sampled_from(PLANS))
    def begin(self, plan: Plan) -> None:
        self.plan = plan
        self.life = Life(plan.start())
        self._feed(Started(0))

    def _feed(self, event: object) -> None:
        fed, after = feed(self.life, event, self.plan.policy)  # type: ignore[arg-type]
        check_step(self.life, fed, after, self.plan.policy)
        self.life = after

    @precondition(lambda self: len(self.life.operation.legs) < LEGS_MAX)
    @rule(data=st.data())
    def anything(self, data: st.DataObject) -> None:
        self._feed(data.draw(st.sampled_from(list(everything(self.life.operation)))))

    @precondition(lambda self: bool(self.life.operation.timers))
    @rule(data=st.data())
    def a_timer_that_is_set(self, data: st.DataObject) -> None:
        names = [timer.name for timer in self.life.operation.timers]
        due = [event for event in everything(self.life.operation) if getattr(event, "timer", "") in names]
        self._feed(data.draw(st.sampled_from(due)))

    @invariant()
    def waits_for_something(self) -> None:
        if self.life.operation.version:
            check_nothing_hangs(self.life, self.plan.policy)


AnyLife.TestCase.settings = settings(max_examples=60, stateful_step_count=60, deadline=None)
TestAnyLife = AnyLife.TestCase
