"""Diagnoses through the API: what a program sees and presses, whose they are, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.faults.scenes import LOST, TILL, at_rest, diagnoses
from tests.till.api_shop import ADMINISTRATOR, PINS, SENIOR, Shop
from tests.till.api_world import START_MS, Answer, uid
from tillwright.faults import actions, looking, store
from tillwright.faults.actions import Done
from tillwright.faults.looking import Found
from tillwright.kernel.fault import Fault
from tillwright.people import passes
from tillwright.till.queries import reader

DIAGNOSES = "/api/v1/diagnoses"
DISK = "journal.disk-low"
SECRET = "a secret of the station's folder, long enough"


@pytest.fixture(autouse=True)
def sick(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The device is away; no action does anything. What probes find from now on, by name."""
    found = {"control_link": "no-line", "disk_room": "low"}
    looking.written()

    def probe_of(name: str) -> looking.Probe:
        return lambda scene, target: Found(found[name], "set")

    for name in found:
        monkeypatch.setitem(looking.REGISTER.functions, name, probe_of(name))
    for name in sorted(actions.written()):
        monkeypatch.setitem(actions.REGISTER.functions, name, lambda scene, target: Done(True))
    return found


def begin(shop: Shop, **body: Any) -> Answer:
    return shop.call("POST", DIAGNOSES, {"code": LOST, **body}, prefer="wait=20")


def press(shop: Shop, found: str, what: str, body: dict[str, Any], **headers: str) -> Answer:
    return shop.call("POST", f"{DIAGNOSES}/{found}/{what}", body, prefer="wait=20", **headers)


