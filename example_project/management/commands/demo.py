"""`manage.py demo`: the whole path, shown."""

import secrets
import signal
import subprocess
from contextlib import AbstractContextManager
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from django_cc.authorization_server.apis.scope_choice import choose_scopes
from django_cc.authorization_server.audit.trail import Actor
from django_cc.authorization_server.clients.registration import Registration, register_client
from django_cc.authorization_server.clients.secrets import NewSecret, default_expiry
from django_cc.authorization_server.clients.state import disable_client, enable_client
from django_cc.models import API
from example_project.demo.environment import (
    DEFAULT_PORT,
    get_folder,
    get_reports_api,
    make_reports_environment,
    read_port,
)
from example_project.demo.server import running_server
from example_project.demo.walk import Walk

_ADMIN = "admin"


class Command(BaseCommand):
    """Shows registration, token, API call and refusal, with real processes and real HTTP."""

    help = (
        "Show django_cc at work on a fresh SQLite database: register a machine client, get "
        "tokens, call the orders API and a second service, be refused, disable the client, stop "
        "the server. Then start it again for you to look around."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Describe the options; `--port` is read before Django starts."""
        parser.add_argument(
            "--once", action="store_true", help="Stop at the end; exit 0 if every step worked."
        )
        parser.add_argument(
            "--port", type=read_port, default=DEFAULT_PORT, help="Where to serve; another if taken."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the demo."""
        try:
            self._run(once=options["once"], wanted_port=options["port"])
        except KeyboardInterrupt:
            self.stdout.write("\nStopped.")

    def _run(self, *, once: bool, wanted_port: int) -> None:
        # Being terminated ends the demo as Ctrl+C does, and its server with it. A shell may have
        # made a job in the background deaf to Ctrl+C, and its servers would inherit that.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.default_int_handler)
        if not settings.ISSUER.endswith(f":{wanted_port}"):
            self.stdout.write(f"Port {wanted_port} is taken: serving at {settings.ISSUER}.")
        actor = Actor.for_command("demo")
        password = self._prepare()
        new = self._register(actor)
        try:
            with self._running_reports(actor):
                self._walk(new, actor)
                if not once:
                    enable_client(new.client, actor)
                    with self._running_issuer() as server:
                        self._show_around(password, new)
                        self.stdout.flush()  # also through a pipe
                        server.wait()
        except RuntimeError as error:
            raise CommandError(str(error)) from None

    def _prepare(self) -> str:
        self.stdout.write("Preparing a database, an admin user and a signing key …")
        call_command("migrate", verbosity=0)
        call_command("cc_signing_key", "ensure", stdout=self.stdout)
        password = secrets.token_urlsafe(9)
        get_user_model().objects.create_superuser(_ADMIN, password=password)
        return password

    def _register(self, actor: Actor) -> NewSecret:
        registration = Registration(
            name="Demo client",
            description="Registered by manage.py demo.",
            scopes=choose_scopes(["orders:read", "orders:write", "reports:read"]),
            default_api=API.objects.get(name="Orders"),
            secret_expires_at=default_expiry(),
        )
        new = register_client(registration, actor)
        self.stdout.write(f"Registered “{new.client.name}”: client ID {new.client.client_id}")
        return new

    @staticmethod
    def _running_issuer() -> AbstractContextManager[subprocess.Popen[bytes]]:
        return running_server(settings.ISSUER, get_folder() / "server.log")

    @staticmethod
    def _running_reports(actor: Actor) -> AbstractContextManager[subprocess.Popen[bytes]]:
        registration = Registration(
            name="Reports service",
            description="What the second service is to the orders API.",
            scopes=choose_scopes(["orders:read"]),
            secret_expires_at=default_expiry(),
        )
        new = register_client(registration, actor)
        return running_server(
            get_reports_api(),
            get_folder() / "reports.log",
            make_reports_environment(new.client.client_id, new.secret.reveal()),
        )

    def _walk(self, new: NewSecret, actor: Actor) -> None:
        walk = Walk(
            issuer=settings.ISSUER,
            reports_api=get_reports_api(),
            client_id=new.client.client_id,
            client_secret=new.secret.reveal(),
            write=self.stdout.write,
        )
        with self._running_issuer():
            token_for_reports = walk.run(lambda: self._disable(new, actor))
        walk.do_without_issuer(token_for_reports)
        if walk.failures:
            raise CommandError(f"Not as it should be: {'; '.join(walk.failures)}")
        self.stdout.write(self.style.SUCCESS("\nEvery step did what it should."))

    @staticmethod
    def _disable(new: NewSecret, actor: Actor) -> None:
        disable_client(new.client, actor, reason="The demo is over.")

    def _show_around(self, password: str, new: NewSecret) -> None:
        self.stdout.write(
            f"\nThe console: {settings.ISSUER}/admin/   user {_ADMIN}   password {password}\n"
            f"Register a client of your own there, or go on with the demo's, enabled again:\n\n"
            f"  curl --user {new.client.client_id}:{new.secret.reveal()} \\\n"
            f"       --data grant_type=client_credentials {settings.ISSUER}/oauth/token\n"
            f"  curl --header 'Authorization: Bearer TOKEN' {settings.ISSUER}/api/orders/\n\n"
            f"The second service: {get_reports_api()}/summary/ with a token for it:\n"
            f"  --data resource={get_reports_api()}\n\n"
            f"The server's log tells why a request was refused, by the reference in the answer:\n"
            f"{get_folder() / 'server.log'}\n\n"
            f"Ctrl+C stops the server."
        )
