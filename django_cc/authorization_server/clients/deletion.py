"""Delete machine clients."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from django_cc.authorization_server.audit import trail
from django_cc.authorization_server.audit.trail import Actor
from django_cc.authorization_server.clients.lookup import lock_client
from django_cc.authorization_server.database import get_database
from django_cc.authorization_server.one_line import clean_reason
from django_cc.authorization_server.snapshot.revision import publish_removal
from django_cc.authorization_server.toolkit.applications import delete_application
from django_cc.models import AuditEvent, MachineClient


def delete_client(client: MachineClient, actor: Actor, *, reason: str = "") -> None:
    """Remove a disabled client with its secrets, its access and its Application.

    The audit trail keeps its name and client ID, and the reason.

    Raises:
        ValidationError: it is enabled, or gone already, or the reason cannot be kept.
    """
    reason = clean_reason(reason)
    with transaction.atomic(using=get_database()):
        client = lock_client(client)
        if client.is_enabled:
            raise ValidationError(_("Disable the client first: deleting cannot be undone."))
        trail.record(AuditEvent.Event.CLIENT_DELETED, actor, client=client, reason=reason)
        application_id = client.application_id
        client.delete()
        delete_application(application_id)
        publish_removal()
