"""The demo's shop by any pack's rules: three tills in a currency that the pack knows, goods with a price."""

import pytest

from tillwright.demo.supervisor import TILLS, tills_of
from tillwright.machine.resources import pack_names, shipped_rules
from tillwright.till.assortment import shipped_assortment


@pytest.mark.parametrize("pack", pack_names())
def test_each_pack_has_a_shop_that_can_sell(pack: str) -> None:
    rules = shipped_rules(pack)
    tills = TILLS if pack == "demo" else tills_of(rules)
    assert len({till.id for till in tills}) == len({till.serial for till in tills}) == 3
    for till in tills:
        assert rules.currency(till.currency) is not None
        assert till.float_minor > 0
        assert all(goods.prices_minor[till.currency] > 0 for goods in shipped_assortment(pack))