def code_of(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json["code"]


@pytest.fixture
def told(shop: Shop) -> dict[str, Any]:
    """A diagnosis that has begun and waits for a person."""
    answer = begin(shop)
    assert answer.status == 201, answer.body
    assert answer.headers["location"] == f"{DIAGNOSES}/{answer.json['uid']}"
    return dict(answer.json)


# ── walking it ────────────────────────────────────────────────────────────────────────────────────


def test_it_tells_the_one_thing_to_do_and_all_around_it(shop: Shop, told: dict[str, Any]) -> None:
    assert (told["code"], told["till"], told["state"], told["phase"]) == (LOST, TILL, "open", "doing")
    assert (told["busy"], told["seen"], told["reason"]) == (False, 3, "best-remedy")
    step = told["step"]
    assert (step["kind"], step["who"], step["action"], step["answers"]) == ("remedy", "cashier", "", [])
    assert step["says"]
    assert 0 < step["ends"] <= 1
    assert step["seconds"] > 0
    assert len(told["others"]) == 2
    assert sum(one["share"] for one in told["causes"]) == pytest.approx(1.0, abs=1e-4)
    assert [one["share"] for one in told["causes"]] == sorted(
        (one["share"] for one in told["causes"]), reverse=True
    )
    assert told["known"][0]["check"] == "link"
    assert told["tried"][0]["result"] == "still"
    assert told["never"]
    assert told["escalate"]["to"] == "operator"
    assert told["verify"] == {"kind": "probe", "probe": "control_link", "says": ""}


def test_words_are_in_the_callers_language(shop: Shop, told: dict[str, Any]) -> None:
    texts = {
        language: shop.call("GET", f"{DIAGNOSES}/{told['uid']}", accept_language=language).json
        for language in ("en", "vi", "ru", "zh")
    }
    for place in ("sentence", "next_step"):
        assert len({one[place] for one in texts.values()}) == 4
    assert len({one["step"]["says"] for one in texts.values()}) == 4
    assert len({one["causes"][-1]["says"] for one in texts.values()}) >= 2


def test_a_question_is_answered_and_the_answer_taken_back(shop: Shop, told: dict[str, Any]) -> None:
    lamp = next(one for one in told["others"] if one["kind"] == "check")
    assert [one["id"] for one in lamp["answers"]] == ["yes", "no", None]
    after = press(
        shop, told["uid"], "answers", {"check": lamp["id"], "answer": "no", "seen": told["seen"]}
    ).json
    assert after["known"][-1] | {"at_ms": 0} == {
        "check": "lamp", "says": lamp["says"], "answer": "no", "answer_says": "No", "at_ms": 0,
        "by": "program", "how": "asked",
    }  # fmt: skip
    back = press(shop, told["uid"], "undo", {"step": lamp["id"], "seen": after["seen"]}).json
    assert [one["check"] for one in back["known"]] == ["link"]


def test_null_is_who_cannot_tell(shop: Shop, told: dict[str, Any]) -> None:
    after = press(shop, told["uid"], "answers", {"check": "lamp", "answer": None, "seen": told["seen"]}).json
    assert after["known"][-1]["answer"] == "cannot-tell"


def test_a_remedy_that_helps_ends_it(shop: Shop, told: dict[str, Any], sick: dict[str, str]) -> None:
    sick["control_link"] = "answers"
    body = {"remedy": "switch-on", "seen": told["seen"], "took_ms": 12_000}
    after = press(shop, told["uid"], "remedies", body).json
    assert (after["state"], after["phase"], after["step"]) == ("mended", "closed", None)
    assert (after["tried"][-1]["result"], after["tried"][-1]["took_ms"]) == ("gone", 12_000)
    record = shop.call("GET", f"{DIAGNOSES}/{told['uid']}/events").json["events"]
    assert [one["type"] for one in record] == ["found", "did", "verified", "did", "verified", "closed"]
    assert [one["number"] for one in record] == [1, 2, 3, 4, 5, 6]
    assert record[3]["details"] == {"remedy": "switch-on", "took_ms": 12_000}


def test_one_that_does_not_help_leads_to_the_next_step(shop: Shop, told: dict[str, Any]) -> None:
    first = told["step"]["id"]
    after = press(shop, told["uid"], "remedies", {"remedy": first, "seen": told["seen"]}).json
    assert (after["state"], after["tried"][-1]["result"]) == ("open", "still")
    assert after["step"]["id"] != first


def test_to_look_again_takes_no_ones_word(shop: Shop, told: dict[str, Any], sick: dict[str, str]) -> None:
    said = press(shop, told["uid"], "verifications", {"outcome": "gone", "seen": told["seen"]})
    assert code_of(said) == (409, "faults.not-now")
    sick["control_link"] = "answers"
    assert press(shop, told["uid"], "verifications", {"seen": told["seen"]}).json["state"] == "mended"


def test_leaving_resuming_handing_over_escalating_closing(shop: Shop, told: dict[str, Any]) -> None:
    found = told["uid"]
    seen = {"seen": told["seen"]}
    left = press(shop, found, "leave", seen).json
    assert left["away"]
    back = press(shop, found, "resume", {"seen": left["seen"]}).json
    assert not back["away"]
    given = press(shop, found, "hand-over", {"to": str(SENIOR), "seen": back["seen"]}).json
    assert given["holder"] == str(SENIOR)
    away = press(shop, found, "escalate", {"seen": given["seen"]}).json
    assert away["state"] == "escalated"
    ended = press(shop, found, "close", {"cause": "broken", "seen": away["seen"]}).json
    assert (ended["state"], ended["cause"]) == ("escalated", "broken")
    assert ended["closed_ms"] is not None


# ── what is refused ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("answers", {"check": "lamp", "answer": "no"}),
        ("remedies", {"remedy": "switch-on"}),
        ("verifications", {}),
        ("undo", {"step": "lamp"}),
        ("hand-over", {"to": "50"}),
        ("leave", {}),
        ("escalate", {}),
        ("close", {}),
    ],
)
def test_a_press_that_has_not_seen_everything_changes_nothing(
    shop: Shop, told: dict[str, Any], what: str, body: dict[str, Any]
) -> None:
    for seen in (told["seen"] - 1, told["seen"] + 1):
        assert code_of(press(shop, told["uid"], what, {**body, "seen": seen})) == (409, "faults.stale")
    assert len(store.events(reader(), told["uid"])) == told["seen"]


