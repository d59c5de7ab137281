"""The addresses of the base."""

from __future__ import annotations

from django.urls import path

from tillwright.web import approving, live, people_pages, signin, views

app_name = "web"

urlpatterns = [
    path("sign-in", signin.sign_in, name="sign-in"),
    path("sign-out", signin.sign_out, name="sign-out"),
    path("approve", approving.approve, name="approve"),
    path("language", views.choose_language, name="language"),
    path("theme", views.choose_theme, name="theme"),
    path("live", live.live, name="live"),
    path("settings/people", people_pages.people, name="people"),
    path("settings/people/new", people_pages.new_person, name="person-new"),
    path("settings/people/<int:number>", people_pages.person, name="person"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("styleguide", views.styleguide, name="styleguide"),
]
