"""A whole visit at a station that runs in this process, asked through its API; and at one that is gone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from rich.console import Console
from typer.testing import CliRunner

from tests.till.api_shop import Shop
from tests.till.conftest import shop, shop_template  # noqa: F401
from tillwright.cli import build
from tillwright.faults import actions, looking, store
from tillwright.faults.actions import Done
from tillwright.faults.looking import Found
from tillwright.kernel.registry import PROBES, Condition
from tillwright.people import passes
from tillwright.settings.doctor import outside
from tillwright.settings.doctor.command import read_answers
from tillwright.settings.doctor.visit import Visit, WrongUse, visit_of
from tillwright.till.queries import reader

LOST, STOP = "fiscal.sko-disconnected", "process.system-failure"
SECRET = "a secret of forty characters and some more of them"
KEYS = {"command", "version", "git", "machine", "started", "seconds", "verdict", "parts", "faults"}
SETTINGS = 'station = "shop"\npack = "demo"\nlanguages = ["en", "ru"]\n' + "".join(
    f'[[tills]]\nid = "till-{number}"\ncontrol_port = 9\n' for number in (1, 2, 3)
)


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What probes find: all is well, until a test says otherwise. No action does anything."""
    values: dict[str, str] = {}
    looking.written()

    def probe_of(name: str) -> looking.Probe:
        return lambda scene, target: Found(values.get(name) or healthy(name), "set", {"free_bytes": 5})

    for name in PROBES:
        monkeypatch.setitem(looking.REGISTER.functions, name, probe_of(name))
    for name in sorted(actions.written()):
        monkeypatch.setitem(actions.REGISTER.functions, name, lambda scene, target: Done(True))
    return values


def healthy(name: str) -> str:
    return next(value for value, told in PROBES[name].values.items() if told is Condition.HEALTHY)


