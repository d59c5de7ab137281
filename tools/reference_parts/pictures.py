"""Every picture of the documentation as a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tillwright.documents.drawing import Drawing
from tillwright.documents.picture import Picture
from tillwright.documents.picture_svg import draw
from tools.reference_parts import figures, machines, stories
from tools.reference_parts.style import picture_style, standalone


def _story(name: str, tell: Callable[[], Picture]) -> Callable[[], str]:
    return lambda: standalone(draw(tell(), name=name), "picture", picture_style())


def _figure(make: Callable[[], Drawing], style: str) -> Callable[[], str]:
    return lambda: standalone(make(), "figure", style)


PICTURES: Mapping[str, Callable[[], str]] = {
    "pictures/plain-sale.svg": _story("plain-sale", stories.plain),
    "pictures/lost-answer.svg": _story("lost-answer", stories.lost_answer),
    "pictures/pulled-plug.svg": _story("pulled-plug", stories.pulled_plug),
    "pictures/killed-station.svg": _story("killed-station", stories.killed),
    "pictures/two-commits.svg": _story("two-commits", stories.two_commits),
    "pictures/leg-states.svg": _figure(machines.leg_machine, machines.STYLE),
    "pictures/operation-states.svg": _figure(machines.operation_machine, machines.STYLE),
    "pictures/the-line.svg": _figure(figures.not_sent_or_no_answer, figures.STYLE),
    "pictures/two-drivers.svg": _figure(figures.two_drivers, figures.STYLE),
}