@pytest.mark.parametrize(
    ("what", "body", "code"),
    [
        ("answers", {"check": "lamp", "answer": "purple"}, "faults.not-now"),
        ("answers", {"check": "nothing", "answer": None}, "faults.not-now"),
        ("remedies", {"remedy": "nothing"}, "faults.not-now"),
        ("undo", {"step": "lamp"}, "faults.not-now"),
        ("resume", {}, "faults.not-now"),
        ("close", {"cause": "nothing"}, "faults.not-now"),
        ("hand-over", {"to": "77"}, "people.number-unknown"),
        ("verifications", {"outcome": "maybe"}, "api.malformed"),
        ("answers", {"check": "lamp"}, "api.malformed"),
        ("answers", {"check": "lamp", "answer": "no", "more": 1}, "api.malformed"),
        ("remedies", {"remedy": "switch-on", "took_ms": -1}, "api.malformed"),
        ("remedies", {"remedy": "switch-on", "approval": "made-up"}, "till.approval-invalid"),
    ],
)
def test_what_does_not_fit_is_refused(
    shop: Shop, told: dict[str, Any], what: str, body: dict[str, Any], code: str
) -> None:
    assert press(shop, told["uid"], what, {**body, "seen": told["seen"]}).json["code"] == code
    assert len(store.events(reader(), told["uid"])) == told["seen"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"code": "no.such-code"}, 404, "api.not-found"),
        ({"code": "api.malformed"}, 404, "api.not-found"),
        ({"code": LOST, "till": "till-2"}, 403, "api.wrong-till"),
        ({"code": LOST, "operation": uid(77)}, 404, "api.not-found"),
        ({"code": LOST, "operation": "no uid"}, 400, "api.malformed"),
        ({"code": DISK, "facts": {"free_bytes": 1, "mood": "bad"}}, 400, "api.malformed"),
        ({"code": DISK, "facts": {"free_bytes": 2**60}}, 400, "api.malformed"),
        ({"code": DISK, "facts": {"free_bytes": True}}, 400, "api.malformed"),
        ({}, 400, "api.malformed"),
    ],
)
def test_what_cannot_be_begun(shop: Shop, body: dict[str, Any], status: int, code: str) -> None:
    assert code_of(shop.call("POST", DIAGNOSES, body)) == (status, code)
    assert store.diagnoses(reader()) == []


def test_a_card_number_is_never_kept(shop: Shop) -> None:
    answer = begin(shop, code="fiscal.register-blocked", facts={"reason": "card 4111 1111 1111 1111 refused"})
    assert answer.status == 201, answer.body
    assert "1111 1111" not in str(store.diagnoses(reader()))


# ── whose they are ────────────────────────────────────────────────────────────────────────────────


def test_another_tills_diagnosis_does_not_exist(shop: Shop, told: dict[str, Any]) -> None:
    path = f"{DIAGNOSES}/{told['uid']}"
    other = {"till": "till-3"}
    assert shop.call("GET", path, **other).status == 404
    assert shop.call("GET", f"{path}/events", **other).status == 404
    assert shop.call("POST", f"{path}/close", {"seen": told["seen"]}, **other).status == 404
    assert shop.call("GET", DIAGNOSES, **other).json["items"] == []
    assert code_of(shop.call("GET", f"{DIAGNOSES}?till=till-1", **other)) == (403, "api.wrong-till")
    for closed in (DIAGNOSES, path, "/api/v1/status", "/api/v1/faults?says=x"):
        assert shop.call("GET", closed, till=None).status == 401


def test_what_is_the_stations_is_everybodys(shop: Shop) -> None:
    found = begin(shop, code=DISK, till="", facts={"free_bytes": 5}).json["uid"]
    assert shop.call("GET", f"{DIAGNOSES}/{found}", till="till-3").json["till"] == ""
    assert [one["uid"] for one in shop.call("GET", DIAGNOSES, till="till-3").json["items"]] == [found]
    assert shop.call("GET", f"{DIAGNOSES}?till=till-3", till="till-3").json["items"] == []


def test_lists_are_filtered(shop: Shop, told: dict[str, Any]) -> None:
    def uids(query: str) -> list[str]:
        return [one["uid"] for one in shop.call("GET", f"{DIAGNOSES}?{query}").json["items"]]

    assert uids("state=open") == uids(f"code={LOST}") == uids("") == [told["uid"]]
    assert uids("state=mended") == uids("code=a.b") == []
    for query in ("state=purple", "limit=0", "mood=bad", "state=open&state=open"):
        assert code_of(shop.call("GET", f"{DIAGNOSES}?{query}")) == (400, "api.malformed")


def test_the_same_is_begun_once(shop: Shop, told: dict[str, Any]) -> None:
    again = begin(shop)
    assert (again.status, again.json["uid"]) == (200, told["uid"])


# ── consent ───────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def full(shop: Shop) -> tuple[str, dict[str, Any]]:
    """A diagnosis of a full disk, and the press that frees room."""
    told = begin(shop, code=DISK, till="").json
    view = at_rest(shop, told["uid"])
    remedy = next(one.id for one in view.entry.remedies if one.action == "free_disk_room")
    return told["uid"], {"remedy": remedy, "seen": view.seen}