@pytest.fixture
def folder(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Path:  # noqa: F811
    """The folder of the shop, with its settings and its secret."""
    place: Path = shop.settings.folder
    (place / "station.toml").write_text(SETTINGS)
    (place / "secret.key").write_text(SECRET)
    monkeypatch.setattr(passes, "_key", passes.key_of(SECRET))
    monkeypatch.setattr("tillwright.settings.doctor.visit.clock_of", lambda settings: shop.clock)
    monkeypatch.setattr(outside, "reach", lambda address: ("no-line", "nobody"))
    return place


@pytest.fixture
def line(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> dict[str, bool]:  # noqa: F811
    """Calls go straight into the application, as long as it is `up`."""
    state = {"up": True}

    def request(method: str, address: str, **more: Any) -> httpx.Response:
        if not state["up"]:
            raise httpx.ConnectError("refused")
        path = address.removeprefix("http://127.0.0.1:8000")
        headers = {name.lower().replace("-", "_"): told for name, told in more["headers"].items()}
        body = b"" if more["json"] is None else more["json"]
        answer = shop.call(method, path, body, till=None, **headers)
        return httpx.Response(answer.status, content=answer.body)

    def get(address: str, **more: Any) -> httpx.Response:
        raise httpx.ConnectError("refused")

    monkeypatch.setattr(httpx, "request", request)
    monkeypatch.setattr(httpx, "get", get)
    return state


@pytest.fixture
def arrive(folder: Path, line: dict[str, bool], found: dict[str, str]) -> Callable[..., Visit]:
    def arrive(language: str = "", till: str = "") -> Visit:
        return visit_of(folder / "station.toml", language, till, "")

    return arrive


def quiet() -> Console:
    return Console(quiet=True)


def run(visit: Visit, what: str = "", table: dict[str, Any] | None = None, ask: Any = None) -> Any:
    return visit.run(what, table, quiet(), ask)


# ── looking everywhere ──


def test_a_healthy_station(arrive: Callable[..., Visit]) -> None:
    told = run(arrive())
    assert (told.verdict, told.exit_status, told.faults) == ("healthy", 0, [])
    assert {one.scope for one in told.parts} == {"", "till-1", "till-2", "till-3"}
    assert list(told.sentences()) == ["Everything here is healthy."]


def test_a_sick_one_and_what_it_says(arrive: Callable[..., Visit], found: dict[str, str]) -> None:
    found["control_link"] = "no-line"
    told = run(arrive())
    assert (told.verdict, told.exit_status) == ("sick", 1)
    assert {(one.code, one.till) for one in told.faults} >= {(LOST, "till-1"), (LOST, "till-3")}
    sick = [one for one in told.report()["parts"] if one["state"] == "sick"]
    assert {one["part"] for one in sick} == {"control"}
    said = list(told.sentences())
    assert any(LOST in line for line in said)
    assert said[-1] == "Something here is sick."
    assert list(run(arrive("ru")).sentences())[-1] == "Здесь что-то неисправно."


def test_what_cannot_be_looked_at_is_not_healthy(arrive: Callable[..., Visit], found: dict[str, str]) -> None:
    found["operator_status"] = "unknown"
    told = run(arrive())
    assert (told.verdict, told.exit_status) == ("unknown", 3)


def test_a_till_that_there_is_not_is_wrong_use(arrive: Callable[..., Visit]) -> None:
    with pytest.raises(WrongUse, match="till-1, till-2, till-3"):
        run(arrive(till="till-9"))


# ── one fault ──


def test_a_code_is_walked_with_the_answers_of_a_file(
    arrive: Callable[..., Visit], found: dict[str, str]
) -> None:
    found["control_link"] = "no-line"
    told = run(arrive(till="till-1"), LOST, {"lamp": "no", "remedies": {"switch-on": "done"}})
    assert told.exit_status == 1
    assert told.diagnosis["tried"][-1]["by"] == "console"
    [kept] = store.diagnoses(reader(), code=LOST)
    assert (kept.till, kept.opened_by, told.faults[0].diagnosis) == ("till-1", "console", kept.uid)


def test_a_code_that_is_mended_ends_healthy(arrive: Callable[..., Visit], found: dict[str, str]) -> None:
    found["control_link"] = "no-line"
    visit = arrive(till="till-1")

    def ask(title: str, choices: Sequence[str]) -> int | None:
        found["control_link"] = "answers"
        return list(choices).index("Done") if "Done" in choices else None

    told = run(visit, LOST, None, ask)
    assert (told.verdict, told.exit_status, told.faults) == ("healthy", 0, [])
    assert list(told.sentences()) == ["It is mended."]


def test_without_a_till_it_is_asked_or_refused(arrive: Callable[..., Visit]) -> None:
    with pytest.raises(WrongUse, match="--till"):
        run(arrive(), LOST, {})
    told = run(arrive(), LOST, None, lambda title, choices: 1 if choices[0] == "till-1" else None)
    assert told.diagnosis["till"] == "till-2"


def test_a_code_without_a_runbook_is_wrong_use(arrive: Callable[..., Visit], line: dict[str, bool]) -> None:
    for up in (True, False):
        line["up"] = up
        with pytest.raises(WrongUse, match=r"api\.malformed"):
            run(arrive(till="till-1"), "api.malformed", {})


def test_words_show_three_and_none_of_these(arrive: Callable[..., Visit], found: dict[str, str]) -> None:
    found["control_link"] = "no-line"
    shown: list[list[str]] = []

    def ask(title: str, choices: Sequence[str]) -> int | None:
        shown.append(list(choices))
        return 0 if len(shown) == 1 else None

    told = run(arrive("ru", "till-1"), "касса не видит СКО", None, ask)
    assert len(shown[0]) == 4
    assert shown[0][-1] == "Ничего из этого"
    assert told.diagnosis["code"] == LOST


def test_words_of_no_known_fault_end_not_known(arrive: Callable[..., Visit]) -> None:
    told = run(arrive(), "the coffee machine leaks milk", {})
    assert (told.verdict, told.exit_status, told.diagnosis) == ("unknown", 3, None)


def test_words_without_anybody_to_choose_are_candidates(arrive: Callable[..., Visit]) -> None:
    told = run(arrive(), "касса не видит СКО")
    assert (told.exit_status, told.report()["candidates"][0]) == (3, LOST)


# ── when the station is gone ──


def test_a_station_that_is_gone_is_looked_at_from_outside(
    arrive: Callable[..., Visit], line: dict[str, bool]
) -> None:
    line["up"] = False
    told = run(arrive())
    assert told.exit_status == 1
    assert told.faults[0].code in (STOP, LOST)
    assert STOP in {one.code for one in told.faults}
    states = {(one.part, one.scope): one.condition.value for one in told.parts}
    assert states["till", "till-1"] == "unknown"
    assert states["control", "till-1"] == "sick"


def test_its_faults_are_walked_all_the_same(arrive: Callable[..., Visit], line: dict[str, bool]) -> None:
    line["up"] = False
    told = run(arrive(till="till-1"), LOST, {"remedies": {"switch-on": "done"}})
    assert told.exit_status == 1
    assert told.diagnosis["state"] == "escalated"
    assert store.diagnoses(reader()) == [], "nothing was kept"


def test_a_secret_that_cannot_be_read_opens_nothing(arrive: Callable[..., Visit], folder: Path) -> None:
    (folder / "secret.key").unlink()
    visit = arrive()
    assert visit.calls is None
    assert "secret" in visit.why


def test_another_stations_secret_opens_nothing(arrive: Callable[..., Visit], folder: Path) -> None:
    (folder / "secret.key").write_text(SECRET[::-1])
    assert arrive().why == "it answers with 401"


@pytest.mark.parametrize("text", ["", "pak = 3", SETTINGS.replace("demo", "no-such-pack")])
def test_settings_that_cannot_be_used_are_what_is_wrong(
    arrive: Callable[..., Visit], folder: Path, text: str
) -> None:
    (folder / "station.toml").write_text(text)
    told = run(arrive())
    [station] = [one for one in told.parts if one.part == "station"]
    assert ("settings_fit", "broken") in [(one.probe, one.value) for one in station.findings]
    assert told.exit_status == 1


# ── the command ──


@pytest.fixture
def command(
    folder: Path, line: dict[str, bool], found: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Any]]:
    """The command as it is typed, at this shop."""
    monkeypatch.setenv("TILLWRIGHT_STATION", "")
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "tillwright.settings.django")

    def command(*words: str) -> Any:
        at = ["doctor", "--station", str(folder / "station.toml"), *words]
        return CliRunner().invoke(build(["doctor"]), at)

    yield command
    structlog.reset_defaults()


