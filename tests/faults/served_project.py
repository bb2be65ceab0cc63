"""A whole project in processes of its own: its commands, and a web server in front of it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from tests.faults.exchange import NO_ANSWER, Address, send
from tests.faults.web_servers import COLD, GUNICORN, WebServer
from tests.projects.served import PROPAGATION_SECONDS
from tests.services.leash import leash
from tests.services.service import free_port

ROOT = Path(__file__).parents[2]
START_SECONDS = 60
STOP_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a client authenticates with."""

    client_id: str
    client_secret: str


@dataclass(frozen=True, slots=True)
class ServedProject:
    """A project on a database of its own."""

    environment: Mapping[str, str]

    @classmethod
    def create(
        cls, database: str, *, settings: str = "tests.projects.served", **more: str
    ) -> "ServedProject":
        """Return the project of `settings` on the empty database, migrated, with a signing key."""
        project = cls(
            {
                "PATH": os.environ["PATH"],
                "DJANGO_SETTINGS_MODULE": settings,
                "DATABASE_URL": database,
                "CACHE_URL": os.environ["CACHE_URL"],
                **more,
            }
        )
        project.manage("migrate")
        project.manage("cc_signing_key", "ensure")
        return project

    def manage(self, *arguments: str) -> str:
        """Run a management command; return what it printed."""
        ran = subprocess.run(
            [sys.executable, "-m", "django", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

    def register(self) -> Credentials:
        """Register a client that may read orders; return when every worker must know it."""
        name = f"Client {uuid4().hex}"
        command = ("cc_client", "create", name, "--scope", "orders:read", "--json")
        created = json.loads(self.manage(*command))
        time.sleep(PROPAGATION_SECONDS)
        return Credentials(created["client_id"], created["client_secret"])

    @contextmanager
    def serve(
        self,
        log: Path,
        *options: str,
        workers: int = 4,
        under: WebServer = GUNICORN,
        application: str = COLD,
    ) -> Iterator[Address]:
        """Run the project under a web server while the context lasts; its log goes to `log`.

        When the context ends well, the workers have ended by themselves.
        """
        address = Address("127.0.0.1", free_port())
        command = [*under.command(application, address, workers), *options]
        with (
            log.open("wb") as output,
            subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdout=output, stderr=output
            ) as server,
            leash(under.stop_at_once, server.pid),
        ):
            try:
                _await_answer(address, server, log)
                yield address
            finally:
                _stop(server, under)


def _await_answer(address: Address, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while send(address, "GET", "/oauth/jwks", {}, timeout=5).status == NO_ANSWER:
        running = server.poll() is None and time.monotonic() < deadline
        assert running, f"The server does not answer: {log.read_text()[-2000:]}"
        time.sleep(0.1)


def _stop(server: subprocess.Popen[bytes], under: WebServer) -> None:
    server.send_signal(signal.SIGTERM)
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.send_signal(under.stop_at_once)
        server.wait(STOP_SECONDS)
