"""Probes of who may sign in, and where somebody is signed in."""

from __future__ import annotations

from tillwright.faults.looking import Found, cannot_look, probe
from tillwright.faults.scene import Scene, Target
from tillwright.people.models import Account, Attempt, LiveSession, Role
from tillwright.web import current


@probe("sign_in")
def sign_in(scene: Scene, target: Target) -> Found:
    """Whether a number is locked after wrong PINs: the person's, or any."""
    now_ms = scene.clock.now_ms()
    locked = Attempt.objects.filter(locked_until_ms__gt=now_ms)
    if target.number is not None:
        locked = locked.filter(number=target.number)
    first = locked.order_by("locked_until_ms").first()
    if first is None:
        return Found("free", "no number is locked")
    return Found("locked", "counted sign-ins", {"wait_ms": first.locked_until_ms - now_ms})


@probe("session_place")
def session_place(scene: Scene, target: Target) -> Found:
    """Whether the person's one live session is this one; where no browser is known, whether it is at this
    till.
    """
    account = _account(target)
    if account is None:
        return cannot_look("nobody is named")
    if not target.session and not target.till:
        return cannot_look("neither browser nor till is named")
    live = LiveSession.objects.filter(account=account.pk).first()
    if live is None:
        return Found("ended", "the person has no live session")
    if scene.clock.now_ms() - live.seen_ms > current.place().inactivity_ms:
        return Found("ended", "the one live session has rested too long", {"place": live.place})
    if (live.session_key == target.session) if target.session else (live.till == target.till):
        return Found("here", "the one live session", {"place": live.place})
    return Found("elsewhere", "the one live session", {"place": live.place, "at_ms": live.started_ms})


def _account(target: Target) -> Account | None:
    return Account.objects.filter(number=target.number).first() if target.number is not None else None


@probe("roles_present")
def roles_present(scene: Scene, target: Target) -> Found:
    """Whether the station has people of every role."""
    accounts = Account.objects.filter(is_active=True)
    for role, value in ((Role.ADMINISTRATOR, "no-administrator"), (Role.SENIOR, "no-senior")):
        if not any(account.may(role) for account in accounts):
            return Found(value, "counted accounts")
    return Found("enough" if accounts else "no-cashier", "counted accounts")
