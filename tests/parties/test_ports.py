"""The table of what is asked beside the legs of operations: each line of it is a method of an adapter."""

import pytest

from tillwright.operations.ports import BESIDES, REQUESTS
from tillwright.parties.http.line import HttpAdapter
from tillwright.parties.licensing.adapter import LicensingAdapter
from tillwright.parties.operator.adapter import OperatorAdapter
from tillwright.parties.printer.adapter import PrinterAdapter

ADAPTERS = {"operator": OperatorAdapter, "licensing": LicensingAdapter, "printer": PrinterAdapter}


@pytest.mark.parametrize(("party", "request_name"), BESIDES)
def test_the_adapter_can_ask_it(party: str, request_name: str) -> None:
    assert callable(getattr(ADAPTERS[party], request_name))


def test_what_goes_over_http_may_be_repeated_and_what_is_printed_may_not() -> None:
    for (party, name), traits in BESIDES.items():
        assert traits.repeatable is issubclass(ADAPTERS[party], HttpAdapter), name
        assert traits.repeatable is traits.idempotent, name


def test_no_leg_stands_in_both_tables() -> None:
    assert not set(BESIDES) & set(REQUESTS)
