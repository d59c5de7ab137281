"""The page of probes and actions: what the program can look at and do by itself, and what a finding says."""

from __future__ import annotations

import django

from tillwright.kernel.registry import ACTIONS, PROBES, Condition, ProbeSpec
from tools.reference_parts.markdown import anchor, cell, code, codes, page, table
from tools.reference_parts.sources import first_sentence

CONDITIONS = (Condition.HEALTHY, Condition.WARNING, Condition.SICK)


def probes() -> str:
    """Every probe and every action, in the order of their parts."""
    django.setup()
    from tillwright.faults import actions

    return page(
        "Probes and actions",
        "A probe looks at one thing and returns a value; one that cannot look returns `unknown`, which is a"
        " finding too. A value says that the part is healthy, that somebody should know (warning), or that it"
        " is sick. Runbooks name probes in their checks and verifications, see"
        " [Add a runbook](../how-to/add-a-runbook.md).",
        "## Probes",
        table(
            ("Probe", "Part", "Of", "Healthy", "Warning", "Sick", "Looks by itself", "What it looks at"),
            (_probe(spec) for spec in PROBES.values()),
        ),
        "## Faults that a finding is",
        "What the program does not raise anyway at the same moment:",
        table(("Probe", "Finds", "Fault"), _raised()),
        "## Actions",
        "What the program does by itself. It connects, asks, delivers and prints again; nothing of that can"
        " double or end an operation. Some need a person's consent first.",
        table(
            ("Action", "Part", "Of", "Consent", "What it does"),
            (
                (
                    code(spec.name),
                    spec.part,
                    spec.scope.value,
                    spec.consent.value,
                    cell(first_sentence(actions.function(spec.name))),
                )
                for spec in ACTIONS.values()
            ),
        ),
    )


def _probe(spec: ProbeSpec) -> tuple[str, ...]:
    groups = [
        codes(value for value, found in spec.values.items() if found is condition) for condition in CONDITIONS
    ]
    every = f"every {spec.every_ms // 1000} s" if spec.every_ms else "when asked"
    from tillwright.faults.looking import function

    told = cell(first_sentence(function(spec.name)))
    return code(spec.name), spec.part, spec.scope.value, *groups, every, told


def _raised() -> list[tuple[str, str, str]]:
    from tillwright.faults.rules import RAISES

    return [
        (code(probe), code(value), f"[{code(fault)}](faults.md#{anchor(fault)})")
        for (probe, value), fault in RAISES.items()
    ]
