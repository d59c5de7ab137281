"""The addresses of the switchboard."""

from __future__ import annotations

from django.urls import URLPattern, path

from tillwright.demo import switchboard

app_name = "switchboard"

urlpatterns: list[URLPattern] = [
    path("", switchboard.switchboard, name="switchboard"),
    path("truth", switchboard.truth, name="truth"),
    path("<str:serial>/press", switchboard.press, name="press"),
    path("<str:serial>/story", switchboard.story, name="story"),
    path("<str:serial>/well", switchboard.well, name="well"),
    path("<str:serial>/plug", switchboard.plug, name="plug"),
]
