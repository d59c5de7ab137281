"""Tables of people. Accounts stand in the station's database; what the pages write stands in that of the
sessions.
"""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from tillwright.people.rules import rank


class Role(models.TextChoices):
    """What an account may do; each may do what those before it may."""

    CASHIER = "cashier"
    SENIOR = "senior"
    ADMINISTRATOR = "administrator"


class Account(AbstractBaseUser):
    """A person who signs in with a number and a PIN. Written only through the station's writer; see
    accounts.py.
    """

    number = models.PositiveIntegerField(unique=True)
    name = models.CharField(max_length=60)
    role = models.CharField(max_length=16, choices=Role.choices, default=Role.CASHIER)
    password = models.CharField(max_length=160, db_column="pin_hash")
    language = models.CharField(max_length=8, blank=True)
    theme = models.CharField(max_length=8, blank=True)
    is_active = models.BooleanField(default=True)
    last_login = None

    objects = BaseUserManager["Account"]()

    USERNAME_FIELD = "number"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        db_table = "account"

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    @property
    def cashier(self) -> str:
        """How operations and receipts name this person."""
        return str(self.number)

    def may(self, role: str) -> bool:
        """Whether this person has the role or a higher one."""
        return rank(self.role) >= rank(role) >= 0


class Attempt(models.Model):
    """Failed sign-ins in a row with one number, whether anybody has it or not."""

    number = models.PositiveIntegerField(primary_key=True)
    failures = models.PositiveIntegerField(default=0)
    failed_ms = models.BigIntegerField(default=0)
    locked_until_ms = models.BigIntegerField(default=0)

    class Meta:
        db_table = "attempt"


class LiveSession(models.Model):
    """The one live session of an account; a second sign-in takes its place."""

    account = models.BigIntegerField(primary_key=True)
    session_key = models.CharField(max_length=40)
    till = models.CharField(max_length=32)
    place = models.CharField(max_length=80)
    started_ms = models.BigIntegerField()
    seen_ms = models.BigIntegerField()

    class Meta:
        db_table = "live_session"
