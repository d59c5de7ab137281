"""The addresses of faults: diagnoses, the search, the state of the station, runbooks."""

from __future__ import annotations

from django.urls import URLPattern, path

from tillwright.faults import editing, reading, runbook_pages, search_pages, status_pages, views

app_name = "faults"

urlpatterns: list[URLPattern] = [
    path("faults", search_pages.search, name="search"),
    path("faults/it-was", search_pages.it_was, name="it-was"),
    path("faults/words", search_pages.review, name="review"),
    path("faults/words/<int:identity>", search_pages.decide, name="decide"),
    path("what-to-do/<str:code>", reading.what_to_do, name="what-to-do"),
    path("status", status_pages.status, name="status"),
    path("status/parts", status_pages.parts, name="status-parts"),
    path("status/look", status_pages.look_now, name="look-now"),
    path("status/part/<str:part>", status_pages.part, name="part"),
    path("runbooks/<str:code>", runbook_pages.runbook, name="runbook"),
    path("runbooks/<str:code>/edit", editing.edit, name="edit"),
    path("runbooks/<str:code>/versions/<int:version>", editing.compare, name="compare"),
    path("diagnoses", views.diagnoses, name="diagnoses"),
    path("diagnoses/start", views.start, name="start"),
    path("diagnoses/part/<str:part>", views.of_part, name="of-part"),
    path("diagnoses/<str:uid>", views.diagnosis, name="diagnosis"),
    path("diagnoses/<str:uid>/card", views.card, name="card"),
    path("diagnoses/<str:uid>/record", views.whole_record, name="record"),
    path("diagnoses/<str:uid>/answer", views.answer, name="answer"),
    path("diagnoses/<str:uid>/done", views.done, name="done"),
    path("diagnoses/<str:uid>/agree", views.agree, name="agree"),
    path("diagnoses/<str:uid>/verified", views.verified, name="verified"),
    path("diagnoses/<str:uid>/look-again", views.look_again, name="look-again"),
    path("diagnoses/<str:uid>/undo", views.undo, name="undo"),
    path("diagnoses/<str:uid>/hand-over", views.hand_over, name="hand-over"),
    path("diagnoses/<str:uid>/leave", views.leave, name="leave"),
    path("diagnoses/<str:uid>/come-back", views.come_back, name="come-back"),
    path("diagnoses/<str:uid>/escalate", views.escalate, name="escalate"),
    path("diagnoses/<str:uid>/close", views.close, name="close"),
]
