"""The packs that ship: their rules, and their entries in four languages."""

import re

import pytest

from tillwright.catalogue.commands import check
from tillwright.catalogue.formats import MISSING, PlainFormatter
from tillwright.catalogue.languages import LANGUAGES
from tillwright.catalogue.packs import BrokenPack
from tillwright.kernel.fault import Fault
from tillwright.machine import resources
from tillwright.machine.resources import catalogue_texts, pack_names, shipped_catalogue, shipped_rules

CODES = sorted(shipped_catalogue().entries)


def test_the_shipped_entries_have_no_problems() -> None:
    report = check(catalogue_texts())
    assert report["problems"] == []
    assert report["entries"] == len(CODES)
    assert set(report["by_pack"]) >= {"common", "fiscal-by"}


def test_every_area_of_the_first_sale_is_there() -> None:
    areas = {entry.area for entry in shipped_catalogue().entries.values()}
    assert areas >= {"fiscal", "till", "api", "people", "journal", "twin", "clock"}


@pytest.mark.parametrize("code", CODES)
def test_an_entry_speaks_every_language_differently(code: str) -> None:
    entry = shipped_catalogue().entry(code)
    for wording in (entry.says, entry.next):
        assert len({text for _, text in wording.items()}) == len(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", CODES)
def test_a_sentence_is_whole_when_its_facts_are_there(code: str, language: str) -> None:
    entry = shipped_catalogue().entry(code)
    numeric = ("_minor", "_ms", "_count", "_bytes", "number")
    facts: dict[str, str | int] = {name: 7 if name.endswith(numeric) else "x" for name in entry.facts}
    if "currency" in facts:
        facts["currency"] = "EUR"
    formatter = PlainFormatter(shipped_rules("demo").currencies)
    for audience in ("cashier", "customer", "support", "program"):
        said = shipped_catalogue().say(Fault(code, **facts), language, audience, formatter)
        for text in (said.sentence, said.next_step):
            assert MISSING not in text
            assert "{" not in text


@pytest.mark.parametrize("code", CODES)
def test_no_code_stands_inside_a_sentence(code: str) -> None:
    for _, _, text in shipped_catalogue().entry(code).wordings():
        assert not re.search(r"\b(till|fiscal|api|people|journal|twin|clock)\.[a-z]+-", text)


@pytest.mark.parametrize("code", [code for code in CODES if code.startswith(("till.", "api."))])
def test_what_a_call_can_meet_has_a_status(code: str) -> None:
    assert shipped_catalogue().entry(code).http_status is not None


@pytest.mark.parametrize("name", pack_names())
def test_the_rules_of_a_pack_can_be_read(name: str) -> None:
    rules = shipped_rules(name)
    assert set(rules.languages) == set(LANGUAGES)
    assert rules.maximum_lines == 2000
    kind = rules.kind("cash-sale")
    assert kind
    assert [(leg.party, leg.action, leg.commit) for leg in kind.legs] == [("control", "register", True)]
    for currency in rules.currencies:
        assert currency.maximum_total_minor >= currency.denominations_minor[0]


def test_the_packs_and_their_currencies() -> None:
    assert pack_names() == ("demo", "fiscal-by")
    exponents = {name: {c.code: c.exponent for c in shipped_rules(name).currencies} for name in pack_names()}
    assert exponents == {"demo": {"EUR": 2, "VND": 0}, "fiscal-by": {"BYN": 2}}


def test_a_pack_that_does_not_exist_is_named() -> None:
    with pytest.raises(LookupError, match=r"'moon'; there are demo, fiscal-by"):
        shipped_rules("moon")
    with pytest.raises(LookupError):
        shipped_rules("common")


def test_a_pack_calls_itself_by_the_name_of_its_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    shipped_rules.cache_clear()
    renamed = shipped_rules("demo")
    shipped_rules.cache_clear()
    monkeypatch.setattr(resources, "rules_from_toml", lambda _text: renamed)
    with pytest.raises(BrokenPack, match="'fiscal-by' calls itself 'demo'"):
        shipped_rules("fiscal-by")
    shipped_rules.cache_clear()
