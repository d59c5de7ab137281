"""The addresses of the till."""

from __future__ import annotations

from django.urls import URLPattern, path

from tillwright.till import (
    cash,
    exchanging,
    parking,
    paying,
    receipts,
    refunding,
    settling,
    shift_open,
    views,
)

app_name = "till"

urlpatterns: list[URLPattern] = [
    path("", views.sale, name="sale"),
    path("goods", views.goods, name="goods"),
    path("basket", views.basket, name="basket"),
    path("basket/add", views.add, name="add"),
    path("basket/quantity", views.set_quantity, name="quantity"),
    path("basket/remove", views.remove, name="remove"),
    path("basket/cancel", views.cancel, name="cancel"),
    path("basket/discount", views.discount, name="discount"),
    path("basket/park", parking.park, name="park"),
    path("parked", parking.parked, name="parked"),
    path("parked/<str:uid>/resume", parking.resume, name="resume"),
    path("parked/<str:uid>/cancel", parking.cancel_parked, name="cancel-parked"),
    path("pay", paying.pay, name="pay"),
    path("shift/open", shift_open.open_shift, name="shift-open"),
    path("shift/open/check", shift_open.check, name="check"),
    path("cash/in", cash.cash_in, name="cash-in"),
    path("cash/out", cash.cash_out, name="cash-out"),
    path("newest", receipts.newest, name="newest"),
    path("newest/receipt", receipts.last_receipt, name="last-receipt"),
    path("operations", receipts.operations, name="operations"),
    path("operations/<str:uid>", receipts.operation, name="operation"),
    path("operations/<str:uid>/live", receipts.live, name="live"),
    path("operations/<str:uid>/continue", receipts.go_on, name="continue"),
    path("operations/<str:uid>/give-up", receipts.give_up, name="give-up"),
    path("operations/<str:uid>/settle", settling.settle, name="settle"),
    path("operations/<str:uid>/settle/steps", settling.steps, name="settle-steps"),
    path("operations/<str:uid>/settle/ask", settling.ask, name="settle-ask"),
    path("operations/<str:uid>/again", receipts.again, name="again"),
    path("operations/<str:uid>/refund", refunding.refund, name="refund"),
    path("operations/<str:uid>/refund/scanned", refunding.scanned, name="refund-scanned"),
    path("operations/<str:uid>/void", refunding.void, name="void"),
    path("operations/<str:uid>/exchange", refunding.exchange, name="exchange"),
    path("operations/<str:uid>/exchange/finish", exchanging.finish, name="finish-exchange"),
    path("operations/<str:uid>/receipt", receipts.receipt, name="receipt"),
    path("operations/<str:uid>/print", receipts.print_receipt, name="print"),
]
