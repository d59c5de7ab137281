"""Faults: what they accept, and that they can be compared, written and carried."""

import copy
import pickle
from typing import Any

import msgspec
import pytest

from tillwright.kernel.fault import Fault, FaultError


def test_equal_faults_are_written_equally() -> None:
    one = Fault("till.red-blocks", number=118, code="x")
    other = Fault("till.red-blocks", code="x", number=118)
    assert one == other
    assert msgspec.json.encode(one) == msgspec.json.encode(other)
    assert msgspec.json.encode(one) == b'{"code":"till.red-blocks","facts":{"code":"x","number":118}}'


def test_a_fault_comes_back_from_what_was_written() -> None:
    fault = Fault("till.red-blocks", number=118)
    assert msgspec.json.decode(msgspec.json.encode(fault), type=Fault) == fault
    assert pickle.loads(pickle.dumps(fault)) == fault
    assert copy.deepcopy(fault) == fault


def test_a_fault_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Fault("till.red-blocks").code = "till.other"  # type: ignore[misc]


@pytest.mark.parametrize(
    "code", ["", "till", "Till.x", "till.", ".x", "till.red_blocks", "till.red--x", "till.x-"]
)
def test_a_code_of_another_form_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="form of a fault's code"):
        Fault(code)


@pytest.mark.parametrize("facts", [{"a": 1.5}, {"a": True}, {"a": None}, {"a": b"x"}])
def test_a_fact_is_a_text_or_a_whole_number(facts: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="texts or whole numbers"):
        Fault("till.red-blocks", **facts)


@pytest.mark.parametrize("name", ["Number", "1st", "with-dash", ""])
def test_a_fact_has_a_plain_name(name: str) -> None:
    with pytest.raises(ValueError, match="form of a fact's name"):
        Fault("till.red-blocks", **{name: 1})


def test_the_short_form_names_code_and_facts() -> None:
    assert str(Fault("till.basket-empty")) == "till.basket-empty"
    assert str(Fault("till.red-blocks", number=118)) == "till.red-blocks (number=118)"


def test_the_exception_carries_the_fault() -> None:
    fault = Fault("till.red-blocks", number=118)
    error = FaultError(fault)
    assert error.fault is fault
    assert str(error) == str(fault)
