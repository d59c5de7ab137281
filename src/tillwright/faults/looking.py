"""Runs probes: side by side, each within its time, and whatever happens to one is a finding.

A probe is a function of the scene and a target that returns what it found. One that raises, or takes too
long, has found nothing, and says why: a sick system must never make the look at it fail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

import structlog

from tillwright.faults.register import Register
from tillwright.faults.scene import Scene, Target
from tillwright.kernel.fault import Fact, FaultError
from tillwright.kernel.finding import UNKNOWN, Finding
from tillwright.kernel.registry import PROBES, ProbeSpec, Scope

_WORKERS = 24
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """What a probe returns: one of its values, how that was obtained, and facts."""

    value: str
    how: str = ""
    facts: Mapping[str, Fact] = field(default_factory=dict)


Probe = Callable[[Scene, Target], Found]

REGISTER: Register[Probe] = Register(PROBES)
probe, written, function = REGISTER.named, REGISTER.written, REGISTER.function
_pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="probe")


def cannot_look(why: str) -> Found:
    """What a probe returns that could not look."""
    return Found(UNKNOWN, why)


def look(scene: Scene, names: Iterable[str], target: Target) -> list[Finding]:
    """Run probes side by side; their findings in the order of the names."""
    return [finding for _, finding in sorted(_running(scene, list(names), target))]


def look_live(scene: Scene, names: Iterable[str], target: Target) -> Iterator[Finding]:
    """Run probes side by side; each finding as soon as it is there."""
    return (finding for _, finding in _running(scene, list(names), target))


def look_once(scene: Scene, name: str, target: Target) -> Finding:
    """Run one probe."""
    return look(scene, [name], target)[0]


def _running(scene: Scene, names: list[str], target: Target) -> Iterator[tuple[int, Finding]]:
    began_ns = scene.clock.monotonic_ns()
    futures: dict[Future[Finding], int] = {}
    for place, name in enumerate(names):
        futures[_pool.submit(_one, scene, PROBES[name], target)] = place
    open_ones = set(futures)
    while open_ones:
        limits = [PROBES[names[futures[one]]].limit_ms for one in open_ones]
        spent_ms = (scene.clock.monotonic_ns() - began_ns) // 1_000_000
        done, open_ones = wait(
            open_ones, max(0, min(limits) - spent_ms) / 1000, return_when="FIRST_COMPLETED"
        )
        for one in sorted(done, key=futures.__getitem__):
            yield futures[one], one.result()
        spent_ms = (scene.clock.monotonic_ns() - began_ns) // 1_000_000
        late = {one for one in open_ones if PROBES[names[futures[one]]].limit_ms <= spent_ms}
        for one in sorted(late, key=futures.__getitem__):
            spec = PROBES[names[futures[one]]]
            yield futures[one], _late(scene, spec, target, spent_ms)
        open_ones -= late


def _one(scene: Scene, spec: ProbeSpec, target: Target) -> Finding:
    began_ns = scene.clock.monotonic_ns()
    try:
        found = function(spec.name)(scene, target)
        if found.value != UNKNOWN and found.value not in spec.values:
            raise AssertionError(f"{spec.name} never finds {found.value!r}")
    except FaultError as error:
        found = cannot_look(str(error.fault))
    except Exception as error:  # a sick system makes no look at it fail; the mishap is on record
        _record(spec, error)
        found = cannot_look(f"{type(error).__name__}: {error}")
    took_ms = (scene.clock.monotonic_ns() - began_ns) // 1_000_000
    return Finding(
        spec.name, scope_of(spec, target), found.value, scene.clock.now_ms(), took_ms, found.how, found.facts
    )


def _record(spec: ProbeSpec, error: Exception) -> None:
    _log.error("probe.failed", probe=spec.name, error=repr(error))


def _late(scene: Scene, spec: ProbeSpec, target: Target, spent_ms: int) -> Finding:
    how = f"nothing found within {spec.limit_ms} ms"
    return Finding(spec.name, scope_of(spec, target), UNKNOWN, scene.clock.now_ms(), spent_ms, how)


def scope_of(spec: ProbeSpec, target: Target) -> str:
    """What a finding of this probe is about: '' for the station."""
    return {Scope.STATION: "", Scope.TILL: target.till, Scope.OPERATION: target.uid}[spec.scope]
