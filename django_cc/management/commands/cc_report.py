"""`manage.py cc_report`: how machine access is doing, as the dashboard tells it."""

import json
from datetime import datetime
from math import ceil
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from django_cc.authorization_server.clients.attention import (
    EXPIRING_WITHIN,
    find_notices,
    list_expiring_secrets,
)
from django_cc.authorization_server.signing_keys.undecryptable import find_signing_problem
from django_cc.authorization_server.timestamps import write_timestamp
from django_cc.authorization_server.usage.summary import HOUR, Summary, summarise
from django_cc.management.counts import read_count
from django_cc.management.database_command import DatabaseCommand
from django_cc.management.moments import read_past_moment
from django_cc.management.terminal import make_printable
from django_cc.models import MachineClient

_MOST_HOURS = 24 * 366


class Command(DatabaseCommand):
    """Sums up tokens and refusals, and lists what needs attention."""

    help = (
        "Sum up the tokens that were issued and the requests that were refused, and list the "
        "clients and secrets that need attention: secrets that end within 30 days; clients that "
        "were never used a day after their registration, or are idle, as are scopes, for "
        "IDLE_AFTER (90 days)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Describe the options."""
        back = parser.add_mutually_exclusive_group()
        back.add_argument(
            "--hours",
            type=read_count(most=_MOST_HOURS),
            default=24,
            metavar="N",
            help="How many hours to look back. Without: 24.",
        )
        back.add_argument(
            "--since",
            type=read_past_moment,
            metavar="TIME",
            help="From when on instead: 30d for thirty days ago, or 2027-01-31T18:00.",
        )
        parser.add_argument("--json", action="store_true", help="Print the result as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the report."""
        since = options["since"]
        report = self._gather(options["hours"] if since is None else _count_hours(since))
        if options["json"]:
            self.stdout.write(json.dumps(report))
            return
        if report["signing_problem"]:
            self.stdout.write(f"The signing key {report['signing_problem']}")
        totals = f"{report['issued']} issued, {report['refused']} refused"
        self.stdout.write(
            f"Since {report['since']}: {totals}. The last ten seconds may be missing."
        )
        for reason, count in report["refused_by_reason"].items():
            self.stdout.write(f"  refused {count:>8}  {reason}")
        for client in report["top_clients"]:
            name = make_printable(client["name"])
            self.stdout.write(f"  issued  {client['issued']:>8}  {client['client_id']}  {name}")
        for secret in report["expiring_secrets"]:
            name = make_printable(secret["name"])
            ends = f"{secret['secret']} ends {secret['expires_at']}"
            self.stdout.write(f"  {ends}  {secret['client_id']}  {name}")
        for notice in report["needs_attention"]:
            self._tell(notice)

    def _tell(self, notice: dict[str, Any]) -> None:
        self.stdout.write(f"  {notice['reason']}:")
        for client in notice["clients"]:
            self.stdout.write(f"    {client['client_id']}  {make_printable(client['name'])}")
        if notice["more"]:
            self.stdout.write(f"    and {notice['more']} more")

    @staticmethod
    def _gather(hours: int) -> dict[str, Any]:
        now, clients = timezone.now(), MachineClient.objects.all()
        summary = summarise(None, until=now, stretch=HOUR, count=hours)
        expiring = list_expiring_secrets(clients, now=now, within=EXPIRING_WITHIN)
        return {
            "signing_problem": find_signing_problem() or None,
            **_describe(summary),
            "expiring_secrets": [
                {
                    "client_id": secret.client.client_id,
                    "name": secret.client.name,
                    "secret": str(secret),
                    "expires_at": write_timestamp(secret.expires_at),
                    "last_used_at": write_timestamp(secret.last_used_at),
                }
                for secret in expiring
            ],
            "needs_attention": [
                {
                    "reason": notice.attention.value,
                    "client_ids": [client.client_id for client in notice.clients],
                    "clients": [
                        {"client_id": client.client_id, "name": client.name}
                        for client in notice.clients
                    ],
                    "more": notice.more,
                }
                for notice in find_notices(clients, now=now)
            ],
        }


def _count_hours(since: datetime) -> int:
    """Return how many hours, the present one included, reach back to `since`."""
    begun = timezone.now().replace(minute=0, second=0, microsecond=0)
    hours = ceil((begun - since) / HOUR) + 1
    if not 1 <= hours <= _MOST_HOURS:
        raise CommandError("--since: a time in the past, and at most 366 days ago.")
    return hours


def _describe(summary: Summary) -> dict[str, Any]:
    return {
        "since": write_timestamp(summary.stretches[0].start),
        "issued": summary.issued,
        "refused": summary.refused,
        "refused_by_reason": summary.refused_by_reason,
        "top_clients": [
            {
                "client_id": figures.client.client_id,
                "name": figures.client.name,
                "issued": figures.issued,
                "refused": figures.refused,
            }
            for figures in summary.top_clients
        ],
    }
