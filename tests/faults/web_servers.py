"""The web servers that a project may run under, each with several worker processes."""

import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.faults.exchange import Address

COLD = "django.core.wsgi:get_wsgi_application"
WARM = "tests.projects.warm:make_application"
THREADS = "2"


@dataclass(frozen=True, slots=True)
class WebServer:
    """How a server is started and told to stop.

    Attributes:
        name: of the program.
        command: the command line for an application, an address and a number of workers.
        stop_at_once: the signal that ends it and its workers without waiting for requests.
    """

    name: str
    command: Callable[[str, Address, int], Sequence[str]]
    stop_at_once: signal.Signals


def _gunicorn(application: str, address: Address, workers: int) -> Sequence[str]:
    return [
        *(sys.executable, "-m", "gunicorn", f"{application}()"),
        *("--bind", f"{address.host}:{address.port}", "--workers", str(workers)),
        *("--worker-class", "gthread", "--threads", THREADS, "--log-level", "warning"),
        *("--graceful-timeout", "1"),
    ]


def _granian(application: str, address: Address, workers: int) -> Sequence[str]:
    return [
        *(sys.executable, "-m", "granian", application, "--factory", "--interface", "wsgi"),
        *("--host", address.host, "--port", str(address.port), "--workers", str(workers)),
        *("--blocking-threads", THREADS, "--log-level", "warning"),
    ]


def _uwsgi(application: str, address: Address, workers: int) -> Sequence[str]:
    return [
        *(str(Path(sys.executable).with_name("uwsgi")), "--module", f"{application}()"),
        *("--http-socket", f"{address.host}:{address.port}", "--processes", str(workers)),
        *("--master", "--need-app", "--disable-logging"),
        # Otherwise SIGTERM ends workers in the middle of what they do.
        *("--hook-master-start", "unix_signal:15 gracefully_kill_them_all"),
    ]


GUNICORN = WebServer("gunicorn", _gunicorn, signal.SIGQUIT)
GRANIAN = WebServer("granian", _granian, signal.SIGTERM)
UWSGI = WebServer("uwsgi", _uwsgi, signal.SIGINT)