def test_json_is_one_object_with_the_keys_of_reports(
    command: Callable[..., Any], found: dict[str, str]
) -> None:
    answer = command("--json")
    assert answer.exit_code == 0, answer.output
    told = json.loads(answer.stdout)
    assert set(told) == KEYS
    assert {"part", "state", "finding", "ms"} <= set(told["parts"][0])
    found["disk_room"] = "full"
    answer = command("--json")
    assert answer.exit_code == 1
    [fault] = json.loads(answer.stdout)["faults"]
    assert {name: fault[name] for name in ("code", "facts", "likely")} == {
        "code": "journal.disk-low", "facts": {"free_bytes": 5}, "likely": 1.0,
    }  # fmt: skip


def test_answers_come_from_a_file(command: Callable[..., Any], found: dict[str, str], tmp_path: Path) -> None:
    found["control_link"] = "no-line"
    file = tmp_path / "answers.toml"
    file.write_text('lamp = "no"\n[remedies]\nswitch-on = "done"\n')
    answer = command(LOST, "--till", "till-1", "--answers", str(file), "--json")
    assert answer.exit_code == 1, answer.output
    told = json.loads(answer.stdout)
    assert told["diagnosis"]["tried"][-1]["remedy"] == "switch-on"
    assert {one["check"] for one in told["diagnosis"]["known"]} >= {"link"}


@pytest.mark.parametrize(
    "words",
    [
        ("--language", "xx"),
        ("--till", "till-9"),
        ("--answers", "no-such-file.json"),
        (LOST, "--json"),
        ("--station", "no-such-file.toml"),
    ],
)
def test_wrong_use_ends_with_2(command: Callable[..., Any], words: tuple[str, ...]) -> None:
    answer = command(*words)
    assert answer.exit_code == 2, answer.output
    assert answer.stdout == ""
    assert answer.stderr.startswith("tillwright: ")


@pytest.mark.parametrize("text", ["[1]", "{", '{"remedies": []}'])
def test_a_file_that_answers_nothing(tmp_path: Path, text: str) -> None:
    import typer

    file = tmp_path / "answers.json"
    file.write_text(text)
    with pytest.raises(typer.Exit):
        read_answers(file)
