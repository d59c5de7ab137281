"""The addresses of the switchboard, and of the cabinets of the simulated operator and licensing."""

from __future__ import annotations

from django.urls import URLPattern, path

from tillwright.demo import cabinets, switchboard, switchboard_practice

app_name = "switchboard"

urlpatterns: list[URLPattern] = [
    path("", switchboard.switchboard, name="switchboard"),
    path("truth", switchboard.truth, name="truth"),
    path("twins/<str:name>/press", switchboard.press, name="press"),
    path("twins/<str:name>/turn", switchboard.turn, name="turn"),
    path("twins/<str:name>/slips/<int:number>", switchboard.slip, name="slip"),
    path("tills/<str:till>/story", switchboard.story, name="story"),
    path("tills/<str:till>/well", switchboard.well, name="well"),
    path("practice", switchboard_practice.page, name="practice"),
    path("tills/<str:till>/practice", switchboard_practice.begin, name="practice-begin"),
    path("tills/<str:till>/practice/act", switchboard_practice.act, name="practice-act"),
    path("operator", cabinets.operator, name="operator"),
    path("operator/judge", cabinets.judge, name="judge"),
    path("operator/accept", cabinets.accept, name="accept"),
    path("licensing", cabinets.licensing, name="licensing"),
    path("licensing/say", cabinets.say, name="say"),
    path("licensing/well", cabinets.settle, name="settle"),
]
