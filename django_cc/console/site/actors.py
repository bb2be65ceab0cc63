"""The user behind a request of the console, and what was denied to one."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import get_resolver
from django.utils import timezone

from django_cc.authorization_server.audit.bounded_record import record_up_to_cap
from django_cc.authorization_server.audit.trail import Actor
from django_cc.authorization_server.client_address import find_client_address
from django_cc.models import AuditEvent, MachineClient


def get_actor(request: HttpRequest) -> Actor:
    """Return the user of the console as the server knows actors."""
    address = find_client_address(request)
    return Actor.for_user(request.user, address=address)  # type: ignore[arg-type]  # never anonymous here


def deny(request: HttpRequest, action: str, client: MachineClient | None = None) -> HttpResponse:
    """Answer 403; a POST, which no page offered to this user, is told to the audit trail.

    The trail takes a few of each user and minute. Returned and not raised, so that
    `ATOMIC_REQUESTS` does not roll the event back.
    """
    if request.method == "POST":
        record_up_to_cap(
            AuditEvent.Event.ACTION_DENIED,
            get_actor(request),
            client=client,
            detail=action,
            now=timezone.now(),
        )
    handler: Any = get_resolver().resolve_error_handler(403)
    answer: HttpResponse = handler(request, exception=PermissionDenied())
    return answer
