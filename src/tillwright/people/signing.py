"""Signing in: number and PIN, a lock that grows, one live session for each account.

A PIN can be guessed, so guesses are what is limited. Each try is counted before the PIN is looked at, in
one transaction; so a hundred tries at once are counted as a hundred. From the fifth failure in a row the
number is locked for 30 seconds, and for twice as long after each further one, up to an hour. Numbers that
nobody has are counted and answered in the same way and in the same time: the page does not tell who works
here.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from django.db import transaction

from tillwright.kernel.fault import Fault, FaultError
from tillwright.people.models import Account, Attempt, LiveSession
from tillwright.people.pins import fits

log = logging.getLogger(__name__)

FAILURES_FREE = 5
"""How many failures in a row lead to the first lock."""
FIRST_LOCK_MS = 30_000
LONGEST_LOCK_MS = 3_600_000
FORGET_AFTER_MS = 86_400_000
"""Failures that are older than this count no more."""
SEEN_EVERY_MS = 60_000
"""How exactly it is kept when a person was last there."""
LARGEST_NUMBER = 99_999_999


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


def sign_in(number_text: str, pin: str, now_ms: int) -> Account:
    """The account that fits. Raises FaultError: people.sign-in-failed, or people.locked with `wait_ms`."""
    number = parse_number(number_text)
    if number is None or not pin or len(pin) > 64:
        raise FaultError(Fault("people.sign-in-failed"))
    _count(number, now_ms)
    account = Account.objects.filter(number=number, is_active=True).first()
    if not fits(pin, account.password if account else None) or account is None:
        raise FaultError(_refusal(number, now_ms))
    Attempt.objects.filter(number=number).delete()
    Attempt.objects.filter(failed_ms__lt=now_ms - FORGET_AFTER_MS).delete()
    log.info("signed in", extra={"number": number})
    return account


def _count(number: int, now_ms: int) -> None:
    """Count a try as failed until it has succeeded; refused while the number is locked."""
    with transaction.atomic(using="sessions"):
        attempt, _ = Attempt.objects.get_or_create(number=number)
        _require_unlocked(attempt, now_ms)
        old = now_ms - attempt.failed_ms > FORGET_AFTER_MS
        attempt.failures = 1 if old else attempt.failures + 1
        attempt.failed_ms = now_ms
        wait_ms = lock_ms(attempt.failures)
        attempt.locked_until_ms = now_ms + wait_ms if wait_ms else 0
        attempt.save()


def _require_unlocked(attempt: Attempt, now_ms: int) -> None:
    # A clock that was set back must not lock anyone for longer than the lock lasts.
    wait_ms = min(attempt.locked_until_ms - now_ms, lock_ms(attempt.failures))
    if wait_ms > 0:
        raise FaultError(Fault("people.locked", wait_ms=_whole_seconds(wait_ms)))


def _refusal(number: int, now_ms: int) -> Fault:
    attempt = Attempt.objects.filter(number=number).first()
    log.warning("sign-in failed", extra={"number": number, "failures": attempt.failures if attempt else 1})
    if attempt and attempt.locked_until_ms > now_ms:
        return Fault("people.locked", wait_ms=_whole_seconds(attempt.locked_until_ms - now_ms))
    return Fault("people.sign-in-failed")


def _whole_seconds(wait_ms: int) -> int:
    return -(-wait_ms // 1000) * 1000


# --- one live session ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Where:
    """Where a session runs: the browser's session, the till, and what people call the place."""

    session_key: str
    till: str
    place: str


def begin(account: int, where: Where, now_ms: int) -> None:
    """Make this the account's live session; the one before, wherever it is, ends."""
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


def check(account: int, session_key: str, now_ms: int, inactivity_ms: int) -> Fault | None:
    """Why this session has ended, or None while it lives; notes that the person was there."""
    live = LiveSession.objects.filter(account=account).first()
    if live is None or (live.session_key == session_key and now_ms - live.seen_ms > inactivity_ms):
        return Fault("people.session-ended")
    if live.session_key != session_key:
        return Fault("people.signed-in-elsewhere", place=live.place, at_ms=live.started_ms)
    if now_ms - live.seen_ms >= SEEN_EVERY_MS:
        LiveSession.objects.filter(account=account, session_key=session_key).update(seen_ms=now_ms)
    return None


def end(account: int, session_key: str) -> None:
    """Sign out, if this is the live session."""
    LiveSession.objects.filter(account=account, session_key=session_key).delete()
