"""A small sound entry with a runbook that uses every field, to be spoilt line by line."""

from __future__ import annotations

import re

import msgspec

from tests.catalogue.samples import ENTRY
from tillwright.catalogue.entry import Entry
from tillwright.catalogue.source import read_source

_RUNBOOK = """\
  causes:
    - id: switched-off
      weight: 5
      says: W
    - id: cable-out
      weight: 3
      says: W
      leads_to: till.red-blocks
  checks:
    - id: link
      probe: control_link
      asks: W
      where: W
      cost: {people: 4}
      answers:
        - {id: "no-line", says: B, means: [switched-off, cable-out]}
        - {id: "no-answer|nonsense", says: B, means: {cable-out: 0.3}}
        - {id: "answers", says: B, means: [none-of-these]}
    - id: lamp
      asks: W
      cost: {people: 5, annoyance: 1}
      place: cabinet
      only_if: {link: [no-line, cannot-tell]}
      answers:
        - {id: "yes", means: [cable-out]}
        - {id: "no", means: {switched-off: 0.98, cable-out: 0.05}}
    - id: address
      probe: control_identity
      answers:
        - {id: "same", means: [cable-out, none-of-these]}
        - {id: "other-serial|none", means: [switched-off]}
  remedies:
    - id: reconnect
      action: reconnect_control
      says: W
      helps: {none-of-these: 0.5}
    - id: test-slip
      action: print_test_slip
      says: W
      verify: operation
      cost: {stop: 3}
      helps: {none-of-these: 0.1}
    - id: switch-on
      says: W
      cost: {people: 15, parts: 2}
      place: cabinet
      helps: [switched-off]
      only_if: {lamp: ["no"]}
    - id: plug-in
      says: W
      verify: asked
      cost: {people: 20}
      helps: [cable-out]
  never:
    - says: W
      forbids: [plug-in, print_test_slip, "kind:sale"]
  escalate:
    to: operator
    says: W
    cost: {people: 300, stop: 600}
    evidence: [findings, answers]
  verify: control_link
  verify_asks: W
  places: {cabinet: 30}
"""
_WORDS = '{en: "Look there.", vi: "Hãy xem ở đó.", ru: "Посмотрите там.", zh: "请看那里。"}'
_BUTTON = '{en: "There", vi: "Ở đó", ru: "Там", zh: "那里"}'

RUNBOOK = ENTRY + re.sub(r"\bB\b", _BUTTON, re.sub(r"\bW\b", _WORDS, _RUNBOOK))
"""The text of the entry."""


def entry(text: str = RUNBOOK) -> Entry:
    """The first entry of a text."""
    return msgspec.convert(read_source(text).value[0], Entry)
