"""Number and PIN: a lock that grows, one live session for each account.

A PIN can be guessed, so guesses are what is limited. Each try is counted before the PIN is looked at, in
one transaction; so a hundred tries at once are counted as a hundred. From the fifth failure in a row the
number is locked for 30 seconds, and for twice as long after each further one, up to an hour. Numbers that
nobody has are counted and answered in the same way and in the same time: nobody can find out who works here.
Signing in and approving count together, so neither is a way round the other's lock.

People type their PIN into the wrong field now and then. So a number that nobody has is written nowhere: its
failures are counted under a keyed hash of it.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from django.db import transaction
from django.utils.crypto import salted_hmac

from tillwright.kernel.fault import Fault, FaultError
from tillwright.people.models import Account, Attempt, LiveSession
from tillwright.people.pins import fits
from tillwright.people.rules import LARGEST_NUMBER

log = logging.getLogger(__name__)

FAILURES_FREE = 5
"""How many failures in a row lead to the first lock."""
FIRST_LOCK_MS = 30_000
LONGEST_LOCK_MS = 3_600_000
FORGET_AFTER_MS = 86_400_000
"""Failures that are older than this count no more."""
SEEN_EVERY_MS = 60_000
"""How exactly it is kept when a person was last there."""
_ROOM_ABOVE = 2_000_000_000


def lock_ms(failures: int) -> int:
    """For how long so many failures in a row lock a number."""
    beyond = failures - FAILURES_FREE
    return 0 if beyond < 0 else min(FIRST_LOCK_MS << min(beyond, 20), LONGEST_LOCK_MS)


def parse_number(text: str) -> int | None:
    """The number that a person typed ('007' is 7), or None."""
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 8:
        return None
    return int(digits)


class Refused(FaultError):
    """Number and PIN were refused. `number`: that of an account, None for one that nobody has. `counted`:
    the PIN was looked at and did not fit; `locks_ms`: for how long that locks the number, 0 if not yet.
    """

    def __init__(
        self, fault: Fault, number: int | None = None, *, counted: bool = False, locks_ms: int = 0
    ) -> None:
        super().__init__(fault)
        self.number = number
        self.counted = counted
        self.locks_ms = locks_ms


def sign_in(number_text: str, pin: str, now_ms: int) -> Account:
    """The account that fits. Raises Refused: people.sign-in-failed, or people.locked with `wait_ms`."""
    account = check_pin(number_text, pin, now_ms)
    log.info("signed in", extra={"number": account.number})
    return account


def check_pin(number_text: str, pin: str, now_ms: int) -> Account:
    """The account that number and PIN fit; whatever fails is counted. Raises as `sign_in` does."""
    number = parse_number(number_text)
    if number is None or not pin or len(pin) > 64:
        raise Refused(Fault("people.sign-in-failed"))
    account = Account.objects.filter(number=number, is_active=True).first()
    counted_as = number if account else _counted_as(number)
    _count(counted_as, account, now_ms)
    if not fits(pin, account.password if account else None) or account is None:
        raise _refusal(counted_as, account, now_ms)
    Attempt.objects.filter(number=number).delete()
    Attempt.objects.filter(failed_ms__lt=now_ms - FORGET_AFTER_MS).delete()
    return account


def _counted_as(number: int) -> int:
    """Under what the failures of a number that nobody has are counted; above every number that one can
    have.
    """
    digest = salted_hmac("tillwright.people.attempt", str(number), algorithm="sha256").digest()
    return LARGEST_NUMBER + 1 + int.from_bytes(digest[:8]) % _ROOM_ABOVE


def _count(counted_as: int, account: Account | None, now_ms: int) -> None:
    """Count a try as failed until it has succeeded; refused while the number is locked."""
    with transaction.atomic(using="sessions"):
        attempt, _ = Attempt.objects.get_or_create(number=counted_as)
        _require_unlocked(attempt, account, now_ms)
        old = now_ms - attempt.failed_ms > FORGET_AFTER_MS
        attempt.failures = 1 if old else attempt.failures + 1
        attempt.failed_ms = now_ms
        wait_ms = lock_ms(attempt.failures)
        attempt.locked_until_ms = now_ms + wait_ms if wait_ms else 0
        attempt.save()


def failures(number: int) -> int:
    """How many failures in a row stand against a number."""
    attempt = Attempt.objects.filter(number=number).first()
    return attempt.failures if attempt is not None else 0


def forgive(number: int) -> None:
    """The number has a new PIN: what was tried with the old one locks nobody any more. Only for a change that
    is in the audit chain already, made by a person who may.
    """
    Attempt.objects.filter(number=number).delete()


def _require_unlocked(attempt: Attempt, account: Account | None, now_ms: int) -> None:
    # A clock that was set back must not lock anyone for longer than the lock lasts.
    wait_ms = min(attempt.locked_until_ms - now_ms, lock_ms(attempt.failures))
    if wait_ms > 0:
        locked = Fault("people.locked", wait_ms=_whole_seconds(wait_ms))
        raise Refused(locked, account.number if account else None)


def _refusal(counted_as: int, account: Account | None, now_ms: int) -> Refused:
    attempt = Attempt.objects.filter(number=counted_as).first()
    number = account.number if account else None
    log.warning("number and PIN refused", extra={"number": number, "failures": attempt and attempt.failures})
    locks_ms = attempt.locked_until_ms - now_ms if attempt else 0
    if locks_ms <= 0:
        return Refused(Fault("people.sign-in-failed"), number, counted=True)
    fault = Fault("people.locked", wait_ms=_whole_seconds(locks_ms))
    return Refused(fault, number, counted=True, locks_ms=locks_ms)


def _whole_seconds(wait_ms: int) -> int:
    return -(-wait_ms // 1000) * 1000


# --- one live session ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Where:
    """Where a session runs: the browser's session, the till, and what people call the place."""

    session_key: str
    till: str
    place: str


def begin(account: int, where: Where, now_ms: int) -> str | None:
    """Make this the account's live session; the one before, wherever it is, ends. Returns the till of the one
    that was taken over, None if there was none.
    """
    before = LiveSession.objects.filter(account=account).exclude(session_key=where.session_key).first()
    LiveSession.objects.update_or_create(
        account=account,
        defaults={
            "session_key": where.session_key,
            "till": where.till,
            "place": where.place,
            "started_ms": now_ms,
            "seen_ms": now_ms,
        },
    )
    return before.till if before else None


def check(
    account: int, session_key: str, now_ms: int, inactivity_ms: int, *, there: bool = True
) -> Fault | None:
    """Why this session has ended, or None while it lives. `there`: the person has just done something, which
    is noted; a page that only looks by itself does not keep a session alive.
    """
    live = LiveSession.objects.filter(account=account).first()
    if live is None or (live.session_key == session_key and now_ms - live.seen_ms > inactivity_ms):
        return Fault("people.session-ended")
    if live.session_key != session_key:
        return Fault("people.signed-in-elsewhere", place=live.place, at_ms=live.started_ms)
    if there and now_ms - live.seen_ms >= SEEN_EVERY_MS:
        LiveSession.objects.filter(account=account, session_key=session_key).update(seen_ms=now_ms)
    return None


def end(account: int, session_key: str) -> None:
    """Sign out, if this is the live session."""
    LiveSession.objects.filter(account=account, session_key=session_key).delete()


def end_all(number: int) -> None:
    """The number has another PIN, or works here no more: its person is signed in nowhere."""
    account = Account.objects.filter(number=number).first()
    if account is not None:
        LiveSession.objects.filter(account=account.pk).delete()
