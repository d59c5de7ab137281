"""The web application of a station, as its one worker process loads it.

The worker is the station: it takes the lock, opens the journal, connects the devices. It ends with its
parent, so that a server killed from outside cannot leave a worker behind that goes on selling unseen.
"""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tillwright.settings.django")

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from tillwright.faults.at_work import take_up
from tillwright.faults.scene import set_scene
from tillwright.machine.processes import end_with_parent
from tillwright.settings.composition import run_station
from tillwright.till.api_door import ProgramsFirst
from tillwright.web import current

end_with_parent()
application = ProgramsFirst(get_wsgi_application())
running = run_station(settings.TILLWRIGHT)
current.set_station(running.station)
set_scene(running.scene)
take_up(running.scene, watches=settings.TILLWRIGHT.status_every_ms > 0)
