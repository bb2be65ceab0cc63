"""Usage figures for tests of pages that show them."""

from datetime import timedelta

from django.utils import timezone

from django_cc.models import UsageHour
from tests.machines import Machine


def count(machine: Machine, *, issued: int = 0, refused: int = 0, hours_ago: int = 0) -> None:
    """Write figures of a client."""
    hour = timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=hours_ago)
    common = {"hour": hour, "client_id": machine.client_id}
    if issued:
        UsageHour.objects.create(**common, outcome="issued", api="a", count=issued)
    if refused:
        reason = "wrong_secret"
        UsageHour.objects.create(**common, outcome="refused", reason=reason, count=refused)
