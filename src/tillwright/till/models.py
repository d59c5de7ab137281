"""Tables of the till: goods and baskets. Written through the station's writer; see goods.py and
actions.py.
"""

from __future__ import annotations

from django.db import models


class Goods(models.Model):
    """Something to sell. `names`: language → name, or '' → the one name that it has everywhere."""

    sku = models.CharField(max_length=64, unique=True)
    names = models.JSONField()
    fold = models.TextField()
    unit = models.CharField(max_length=8)
    favourite = models.PositiveIntegerField(null=True)
    active = models.BooleanField(default=True)

    class Meta:
        db_table = "goods"
        indexes = (
            models.Index(
                fields=["favourite"], name="goods_favourite", condition=models.Q(favourite__isnull=False)
            ),
        )


class Barcode(models.Model):
    """A code that a scanner reads, and the goods that it means."""

    code = models.CharField(max_length=32, primary_key=True)
    goods = models.ForeignKey(Goods, models.CASCADE, db_column="goods", related_name="barcodes")

    class Meta:
        db_table = "barcode"


class Price(models.Model):
    """What one piece or one kilogram costs, in minor units."""

    goods = models.ForeignKey(Goods, models.CASCADE, db_column="goods", related_name="prices")
    currency = models.CharField(max_length=3)
    price_minor = models.BigIntegerField()

    class Meta:
        db_table = "price"
        constraints = (
            models.UniqueConstraint(fields=["goods", "currency"], name="price_one"),
            models.CheckConstraint(condition=models.Q(price_minor__gte=0), name="price_not_below_zero"),
        )


class Basket(models.Model):
    """A basket: `state` is open, parked or closed. One is open per till; what was sold is told by the
    journal. `discount_value`: minor units, or hundredths of a per cent. `returned`: what comes back
    in exchange, see exchanges.py.
    """

    uid = models.CharField(max_length=36, primary_key=True)
    till = models.CharField(max_length=32)
    currency = models.CharField(max_length=3)
    cashier = models.CharField(max_length=32)
    state = models.CharField(max_length=8)
    opened_ms = models.BigIntegerField()
    version = models.PositiveIntegerField()
    next_position = models.PositiveIntegerField()
    note = models.CharField(max_length=80, default="", db_default="")
    parked_ms = models.BigIntegerField(null=True)
    parked_by = models.CharField(max_length=32, default="", db_default="")
    discount_kind = models.CharField(max_length=8, default="", db_default="")
    discount_value = models.BigIntegerField(default=0, db_default=0)
    returned = models.TextField(default="", db_default="")

    class Meta:
        db_table = "basket"
        indexes = (
            models.Index(
                fields=["till", "parked_ms"], name="basket_parked", condition=models.Q(state="parked")
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["till"], name="basket_one_open", condition=models.Q(state="open")
            ),
            models.CheckConstraint(
                condition=models.Q(discount_value__gte=0), name="basket_discount_not_below_zero"
            ),
        )


class BasketLine(models.Model):
    """One line of a basket."""

    basket = models.ForeignKey(Basket, models.CASCADE, db_column="basket", related_name="lines")
    position = models.PositiveIntegerField()
    sku = models.CharField(max_length=64)
    name = models.CharField(max_length=200)
    unit = models.CharField(max_length=8)
    quantity_milli = models.BigIntegerField()
    price_minor = models.BigIntegerField()
    total_minor = models.BigIntegerField()
    discount_kind = models.CharField(max_length=8, default="", db_default="")
    discount_value = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        db_table = "basket_line"
        constraints = (
            models.UniqueConstraint(fields=["basket", "position"], name="basket_line_one"),
            models.CheckConstraint(
                condition=models.Q(discount_value__gte=0), name="basket_line_discount_not_below_zero"
            ),
        )
