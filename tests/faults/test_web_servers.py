"""A kill holds and no figure is lost, however a server makes its processes and threads."""

import importlib.util
import json
import time
from dataclasses import dataclass

import pytest

from tests.faults.conftest import Figures
from tests.faults.served_project import ServedProject
from tests.faults.traffic import Traffic, ask_every_worker, running, sleep_until
from tests.faults.web_servers import COLD, GRANIAN, GUNICORN, UWSGI, WARM, WebServer
from tests.projects.served import PROPAGATION_SECONDS
from tests.services.plugin import stop_without
from tests.services.service import ServiceMissingError

REFUSED = {401, 429}


@dataclass(frozen=True, slots=True)
class Setup:
    """A web server, its options, what it serves, and who works in the background."""

    server: WebServer
    options: tuple[str, ...] = ()
    application: str = COLD
    background: str = "thread"


THREADS = ("--enable-threads", "--threads", "2")
SETUPS = {
    "gunicorn, one thread each": Setup(GUNICORN, ("--worker-class", "sync", "--threads", "1")),
    "gunicorn, forked when warm": Setup(GUNICORN, ("--preload",), WARM),
    "granian": Setup(GRANIAN),
    "uWSGI": Setup(UWSGI, THREADS),
    "uWSGI, each loads the project": Setup(UWSGI, (*THREADS, "--lazy-apps")),
    "uWSGI, forked when warm": Setup(UWSGI, THREADS, WARM),
    "uWSGI without threads": Setup(UWSGI, background="request_finished"),
}
MODULES = {"gunicorn": "gunicorn", "granian": "granian", "uwsgi": "pyuwsgi"}

pytestmark = [pytest.mark.slow, pytest.mark.faults]


@dataclass(frozen=True, slots=True)
class Observed:
    """What clients met, and what was counted after the server had ended."""

    traffic: Traffic
    bound: float
    """From when on the disabled client must be dead."""
    with_its_tokens: dict[int, int]
    counted: int


@pytest.fixture(scope="module", params=list(SETUPS.values()), ids=list(SETUPS))
def observed(
    project: ServedProject,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Observed:
    """Disable a client under load, then stop the server."""
    setup: Setup = request.param
    name = setup.server.name
    if importlib.util.find_spec(MODULES[name]) is None:
        stop_without(ServiceMissingError(f"{name} is not installed: NOT TESTED under it."))
    client = project.register()
    served = ServedProject({**project.environment, "BACKGROUND": setup.background})
    log = tmp_path_factory.mktemp(name) / "log"
    serve = served.serve(log, *setup.options, under=setup.server, application=setup.application)
    with serve as address:
        with running(address, client) as traffic:
            traffic.await_every_worker()
            project.manage("cc_client", "disable", client.client_id)
            bound = time.monotonic() + PROPAGATION_SECONDS
            sleep_until(bound)
            traffic.await_every_mint(since=bound)
        statuses = ask_every_worker(address, traffic.tokens[:3] + traffic.tokens[-3:])
    usage = json.loads(project.manage("cc_client", "usage", client.client_id, "--json"))
    return Observed(traffic, bound, statuses, usage["issued"])


def test_a_disabled_client_is_dead_in_every_worker(observed: Observed) -> None:
    late = [one.status for one in observed.traffic.mints if one.sent_at > observed.bound]

    assert set(late) <= REFUSED
    assert observed.with_its_tokens.keys() == {401}


def test_every_token_is_counted_when_the_server_has_ended(
    observed: Observed, figures: Figures
) -> None:
    minted = [one for one in observed.traffic.mints if one.status == 200]

    figures(minted=len(minted), counted=observed.counted)
    assert observed.counted == len(minted)
