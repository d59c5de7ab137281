"""Probes of the parties beyond the shop's wall: the operator, the licence, and the way to them."""

from __future__ import annotations

from tillwright.faults.looking import Found, cannot_look, probe
from tillwright.faults.probes.reaching import REACHED, reach
from tillwright.faults.scene import LICENSING, OPERATOR, Scene, Target
from tillwright.till import looking as known

ANSWER_MS = 4_000
OLD_MS = 3_600_000
TOO_OLD = "fiscal.licence-unreachable"
LICENCE_VALUES = {
    TOO_OLD: "too-old",
    "fiscal.billing-contract-not-concluded": "no-contract",
    "fiscal.billing-update-required": "update-required",
    "fiscal.billing-sn-not-found": "serial-unknown",
    "fiscal.billing-unp-mismatch": "taxpayer-differs",
    "fiscal.billing-subscription-missing": "no-subscription",
    "fiscal.billing-subscription-ending": "ending",
    "fiscal.billing-subscription-ending-no-funds": "ending-without-funds",
}
"""Code of the licence → the value of its probe, the gravest first."""


@probe("operator_link")
def operator_link(scene: Scene, target: Target) -> Found:
    """Whether the operator answers; if not, how far one gets."""
    return _link(scene, target.till, OPERATOR)


@probe("licensing_link")
def licensing_link(scene: Scene, target: Target) -> Found:
    """Whether the licensing answers; if not, how far one gets."""
    return _link(scene, target.till, LICENSING)


def _link(scene: Scene, till: str, party: str) -> Found:
    address = scene.addresses.get((till, party))
    if address is None:
        return Found("not-set", f"the till has no {party}")
    if _answers(scene, till, party):
        return Found("answers", f"asked at {address}")
    reached, how = reach(address)
    return Found("no-answer" if reached == REACHED else reached, how)


def _answers(scene: Scene, till: str, party: str) -> bool:
    return scene.station.ask_party(till, party, ANSWER_MS) not in (None, "lost", "unknown")


@probe("outside_link")
def outside_link(scene: Scene, target: Target) -> Found:
    """Which parties outside can be reached: if none can, it is the shop's own line that is down."""
    outside = {str(at): at for (_, party), at in scene.addresses.items() if party in (OPERATOR, LICENSING)}
    addresses = sorted(outside.items())
    if not addresses:
        return cannot_look("no party is outside")
    found = [reach(address)[0] == REACHED for _, address in addresses]
    how = "tried " + ", ".join(name for name, _ in addresses)
    return Found("up" if all(found) else "partly" if any(found) else "down", how)


@probe("operator_status")
def operator_status(scene: Scene, target: Target) -> Found:
    """What the operator says of the till."""
    if (target.till, OPERATOR) not in scene.addresses:
        return cannot_look("the till has no operator")
    state = scene.station.ask_party(target.till, OPERATOR, ANSWER_MS)
    value = {"active": "active", "warning": "warned", "blocked": "blocked"}.get(state or "")
    return Found(value, "asked the operator") if value else cannot_look("the operator does not say")


@probe("undelivered_documents")
def undelivered_documents(scene: Scene, target: Target) -> Found:
    """What the operator does not have yet."""
    upload = scene.station.upload(target.till)
    if upload.count is None:
        return cannot_look("only the device knows, and it is silent")
    facts = {"document_count": upload.count, "age_ms": upload.age_ms}
    if upload.refused:
        return Found("refused", "the operator has refused some", facts)
    value = "none" if not upload.count else "old" if upload.age_ms >= OLD_MS else "some"
    return Found(value, "counted in the outbox", facts)


@probe("offline_limit")
def offline_limit(scene: Scene, target: Target) -> Found:
    """How near the till is to the longest time that it may work without the operator."""
    offline = scene.station.rules.offline
    if offline is None:
        return Found("within", "the pack has no limit")
    upload = scene.station.upload(target.till)
    age_ms = upload.age_ms
    facts = {"age_ms": age_ms, "limit_ms": offline.age_ms}
    near = age_ms >= offline.age_ms - offline.warn_before_ms
    reached = age_ms >= offline.age_ms or (upload.count or 0) >= offline.count
    value = "reached" if reached else "near" if near else "within"
    return Found(value, "the age of the oldest document, and their number", facts)


@probe("licence_state")
def licence_state(scene: Scene, target: Target) -> Found:
    """What the licence says of the till's software."""
    if (target.till, LICENSING) not in scene.addresses:
        return cannot_look("the till has no licensing")
    answers = _answers(scene, target.till, LICENSING)
    faults = {fault.code: fault for fault in known.licence(target.till) or ()}
    code = next((code for code in LICENCE_VALUES if code in faults), "")
    if not answers and code != TOO_OLD:
        return cannot_look("the licensing does not answer")
    facts = faults[code].facts if code == TOO_OLD else {}
    return Found(LICENCE_VALUES.get(code, "active"), "asked the licensing", facts)
