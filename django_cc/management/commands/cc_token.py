"""`manage.py cc_token`: the tokens of a machine client."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from django_cc.authorization_server.audit.trail import Actor
from django_cc.authorization_server.clients.lookup import find_client
from django_cc.authorization_server.clients.state import revoke_tokens
from django_cc.authorization_server.identification.findings import NothingFound
from django_cc.authorization_server.identification.identifying import identify
from django_cc.authorization_server.sight import Sight
from django_cc.authorization_server.token_trial import (
    ClientSecretCredential,
    Credential,
    Origin,
    Sender,
    SignedAssertion,
    try_token_request,
)
from django_cc.authorization_server.tokens.left_out import list_left_out
from django_cc.authorization_server.tokens.preview import PreviewedRefusal, preview_token
from django_cc.authorization_server.tokens.revocation import revoke_token
from django_cc.management import token_report
from django_cc.management.database_command import DatabaseCommand
from django_cc.management.kill_report import KillReport
from django_cc.management.secret_input import read_secret_text
from django_cc.management.validation_errors import explain
from django_cc.models import MachineClient
from django_cc.protocol.token_lifetime import LONGEST_TOKEN_LIFETIME


class Command(DatabaseCommand):
    """Kills, previews, tries and identifies tokens."""

    help = (
        "Revoke tokens of a machine client, show what a token would say, send a test request, and "
        "find out what a token, a secret or a reference is."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Describe the subcommands."""
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        text = (
            "Kill every token a client has, or one of them. It may get new ones: disable it to "
            "prevent that."
        )
        revoke = self._add(actions, "revoke", text)
        revoke.add_argument(
            "--jti", metavar="ID", help="Only the token of this ID, its claim jti; not the token."
        )
        revoke.add_argument("--reason", default="", help="Kept in the audit trail.")
        text = "Show what a token of a client would say. Nothing is signed, counted or recorded."
        self._add_request(self._add(actions, "preview", text))
        text = (
            "Send a real token request, under every limit, as from 127.0.0.1. It takes the "
            "client's own credential, and prints the token."
        )
        test = self._add(actions, "test", text)
        self._add_request(test)
        credential = test.add_mutually_exclusive_group(required=True)
        credential.add_argument(
            "--secret-from", metavar="FILE", help="Where the client secret is; - for stdin."
        )
        credential.add_argument(
            "--assertion-from", metavar="FILE", help="Where a signed assertion is; - for stdin."
        )
        text = (
            "Find out whose a client secret or an access token is and whether it lives, or why a "
            "request was refused by the reference of its answer. It may be in a whole file or "
            "message. The text is kept nowhere."
        )
        identifying = actions.add_parser("identify", help=text, description=text)
        identifying.add_argument(
            "--from", dest="source", default="-", metavar="FILE", help="Where it is; - for stdin."
        )
        identifying.add_argument("--json", action="store_true", help="Print the result as JSON.")

    @staticmethod
    def _add(actions: Any, name: str, text: str) -> ArgumentParser:
        parser: ArgumentParser = actions.add_parser(name, help=text, description=text)
        parser.add_argument("client_id", metavar="CLIENT_ID")
        parser.add_argument("--json", action="store_true", help="Print the result as JSON.")
        return parser

    @staticmethod
    def _add_request(parser: ArgumentParser) -> None:
        parser.add_argument(
            "--scope",
            action="append",
            default=[],
            metavar="SCOPE",
            help="Several names in quotes, or the option several times. Without: no scope is sent.",
        )
        parser.add_argument(
            "--api",
            default="",
            metavar="IDENTIFIER",
            help="Sent as resource. Without: the server chooses.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the chosen action; a refusal and nothing found end with status 1."""
        action = getattr(self, f"_{options['action']}")
        try:
            action(options, self.get_actor(f"cc_token {options['action']}"))
        except ValidationError as error:
            raise CommandError(explain(error)) from None

    def _revoke(self, options: dict[str, Any], actor: Actor) -> None:
        client = find_client(options["client_id"])
        if options["jti"] is None:
            revoke_tokens(client, actor, reason=options["reason"])
        else:
            self._revoke_one(client, options, actor)
        kill = KillReport.of(client)
        if options["json"]:
            result = {"client_id": client.client_id, "revoked": options["jti"] or "all"}
            self.stdout.write(json.dumps(result | kill.to_json()))
            return
        which = "All tokens" if options["jti"] is None else "One token"
        verb = "are" if options["jti"] is None else "is"
        self.stdout.write(f"{which} of {client.client_id} {verb} revoked.")
        self.stdout.write(str(kill))

    @staticmethod
    def _revoke_one(client: MachineClient, options: dict[str, Any], actor: Actor) -> None:
        end = timezone.now() + LONGEST_TOKEN_LIFETIME  # its own is not known here
        revoke_token(options["jti"], actor, expires_at=end, client=client, reason=options["reason"])

    def _preview(self, options: dict[str, Any], _actor: Actor) -> None:
        client = find_client(options["client_id"])
        scope = " ".join(options["scope"])
        now = timezone.now()
        preview = preview_token(client.client_id, scope=scope, resource=options["api"], now=now)
        left_out = list_left_out(client, scope, preview)
        document = token_report.preview_to_json(preview, left_out)
        self._print(options, document, token_report.tell_preview(preview, left_out))
        if isinstance(preview, PreviewedRefusal):
            raise CommandError("Such a request would be refused.")

    @sensitive_variables()
    def _test(self, options: dict[str, Any], actor: Actor) -> None:
        trial = try_token_request(
            find_client(options["client_id"]),
            _read_credential(options),
            Sender(actor, Sight.of_operators()),
            origin=Origin(),
            scope=" ".join(options["scope"]),
            resource=options["api"],
        )
        self._print(options, token_report.trial_to_json(trial), token_report.tell_trial(trial))
        if trial.token is None:
            raise CommandError("The request was refused.")

    @sensitive_variables()
    def _identify(self, options: dict[str, Any], actor: Actor) -> None:
        text = read_secret_text(options["source"])
        finding = identify(text, Sight.of_operators(), actor, now=timezone.now())
        document = token_report.finding_to_json(finding)
        self._print(options, document, token_report.tell_finding(finding))
        if isinstance(finding, NothingFound):
            raise CommandError(token_report.NOT_FOUND)

    def _print(
        self, options: dict[str, Any], document: dict[str, Any], lines: Iterator[str]
    ) -> None:
        if options["json"]:
            self.stdout.write(json.dumps(document))
            return
        for line in lines:
            self.stdout.write(line)


@sensitive_variables()
def _read_credential(options: dict[str, Any]) -> Credential:
    if options["secret_from"] is not None:
        return ClientSecretCredential(read_secret_text(options["secret_from"]))
    return SignedAssertion(read_secret_text(options["assertion_from"]))