def approve(shop: Shop, found: str, number: int, purpose: str = "consent") -> str:
    body = {"number": number, "pin": PINS[number], "operation": found, "purpose": purpose}
    answer = shop.call("POST", "/api/v1/approvals", body)
    assert answer.status == 201, answer.body
    return str(answer.json["approval"])


def test_a_program_agrees_to_no_more_than_a_cashier_may(shop: Shop, full: tuple[str, dict[str, Any]]) -> None:
    found, body = full
    assert code_of(press(shop, found, "remedies", body)) == (403, "faults.consent-needed")
    senior = {**body, "approval": approve(shop, found, SENIOR)}
    assert code_of(press(shop, found, "remedies", senior)) == (403, "faults.consent-needed")


def test_an_approval_agrees_in_the_name_of_who_gave_it_and_once(
    shop: Shop, full: tuple[str, dict[str, Any]]
) -> None:
    found, body = full
    approval = approve(shop, found, ADMINISTRATOR)
    after = press(shop, found, "remedies", {**body, "approval": approval})
    assert after.status == 200, after.body
    assert after.json["tried"][-1]["by"] == str(ADMINISTRATOR)
    again = {**body, "seen": after.json["seen"], "approval": approval}
    assert code_of(press(shop, found, "remedies", again))[1] == "till.approval-invalid"


@pytest.mark.parametrize(("about", "purpose"), [("other", "consent"), ("this", "refund")])
def test_an_approval_of_something_else_is_none(
    shop: Shop, full: tuple[str, dict[str, Any]], about: str, purpose: str
) -> None:
    found, body = full
    approval = approve(shop, found if about == "this" else uid(5), ADMINISTRATOR, purpose)
    answer = press(shop, found, "remedies", {**body, "approval": approval})
    assert code_of(answer)[1] == "till.approval-invalid"


def test_an_approval_of_a_press_that_was_refused_is_still_good(
    shop: Shop, full: tuple[str, dict[str, Any]]
) -> None:
    found, body = full
    approval = approve(shop, found, ADMINISTRATOR)
    stale = {**body, "seen": body["seen"] + 5, "approval": approval}
    assert code_of(press(shop, found, "remedies", stale))[1] == "faults.stale"
    assert press(shop, found, "remedies", {**body, "approval": approval}).status == 200


def test_who_can_read_the_folder_may_agree_to_everything(
    shop: Shop, full: tuple[str, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    found, body = full
    monkeypatch.setattr(passes, "_key", passes.key_of(SECRET))
    header = {"authorization": f"Bearer {passes.pass_for(SECRET, TILL, START_MS)}", "till": None}
    answer = shop.call("POST", f"{DIAGNOSES}/{found}/remedies", body, **header)  # type: ignore[arg-type]
    assert answer.status == 200, answer.body
    assert answer.json["tried"][-1]["by"] == "console"
    selling = shop.call("GET", "/api/v1/till", **header)  # type: ignore[arg-type]
    assert selling.status == 401, "a pass opens nothing but what the doctor needs"


# ── waiting ───────────────────────────────────────────────────────────────────────────────────────


def test_a_change_ends_the_wait(shop: Shop, told: dict[str, Any]) -> None:
    path = f"{DIAGNOSES}/{told['uid']}/changes"
    diagnoses().answer(told["uid"], "lamp", "no", "7", told["seen"])
    answer = shop.call("GET", f"{path}?after={told['seen']}&timeout=20")
    assert answer.json["seen"] > told["seen"]
    assert shop.call("GET", f"{path}?after={told['seen']}&timeout=0").status == 200
    for query in ("after=-1", "timeout=61", "after=x", "since=1"):
        assert code_of(shop.call("GET", f"{path}?{query}")) == (400, "api.malformed")


def test_nobody_is_told_that_it_rests_before_the_program_has_begun(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was submitted and waits for a thread counts as work."""
    submitted: list[Any] = []
    monkeypatch.setattr(diagnoses()._pool, "submit", lambda *work: submitted.append(work))
    found = diagnoses().start(Fault(LOST), TILL)
    assert shop.call("GET", f"{DIAGNOSES}/{found}").json["busy"]
    assert len(submitted) == 1
