"""Pages for what went wrong: one sentence, one step, a code; whole page or notice."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import path

from tests.pages import PageStation, People
from tillwright.kernel.fault import Fault, FaultError
from tillwright.settings.urls import handler400, handler403, handler404, handler500, urlpatterns
from tillwright.web import current

__all__ = ["handler400", "handler403", "handler404", "handler500"]


def _breaks(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a mistake of ours")


def _refuses(request: HttpRequest) -> HttpResponse:
    raise FaultError(Fault("till.red-blocks", number=118))


urlpatterns = [*urlpatterns, path("breaks", _breaks), path("refuses", _refuses)]

pytestmark = pytest.mark.urls(__name__)


@pytest.fixture
def client(page_station: PageStation, people: People) -> Client:
    browser = Client(raise_request_exception=False)
    return people.sign_in(people.cashier, client=browser)


def check_page(answer, status: int, code: str) -> str:
    page: str = answer.content.decode()
    assert answer.status_code == status
    assert page.count("data-primary") == 1
    assert code in page
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    return page


def test_no_such_page(client: Client) -> None:
    page = check_page(client.get("/nowhere"), 404, "api.not-found")
    assert "Back to the till" in page


def test_a_fault_that_a_page_did_not_handle(client: Client) -> None:
    page = check_page(client.get("/refuses"), 409, "till.red-blocks")
    assert "Settle receipt 118 first." in page


def test_a_mistake_of_ours_has_a_reference_that_is_logged(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    page = check_page(client.get("/breaks"), 500, "api.internal")
    reference = next(vars(record)["reference"] for record in caplog.records if "reference" in vars(record))
    assert reference in page
    assert "RuntimeError" not in page


def test_an_old_form(client: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    check_page(strict.post("/sign-out"), 403, "people.session-ended")


def test_a_strange_host(client: Client) -> None:
    check_page(client.get("/sign-in", headers={"host": "elsewhere.example"}), 400, "api.malformed")


def test_forbidden(page_station: PageStation) -> None:
    answer = handler_of(handler403)(RequestFactory().get("/"), PermissionError())
    assert (answer.status_code, b"people.not-allowed" in answer.content) == (403, True)


def handler_of(name: str):
    from django.utils.module_loading import import_string

    return import_string(name)


def test_a_part_of_a_page_gets_a_notice_in_its_place(client: Client) -> None:
    answer = client.get("/refuses", headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Retarget"], answer["HX-Reswap"]) == (409, "#notices", "beforeend")
    assert answer.content.strip().startswith(b'<div class="notice')


def test_the_station_is_starting(client: Client) -> None:
    current.set_station(None)
    answer = client.get("/")
    page = check_page(answer, 503, "api.unavailable")
    assert answer["Retry-After"] == "2"
    assert '<meta http-equiv="refresh" content="2">' in page


def test_health_tells_alive_from_ready(page_station: PageStation) -> None:
    assert Client().get("/healthz").json() == {"status": "alive"}
    assert Client().get("/readyz").status_code == 200
    current.set_station(None)
    assert Client().get("/healthz").status_code == 200
    assert Client().get("/readyz").status_code == 503
