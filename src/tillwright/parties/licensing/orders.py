"""What can be ordered of the licensing twin from outside: the seven messages, and its truth."""

from __future__ import annotations

from tillwright.parties.faulting import FaultPlan
from tillwright.parties.http.orders import HttpOrders
from tillwright.parties.http.twin import HttpTwin
from tillwright.parties.licensing.licence import Licence
from tillwright.parties.licensing.messages import Code
from tillwright.parties.licensing.service import ALL, LicensingService
from tillwright.parties.licensing.store import LicenceStore
from tillwright.parties.wire import TwinAction

NAME = "licensing"


def licensing_twin(store: LicenceStore, faults: FaultPlan, *, name: str = NAME) -> HttpTwin:
    """The licensing service on a line."""
    return HttpTwin(name, LicensingService(store), faults)


class LicensingOrders(HttpOrders):
    """Orders to the licensing service. Like the twin itself, not for two threads at once."""

    def __init__(self, twin: HttpTwin) -> None:
        super().__init__(twin)
        if not isinstance(twin.service, LicensingService):
            raise TypeError("not a licensing twin")
        self.service = twin.service

    def switch(self, code: Code, on: bool, now_ms: int, serial: str = ALL) -> list[TwinAction]:
        """Have this message said of a serial, or of all, or no longer."""
        self.service.switch(serial, code, on, self.twin.clock_ms(now_ms))
        return []

    def well(self, now_ms: int) -> list[TwinAction]:
        """Nothing is wrong with any licence."""
        self.service.well(self.twin.clock_ms(now_ms))
        return []

    def licences(self) -> list[Licence]:
        """All licences as they are now."""
        return self.service.licences()
