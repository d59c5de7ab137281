"""The addresses of the till."""

from __future__ import annotations

from django.urls import URLPattern, path

from tillwright.till import views

app_name = "till"

urlpatterns: list[URLPattern] = [
    path("", views.sale, name="sale"),
]
