"""The page of the eight promises, with the code that keeps each as it stands today."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from tillwright.books import cash
from tillwright.catalogue.catalogue import Catalogue
from tillwright.journal import hearing
from tillwright.journal.runner import Runner
from tillwright.kernel import keys
from tillwright.operations import guards
from tillwright.operations.step import Step
from tillwright.simulation.judge import Judge
from tools.reference_parts.markdown import bullets, code, fenced, page, prose
from tools.reference_parts.sources import first_sentence, place

Function = Callable[..., object]


@dataclass(frozen=True, slots=True)
class Promise:
    """`how`: what keeps it, in words; `kept`: the code; `judged`: the simulation's check; `tests`: more."""

    name: str
    text: str
    how: str
    kept: Mapping[str, Function]
    judged: Mapping[str, Function]
    tests: tuple[str, ...] = ()


PROMISES: tuple[Promise, ...] = (
    Promise(
        "Nothing is forgotten",
        "Once the cashier has pressed the button, the operation is in the journal, and stays in the list "
        "until its end is certain.",
        "A press is answered after the commit, not before. After a start, what has not ended is read by an"
        " index and taken up again; triggers refuse to delete an operation or any of its events.",
        {"Runner.process": Runner.process, "Runner.recover": Runner.recover},
        {"Judge.all_remembered": Judge.all_remembered},
        ("tests/journal",),
    ),
    Promise(
        "Nothing is guessed",
        "A leg whose answer is missing is unknown; only evidence ends it: a reply, an inquiry, a witness's"
        " record, or a person's ruling with a reference.",
        "What a party said is one of a closed set of outcomes, and each becomes one event. Only events with "
        "evidence end a leg; the table knows no other way.",
        {"hearing._event": hearing._event},
        {"Judge._evidence": Judge._evidence},
        ("tests/operations", "tests/parties"),
    ),
    Promise(
        "Nothing is doubled",
        "One intent has one key, for ever. What is not idempotent is sent again only when its absence is "
        "proved.",
        "The client names the operation, each leg's key is derived from that name, and the database keeps "
        "every key unique. The same request again is the same operation.",
        {"keys.leg_key": keys.leg_key, "Runner._begin": Runner._begin},
        {"Judge.document": Judge.document},
        ("tests/kernel", "tests/journal"),
    ),
    Promise(
        "All or nothing",
        "At its end an operation has happened at every party that counts, or at none: what had happened is "
        "reversed.",
        "Before the commit point a failure takes back what had happened; after it everything moves forward"
        " only. The end follows from the legs and from nothing else.",
        {"Step._bring_back": Step._bring_back, "Step.conclude": Step.conclude},
        {"Judge._end": Judge._end},
        ("tests/operations",),
    ),
    Promise(
        "Books agree",
        "The cash book differs from the control device's counters only by a sum of some of the operations "
        "not yet ended. Card batch and credit book will be held to the same.",
        "Entries that do not add up to nothing are never written. They are written with the end, in the same "
        "commit, once.",
        {"cash.balanced": cash.balanced, "Step._end": Step._end},
        {"Judge._books": Judge._books},
        ("tests/demo",),
    ),
    Promise(
        "Limits hold",
        "No approval ever takes a contract, unit or vehicle right over its limit, under any concurrency, "
        "partition, restart or restore; fuel that has flowed is booked whatever it takes, and flagged.",
        "No pack of this version gives credit, so there is no limit to exceed yet but one: change never "
        "comes out of cash that is not there.",
        {"guards.moment_fault": guards.moment_fault},
        {},
        ("tests/operations",),
    ),
    Promise(
        "Everything is delivered",
        "Every document reaches its receiver, effectively once, in order, or the count of undelivered ones"
        " is on the screen with the age of the oldest.",
        "A document is queued for its receivers in the commit that ends the operation: there is no moment "
        "at which the one is written and not the other.",
        {"Runner._write": Runner._write},
        {"Judge._end": Judge._end},
        ("tests/journal",),
    ),
    Promise(
        "Everything is explained",
        "A refusal or failure shown to a person has a code, the facts that led to it, and a next step that"
        " this person may take.",
        "Code raises faults by their codes; the catalogue makes the sentence and the next step in the "
        "reader's language. A code that no file of the catalogue has fails the tests.",
        {"Catalogue.say": Catalogue.say},
        {"Judge._explained": Judge._explained},
        ("tests/catalogue",),
    ),
)


def promises() -> str:
    """Each promise with the code that keeps it and the code that checks it."""
    return page(
        "Eight promises, and the code that keeps them",
        "They hold at every moment, whatever fails. The simulation's judge checks them after every step, "
        "by the parties' own books. The code below is shown as it stands: this page is made from it.",
        *(part for number, promise in enumerate(PROMISES, start=1) for part in _promise(number, promise)),
    )


def _promise(number: int, promise: Promise) -> Iterator[str]:
    yield f"## {number}. {promise.name}"
    yield prose(promise.text)
    yield f"**How it is kept.** {prose(promise.how)}"
    for name, function in promise.kept.items():
        yield f"{code(name)} in {code(place(function))}:"
        yield fenced(textwrap.dedent(inspect.getsource(function)), "python")
    proofs = [
        f"{code(name)} in {code(place(one))}: {prose(first_sentence(one))}"
        for name, one in promise.judged.items()
    ]
    proofs += [f"the tests in {code(folder)}" for folder in promise.tests]
    yield "**What proves it.**"
    yield bullets(proof.rstrip(": ") for proof in proofs)


__all__ = ["PROMISES", "Promise", "promises"]
