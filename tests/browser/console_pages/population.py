"""Clients and figures for pages to show."""

from datetime import timedelta

from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.utils import timezone

from django_cc.authorization_server.clients.secrets import create_secret
from django_cc.authorization_server.clients.state import disable_client
from django_cc.models import ClientSecret, MachineClient, UsageHour
from tests.machines import ACTOR, Machine, register

LONG_NAME = "Nightly reconciliation of invoices and orders (production, eu-central)"


def count_requests(client: MachineClient, number: int = 0) -> None:
    """Write figures of a day: busy at noon, quiet at night, and a few refusals."""
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    for hours in range(24):
        common = {"hour": now - timedelta(hours=hours), "client_id": client.client_id}
        issued = max(1, 40 - abs(12 - hours) * 3 - number * 4)
        refused = 3 if (hours + number) % 5 == 0 else 0
        UsageHour.objects.create(**common, outcome="issued", api="a", count=issued)
        reason = ("wrong_secret", "expired_secret", "scope_not_granted")[number % 3]
        UsageHour.objects.create(**common, outcome="refused", reason=reason, count=refused)


def register_long() -> Machine:
    """Register a client with much to show."""
    return register(
        LONG_NAME,
        ["orders:read", "orders:write", "billing:read", "shared:read"],
        description="Compares every invoice with its order.\nAsk the night shift.",
        secret_expires_at=timezone.now() + timedelta(days=9),
    )


def register_one_of_each() -> None:
    """Register a client in every status, and one with every badge besides."""
    now = timezone.now()
    use(register("Billing sync (production)"), days_ago=0)
    register("Warehouse import", secret_expires_at=now - timedelta(days=1))
    use(register_long(), days_ago=0)
    disable_client(register("Old reporting job", ["billing:read"]).row, ACTOR)
    register("Shop front end (staging)").row.secrets.all().delete()
    change(register("Trade fair demo"), expires_at=now - timedelta(days=2))
    change(register("Price feed"), registered_at=now - timedelta(days=3))
    use(register("Yearly audit export", ["billing:read"]), days_ago=100)
    adopted = use(register("Loyalty points", ["shared:read"]), days_ago=1)
    ben = get_user_model().objects.create_user("ben", is_active=False)
    change(adopted, owner=ben, managed_by="adopted")


def use(machine: Machine, *, days_ago: int) -> Machine:
    """Let it look as if the client got a token so many days ago, from 10.2.0.7."""
    used_at = timezone.now() - timedelta(days=days_ago, minutes=4)
    machine.row.secrets.update(last_used_at=used_at, last_used_address="10.2.0.7")
    change(machine, registered_at=used_at - timedelta(days=30))
    return machine


def the_used_clients() -> "QuerySet[MachineClient]":
    """Return those that got a token in the last days."""
    lately = timezone.now() - timedelta(days=7)
    rows = MachineClient.objects.select_related("application")
    return rows.filter(secrets__last_used_at__gt=lately).order_by("name")


def change(machine: Machine, **fields: object) -> None:
    """Write columns that services would not write so."""
    MachineClient.objects.filter(pk=machine.row.pk).update(**fields)


def create_secret_row(client: MachineClient, *, note: str) -> ClientSecret:
    """Give a client one more secret and return its row."""
    create_secret(client, ACTOR, expires_at=timezone.now() + timedelta(days=9), note=note)
    return client.secrets.latest("pk")
