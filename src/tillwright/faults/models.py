"""Tables of faults. Written through the station's writer; see store.py.

What happened in a diagnosis is a list of events; how it stands follows from them and is written nowhere. What
was learnt are rows too: a count that turned out wrong is taken back by another row.
"""

from __future__ import annotations

from django.db import models


class Diagnosis(models.Model):
    """One run of a runbook. `version`: the runbook's, 0 for the one that ships. `state`: open, mended,
    unverified, escalated or left. `parent`: the diagnosis whose likeliest cause is this fault, '' for none.
    """

    uid = models.CharField(max_length=36, primary_key=True)
    code = models.CharField(max_length=80)
    facts = models.TextField()
    till = models.CharField(max_length=32)
    operation = models.CharField(max_length=64, default="", db_default="")
    version = models.PositiveIntegerField(default=0, db_default=0)
    source = models.CharField(max_length=16)
    opened_ms = models.BigIntegerField()
    opened_by = models.CharField(max_length=32)
    holder = models.CharField(max_length=32)
    state = models.CharField(max_length=16)
    changed_ms = models.BigIntegerField()
    closed_ms = models.BigIntegerField(null=True)
    parent = models.CharField(max_length=36, default="", db_default="")

    class Meta:
        db_table = "diagnosis"
        indexes = (
            models.Index(fields=["code", "opened_ms"], name="diagnosis_of_code"),
            models.Index(fields=["till", "opened_ms"], name="diagnosis_of_till"),
            models.Index(fields=["opened_ms"], name="diagnosis_open", condition=models.Q(state="open")),
        )


class DiagnosisEvent(models.Model):
    """What happened in a diagnosis, in order; its body is JSON. Append-only."""

    pk = models.CompositePrimaryKey("diagnosis", "number")
    diagnosis = models.ForeignKey(Diagnosis, models.DO_NOTHING, db_column="diagnosis")
    number = models.PositiveIntegerField()
    at_ms = models.BigIntegerField()
    person = models.CharField(max_length=32)
    body = models.TextField()

    class Meta:
        db_table = "diagnosis_event"


class Change(models.Model):
    """A probe found another value than before."""

    probe = models.CharField(max_length=40)
    scope = models.CharField(max_length=64)
    value = models.CharField(max_length=40)
    at_ms = models.BigIntegerField()
    took_ms = models.BigIntegerField()
    how = models.TextField()
    facts = models.TextField()

    class Meta:
        db_table = "probe_change"
        indexes = (models.Index(fields=["probe", "scope", "at_ms"], name="probe_change_of"),)


class Hour(models.Model):
    """How often a probe looked in an hour, what it found, and the figure that it found last."""

    pk = models.CompositePrimaryKey("probe", "scope", "hour")
    probe = models.CharField(max_length=40)
    scope = models.CharField(max_length=64)
    hour = models.BigIntegerField()
    looks = models.PositiveIntegerField()
    sick = models.PositiveIntegerField()
    unknown = models.PositiveIntegerField()
    slowest_ms = models.BigIntegerField()
    figure = models.BigIntegerField(null=True)

    class Meta:
        db_table = "probe_hour"


class Learnt(models.Model):
    """What a diagnosis that closed verified has taught: how much of a case each cause was, in millionths;
    taken back by a negative share. Append-only.
    """

    diagnosis = models.ForeignKey(Diagnosis, models.DO_NOTHING, db_column="diagnosis")
    code = models.CharField(max_length=80)
    cause = models.CharField(max_length=64)
    share_millionths = models.IntegerField()
    at_ms = models.BigIntegerField()

    class Meta:
        db_table = "learnt"
        indexes = (models.Index(fields=["code"], name="learnt_of_code"),)


class Runbook(models.Model):
    """A version of a runbook that people have published: the entry's YAML. Append-only."""

    pk = models.CompositePrimaryKey("code", "version")
    code = models.CharField(max_length=80)
    version = models.PositiveIntegerField()
    text = models.TextField()
    person = models.CharField(max_length=32)
    note = models.TextField()
    at_ms = models.BigIntegerField()

    class Meta:
        db_table = "runbook"


class Alias(models.Model):
    """Words that somebody used for a fault. `state`: proposed, accepted or refused."""

    code = models.CharField(max_length=80)
    said = models.TextField()
    language = models.CharField(max_length=8)
    person = models.CharField(max_length=32)
    at_ms = models.BigIntegerField()
    state = models.CharField(max_length=16)
    decided_by = models.CharField(max_length=32, default="", db_default="")
    decided_ms = models.BigIntegerField(null=True)

    class Meta:
        db_table = "alias"
        constraints = (models.UniqueConstraint(fields=["code", "said"], name="alias_once"),)
