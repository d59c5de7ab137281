"""Every mistake in a runbook is named with its place."""

from __future__ import annotations

import pytest

from tests.catalogue.runbook_samples import RUNBOOK, entry
from tests.catalogue.samples import ENTRY, FILE
from tillwright.catalogue.lint import read_entries
from tillwright.catalogue.runbook_lint import runbook_problems, runbook_wordings

LEADS = "      leads_to: till.red-blocks\n"
ESCALATE = RUNBOOK[RUNBOOK.index("  escalate:") : RUNBOOK.index("  verify: control_link")]
LAMP_ANSWERS = RUNBOOK[RUNBOOK.index('        - {id: "yes"') : RUNBOOK.index("    - id: address")]
BLIND_ANSWERS = """\
        - {id: "yes", means: {switched-off: 0.5}}
        - {id: "no", means: {cable-out: 0.5}}
"""


def said(text: str) -> list[str]:
    return [f"{'.'.join(place)}: {words}" for place, words in runbook_problems(entry(text))]


def test_a_sound_runbook_has_no_problems() -> None:
    assert said(RUNBOOK) == []
    assert read_entries({FILE: RUNBOOK})[1] == []


def test_an_entry_without_a_runbook_has_no_problems() -> None:
    assert said(ENTRY) == []
    assert "causes: are missing, though" in said(ENTRY + "  verify: control_link\n")[0]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        # ids
        ("id: switch-on", "id: Switch", "remedies: 'Switch' is not the form of an id"),
        ("id: switch-on", "id: lamp", "two steps are called 'lamp'"),
        ("id: cable-out\n", "id: switched-off\n", "causes: two causes are called 'switched-off'"),
        ("id: cable-out\n", "id: none-of-these\n", "causes: 'none-of-these' is added by itself"),
        # checks
        ("      probe: control_identity\n", "", "checks.2: needs a probe or a question"),
        ("probe: control_identity", "probe: guess", "checks.2: there is no probe 'guess'"),
        (LAMP_ANSWERS, LAMP_ANSWERS.splitlines(True)[0], "checks.1: has no two answers"),
        ('id: "no-answer|nonsense"', 'id: "no-answer|no-line"', "checks.0: has an answer twice"),
        ('"no-answer|nonsense"', '"no-answer|rubbish"', "the probe control_link never finds 'rubbish'"),
        ('"no-answer|nonsense"', '"no-answer"', "checks.0: says nothing about nonsense"),
        ('{id: "yes", means', '{id: "lit", means', "the answer 'lit' has no words for its button"),
        ("means: [none-of-these]", "means: [moon]", "checks.0: there is no cause 'moon'"),
        ("{switched-off: 0.98,", "{switched-off: 0.995,", "a likelihood of 0.995 with 'switched-off'"),
        ("      place: cabinet\n", "      place: cabinet\n      unsure: 0.95\n", "unsure must be within"),
        ("      cost: {people: 5, annoyance: 1}\n", "", "checks.1: asks a person and costs nothing"),
        ("      place: cabinet\n", "      place: cellar\n", "checks.1: there is no place 'cellar'"),
        ("{link: [no-line", "{lonk: [no-line", "checks.1: needs the check 'lonk', which there is not"),
        ("[no-line, cannot-tell]", "[]", "checks.1: needs an answer that 'link' does not have"),
        ("[no-line, cannot-tell]", "[no-answer]", "checks.1: needs an answer that 'link' does not have"),
        # remedies
        ("helps: [cable-out]", "helps: [moon]", "remedies.3: there is no cause 'moon'"),
        ("{none-of-these: 0.5}", "{none-of-these: 1.0}", "helps 'none-of-these' in 1.0 of all cases"),
        ("helps: [cable-out]", "helps: []", "remedies.3: helps no cause"),
        ("action: reconnect_control", "action: kick", "remedies.0: there is no action 'kick'"),
        ("      cost: {people: 20}\n", "", "remedies.3: is done by a person and costs nothing"),
        ('only_if: {lamp: ["no"]}', "only_if: {lump: [dark]}", "remedies.2: needs the check 'lump'"),
        # causes and the end
        ("weight: 5", "weight: 0", "causes.0: needs a weight above 0"),
        ("cost: {people: 300, stop: 600}", "cost: {}", "escalate: needs a cost"),
        (ESCALATE, "", "causes: there is nobody to escalate to"),
        ("verify: control_link", "verify: faith", "verify: cannot be verified by 'faith'"),
        ("verify: operation", "verify: faith", "remedies.1: cannot be verified by 'faith'"),
        ("  verify_asks", "  note: x\n  #", "remedies.3: is verified by asking, and there is no verify_asks"),
        ("evidence: [findings,", "evidence: [gossip,", "escalate: there is no evidence 'gossip'"),
        ("forbids: [plug-in,", "forbids: [sing,", "never.0: forbids 'sing', which there is not"),
        # the whole
        (LAMP_ANSWERS, BLIND_ANSWERS, "checks.1: tells no two causes apart"),
    ],
)
def test_a_mistake_is_named(old: str, new: str, words: str) -> None:
    assert old in RUNBOOK
    found = said(RUNBOOK.replace(old, new, 1))
    assert any(words in one for one in found), found


