"""Which parties a till gets by its settings, and how their lines are secured."""

import ssl
from pathlib import Path

import pytest

from tillwright.machine.resources import shipped_rules
from tillwright.parties.licensing.adapter import LicensingAdapter
from tillwright.parties.operator.adapter import OperatorAdapter
from tillwright.settings.lines import address_of, party_lines
from tillwright.settings.station import StationSettings, parse_station

CERTIFICATES = Path(__file__).parents[1] / "parties" / "certificates"


def settings(till: str = "", station: str = "") -> StationSettings:
    text = f'station = "a"\npack = "demo"\n{station}\n[[tills]]\nid = "1"\n{till}\n[[tills]]\nid = "2"\n'
    return parse_station(text, CERTIFICATES)


def test_a_party_without_an_address_does_not_exist() -> None:
    assert list(party_lines(settings(), shipped_rules("demo"))) == []


def test_each_till_has_its_own_lines() -> None:
    till = 'operator_url = "http://127.0.0.1:8211"\nlicensing_url = "https://licensing.example"'
    operator, licensing = party_lines(settings(till), shipped_rules("demo"))
    assert (operator.name, operator.address, operator.context) == ("1/operator", ("127.0.0.1", 8211), None)
    assert (licensing.name, licensing.address) == ("1/licensing", ("licensing.example", 443))
    assert isinstance(operator.adapter, OperatorAdapter)
    assert isinstance(licensing.adapter, LicensingAdapter)
    assert licensing.context is not None
    assert licensing.context.verify_mode is ssl.CERT_REQUIRED


def test_further_authorities_come_from_a_file_beside_the_settings() -> None:
    till = 'operator_url = "https://operator.example:8443"'
    (operator,) = party_lines(settings(till, 'certificates = "loopback.pem"'), shipped_rules("demo"))
    assert operator.context is not None
    assert "localhost" in str([one["subject"] for one in operator.context.get_ca_certs()])


def test_a_file_of_certificates_that_is_not_there_is_told() -> None:
    till = 'operator_url = "https://operator.example"'
    with pytest.raises(FileNotFoundError):
        list(party_lines(settings(till, 'certificates = "none.pem"'), shipped_rules("demo")))


def test_parties_are_asked_by_themselves_unless_the_station_asks_nobody() -> None:
    till = 'operator_url = "http://127.0.0.1:8211"\nlicensing_url = "http://127.0.0.1:8212"'
    for station, every in (("", [60_000, 86_400_000]), ("status_every_ms = 0", [0, 0])):
        lines = party_lines(settings(till, station), shipped_rules("demo"))
        assert [line.adapter.times.status_every_ms for line in lines] == every


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://one.example", ("one.example", 80)),
        ("https://[::1]:8443", ("::1", 8443)),
        ("https://One.Example", ("one.example", 443)),
    ],
)
def test_addresses(url: str, address: tuple[str, int]) -> None:
    assert address_of(url) == address
