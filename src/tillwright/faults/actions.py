"""Runs actions: what the program does by itself to mend something.

An action never ends anything by guessing: it asks, connects, delivers, and prints what has certainly not come
out. What may be done twice without doubling anything, the registry says (`again`). Whether it has helped is
not its business; the verification tells.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLong
from dataclasses import dataclass, field

import structlog

from tillwright.faults.probes.printing import UNCONFIRMED, unprinted
from tillwright.faults.register import Register
from tillwright.faults.scene import BACKUPS, LICENSING, OPERATOR, PRINTER, Scene, Target
from tillwright.kernel.fault import Fact, Fault, FaultError
from tillwright.kernel.registry import ACTIONS
from tillwright.people import signing
from tillwright.people.models import Account, Attempt, LiveSession
from tillwright.till.printing import TEST_SLIP

ANSWER_MS = 4_000
DELIVER_MS = 20_000
LOOK_MS = 200
KEPT_BACKUPS = 3
_WORKERS = 4
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Done:
    """How an action went: whether it was done, how, and facts. Done is not mended."""

    ok: bool
    how: str = ""
    facts: Mapping[str, Fact] = field(default_factory=dict)


Action = Callable[[Scene, Target], Done]

REGISTER: Register[Action] = Register(ACTIONS)
action, written, function = REGISTER.named, REGISTER.written, REGISTER.function
_pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="action")


def perform(scene: Scene, name: str, target: Target) -> Done:
    """Do it, within its time. It never raises: what went wrong is said in the result, and on record."""
    spec = ACTIONS[name]
    _log.info("action.begun", action=name, till=target.till, uid=target.uid, person=target.person)
    try:
        done = _pool.submit(function(name), scene, target).result(spec.limit_ms / 1000)
    except FaultError as error:
        done = Done(False, str(error.fault))
    except TooLong:
        done = Done(False, f"not done within {spec.limit_ms} ms")
    except Exception as error:  # whatever it was, the diagnosis goes on with the next step
        _record(name, error)
        done = Done(False, f"{type(error).__name__}: {error}")
    _log.info("action.ended", action=name, ok=done.ok, how=done.how)
    return done


def _record(name: str, error: Exception) -> None:
    _log.error("action.failed", action=name, error=repr(error))


# ── the control device ──


@action("reconnect_control")
def reconnect_control(scene: Scene, target: Target) -> Done:
    """Connect to the device again."""
    return _read(scene, target)


@action("read_device")
def read_device(scene: Scene, target: Target) -> Done:
    """Ask the device afresh for its state, its counters and what the till does not hold."""
    return _read(scene, target)


def _read(scene: Scene, target: Target) -> Done:
    health = scene.station.read_device(target.till)
    return Done(True, "the device answered", {"serial": health.serial or ""})


@action("ask_device_again")
def ask_device_again(scene: Scene, target: Target) -> Done:
    """Ask the device about the operation, by its key."""
    operation = scene.station.operation(target.uid)
    if operation is None:
        raise FaultError(Fault("api.not-found"))
    _read(scene, Target(operation.till))
    try:
        scene.station.go_on(target.uid, target.person)
    except FaultError as error:
        if error.fault.code != "till.too-late":
            raise
        return Done(True, "the device is asked about it by itself")
    return Done(True, "asked again")


# ── the operator, the licence ──


@action("ask_operator")
def ask_operator(scene: Scene, target: Target) -> Done:
    """Ask the operator what it has of the operation."""
    identity = scene.station.enquire(target.uid, target.person)
    return Done(True, "asked the operator", {"enquiry": identity})


@action("check_rulings")
def check_rulings(scene: Scene, target: Target) -> Done:
    """Ask everybody who can bear out or contradict a ruling."""
    scene.station.check_parties(target.till)
    scene.station.check_rulings()
    return Done(True, "asked every party after every ruling")


@action("reconnect_operator")
def reconnect_operator(scene: Scene, target: Target) -> Done:
    """Connect to the operator again."""
    return _ask(scene, target, OPERATOR)


@action("deliver_now")
def deliver_now(scene: Scene, target: Target) -> Done:
    """Try at once to deliver what waits, and stay until it is there."""
    scene.station.deliver_again(target.till)
    until_ns, tick = scene.clock.monotonic_ns() + DELIVER_MS * 1_000_000, 0
    while scene.station.undelivered_now(target.till) and scene.clock.monotonic_ns() < until_ns:
        tick = scene.station.changes(target.till, tick, LOOK_MS)
    left = scene.station.undelivered_now(target.till)
    return Done(left == 0, "tried to deliver", {"document_count": left if left is not None else -1})


@action("ask_licensing")
def ask_licensing(scene: Scene, target: Target) -> Done:
    """Ask the licensing afresh."""
    return _ask(scene, target, LICENSING)


def _ask(scene: Scene, target: Target, party: str) -> Done:
    if (target.till, party) not in scene.addresses:
        return Done(False, f"the till has no {party}")
    state = scene.station.ask_party(target.till, party, ANSWER_MS)
    return Done(state not in (None, "lost", "unknown"), f"it says {state or 'nothing'}")


# ── the printer ──


@action("reconnect_printer")
def reconnect_printer(scene: Scene, target: Target) -> Done:
    """Connect to the printer again."""
    return _ask(scene, target, PRINTER)


@action("print_waiting")
def print_waiting(scene: Scene, target: Target) -> Done:
    """Print what did not come out. Where nobody knows whether it did, a person looks and prints a copy: two
    slips that both call themselves the first would be two receipts.
    """
    missing = [uid for uid, code in unprinted(scene, target.till).items() if code != UNCONFIRMED]
    for uid in missing:
        scene.station.print_document(uid, copy=False)
    return Done(True, "ordered from the printer", {"document_count": len(missing)})


@action("print_test_slip")
def print_test_slip(scene: Scene, target: Target) -> Done:
    """Print a slip that belongs to no operation."""
    there = scene.station.print_test(target.till, TEST_SLIP)
    return Done(there, "ordered from the printer" if there else "the till has no printer")


# ── people ──


@action("unlock_sign_in")
def unlock_sign_in(scene: Scene, target: Target) -> Done:
    """Let numbers sign in again that are locked after wrong PINs."""
    count, _ = Attempt.objects.filter(locked_until_ms__gt=scene.clock.now_ms()).delete()
    return Done(True, "locks were taken away", {"lock_count": count})


@action("end_other_session")
def end_other_session(scene: Scene, target: Target) -> Done:
    """End the person's session at another place; where no browser is known, at another till."""
    account = Account.objects.filter(number=target.number).first() if target.number is not None else None
    live = LiveSession.objects.filter(account=account.pk).first() if account is not None else None
    if account is None or live is None or _is_here(live, target):
        return Done(True, "there is no other one")
    signing.end(account.pk, live.session_key)
    return Done(True, "ended", {"place": live.place})


def _is_here(live: LiveSession, target: Target) -> bool:
    return live.session_key == target.session if target.session else live.till == target.till


# ── the station ──


@action("back_up_now")
def back_up_now(scene: Scene, target: Target) -> Done:
    """Copy the databases into the station's folder of backups, and check the copies."""
    scene.backup()
    return Done(True, "made, read back and checked")


@action("free_disk_room")
def free_disk_room(scene: Scene, target: Target) -> Done:
    """Remove all backups in the station's folder but the newest."""
    folders = sorted((one for one in (scene.folder / BACKUPS).glob("*") if one.is_dir()), reverse=True)
    for folder in folders[KEPT_BACKUPS:]:
        shutil.rmtree(folder, ignore_errors=True)
    return Done(True, "old backups were removed", {"folder_count": len(folders[KEPT_BACKUPS:])})


@action("restart_station")
def restart_station(scene: Scene, target: Target) -> Done:
    """End this process; it is started again at once, and recovers what is unfinished."""
    scene.restart()
    return Done(True, "the station starts again")