def test_a_cause_that_leads_nowhere_needs_somebody_to_call() -> None:
    alone = RUNBOOK.replace(ESCALATE, "").replace("helps: [cable-out]", "helps: [switched-off]")
    assert said(alone.replace(LEADS, ""))[1] == "causes.1: has no remedy and nobody to escalate to"
    assert said(alone) == ["causes: there is nobody to escalate to"]


def test_steps_that_wait_for_each_other_are_never_reached() -> None:
    needs = '      only_if: {lamp: ["yes"]}\n'
    circle = RUNBOOK.replace("      cost: {people: 4}\n", needs + "      cost: {people: 4}\n")
    assert said(circle) == [
        "checks.0: can never be reached",
        "checks.1: can never be reached",
        "remedies.2: can never be reached",
    ]


def test_a_runbook_must_be_small_enough_to_be_worked_out() -> None:
    question = RUNBOOK[RUNBOOK.index("    - id: lamp\n") : RUNBOOK.index("    - id: address")]
    more = "".join(question.replace("id: lamp", f"id: lamp-{at}") for at in range(6))
    found = said(RUNBOOK.replace("    - id: address", more + "    - id: address", 1))
    assert len(found) == 1
    assert found[0].startswith("checks: make ")
    assert "split the runbook" in found[0]


def test_every_text_is_looked_at() -> None:
    places = [".".join(place) for place, _, _ in runbook_wordings(entry())]
    assert places == [
        "causes.0.says",
        "causes.1.says",
        "checks.0.asks",
        "checks.0.where",
        "checks.0.answers.0.says",
        "checks.0.answers.1.says",
        "checks.0.answers.2.says",
        "checks.1.asks",
        "remedies.0.says",
        "remedies.1.says",
        "remedies.2.says",
        "remedies.3.says",
        "never.0.says",
        "escalate.says",
        "verify_asks",
    ]
    assert [place for place, _, _ in runbook_wordings(entry(ENTRY))] == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"There"', '"There "', "must be one line"),
        ('"There"', f'"{"t" * 49}"', "fit on a button"),
        ('"Look there."', '"Look there"', "must end like a sentence"),
        ('"Look there."', '"Look at {number}."', "names a fact; a runbook's words have none"),
        (LEADS, LEADS.replace("red-blocks", "nothing"), "leads to till.nothing, which is in no catalogue"),
    ],
)
def test_the_words_of_a_runbook_are_held_to_the_same(old: str, new: str, words: str) -> None:
    found = read_entries({FILE: RUNBOOK.replace(old, new, 1)})[1]
    assert any(words in problem.text for problem in found), found


def test_a_mistake_in_a_runbook_has_its_line() -> None:
    text = RUNBOOK.replace("weight: 5", "weight: 0")
    found = read_entries({FILE: text})[1]
    assert [(one.line, one.text) for one in found] == [
        (text[: text.index("- id: switched-off")].count("\n") + 1, "needs a weight above 0")
    ]
