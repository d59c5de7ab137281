"""The journal's tables as models, for reading alone.

The tables are stated once, in SQL (`schema`), and written by one thread through the port. Pages and reports
that want to select and join have them here too. A page's connection cannot write, so a model cannot either.
Sums are in minor units, times in ms UTC.
"""

from __future__ import annotations

from django.db import models


class Operation(models.Model):
    """The current row of an operation; what it was asked to do and what has become of it are JSON."""

    uid = models.TextField(unique=True)
    till = models.TextField()
    number = models.IntegerField()
    kind = models.TextField()
    state = models.TextField()
    version = models.IntegerField()
    cashier = models.TextField()
    currency = models.TextField()
    total_minor = models.BigIntegerField()
    started_ms = models.BigIntegerField()
    changed_ms = models.BigIntegerField()
    content_hash = models.TextField()
    content = models.BinaryField()
    body = models.BinaryField()
    parent = models.TextField(null=True)
    reopened = models.BooleanField()

    class Meta:
        managed = False
        db_table = "operation"


class OfAnOperation(models.Model):
    """Something that belongs to an operation."""

    operation = models.ForeignKey(
        Operation, models.DO_NOTHING, db_column="operation", related_name="%(class)s_set"
    )

    class Meta:
        abstract = True


class Event(OfAnOperation):
    """What happened to an operation and led to this version of it."""

    pk = models.CompositePrimaryKey("operation_id", "version")
    version = models.IntegerField()
    at_ms = models.BigIntegerField()
    happening = models.TextField()
    leg = models.IntegerField(null=True)
    body = models.BinaryField()

    class Meta:
        managed = False
        db_table = "event"


class Entry(OfAnOperation):
    """One line of a posting: positive into the account."""

    till = models.TextField()
    shift = models.IntegerField()
    currency = models.TextField()
    account = models.TextField()
    amount_minor = models.BigIntegerField()
    at_ms = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "entry"


class Balance(models.Model):
    """The running sum of an account of a till."""

    pk = models.CompositePrimaryKey("till", "currency", "account")
    till = models.TextField()
    currency = models.TextField()
    account = models.TextField()
    amount_minor = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "balance"


class Document(OfAnOperation):
    """The document of an operation, as data; from it every copy is printed."""

    pk = models.CompositePrimaryKey("operation_id", "kind")
    kind = models.TextField()
    at_ms = models.BigIntegerField()
    body = models.BinaryField()

    class Meta:
        managed = False
        db_table = "document"


class DeviceDocument(models.Model):
    """A document of a fiscal control device, in the device's own words."""

    pk = models.CompositePrimaryKey("serial", "number")
    serial = models.TextField()
    number = models.IntegerField()
    till = models.TextField()
    key = models.TextField()
    unique_number = models.TextField(unique=True)
    at_ms = models.BigIntegerField()
    text = models.TextField()

    class Meta:
        managed = False
        db_table = "device_document"


class Outbox(models.Model):
    """A document of a device that waits for a receiver, or has reached it."""

    receiver = models.TextField()
    till = models.TextField()
    serial = models.TextField()
    number = models.IntegerField()
    total_minor = models.BigIntegerField()
    queued_ms = models.BigIntegerField()
    queued_tally_ms = models.BigIntegerField()
    delivered_ms = models.BigIntegerField(null=True)
    refused_reason = models.TextField(null=True)
    blocks = models.BooleanField()

    class Meta:
        managed = False
        db_table = "outbox"


class Fault(models.Model):
    """A fault as it was raised; its facts are JSON."""

    at_ms = models.BigIntegerField()
    till = models.TextField()
    operation = models.ForeignKey(
        Operation, models.DO_NOTHING, db_column="operation", null=True, related_name="faults"
    )
    code = models.TextField()
    facts = models.BinaryField()

    class Meta:
        managed = False
        db_table = "fault"


class Shift(models.Model):
    """A shift of a till."""

    pk = models.CompositePrimaryKey("till", "number")
    till = models.TextField()
    number = models.IntegerField()
    state = models.TextField()
    currency = models.TextField()
    opened_ms = models.BigIntegerField()
    closed_ms = models.BigIntegerField(null=True)
    opened_by = models.TextField()
    closed_by = models.TextField()

    class Meta:
        managed = False
        db_table = "shift"


class CashCount(models.Model):
    """A blind count; its denominations are JSON."""

    uid = models.TextField(primary_key=True)
    till = models.TextField()
    shift = models.IntegerField()
    person = models.TextField()
    at_ms = models.BigIntegerField()
    currency = models.TextField()
    body = models.BinaryField()
    counted_minor = models.BigIntegerField()
    expected_minor = models.BigIntegerField()
    reason = models.TextField()

    class Meta:
        managed = False
        db_table = "cash_count"


class Enquiry(OfAnOperation):
    """A question to a receiver about an operation; its answer is JSON."""

    receiver = models.TextField()
    person = models.TextField()
    asked_ms = models.BigIntegerField()
    from_ms = models.BigIntegerField()
    to_ms = models.BigIntegerField()
    answered_ms = models.BigIntegerField(null=True)
    body = models.BinaryField(null=True)

    class Meta:
        managed = False
        db_table = "enquiry"


class Ruling(OfAnOperation):
    """A person's ruling on a leg, and what the records said of it later."""

    leg = models.IntegerField()
    version = models.IntegerField()
    happened = models.BooleanField()
    person = models.TextField()
    second = models.TextField()
    reason = models.TextField()
    unique_number = models.TextField()
    at_ms = models.BigIntegerField()
    body = models.BinaryField()
    checked_ms = models.BigIntegerField(null=True)
    verdict = models.TextField()

    class Meta:
        managed = False
        db_table = "ruling"


class Audit(models.Model):
    """An entry of the audit chain; its facts are canonical JSON."""

    number = models.IntegerField(primary_key=True)
    at_ms = models.BigIntegerField()
    who = models.TextField()
    what = models.TextField()
    facts = models.TextField()
    previous = models.TextField()
    hash = models.TextField()

    class Meta:
        managed = False
        db_table = "audit"
