"""Decide which clients may introspect the tokens that are for an API (RFC 7662 §4)."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from django_cc.authorization_server.apis.api_editing import lock_api
from django_cc.authorization_server.audit import trail
from django_cc.authorization_server.audit.trail import Actor
from django_cc.authorization_server.clients.lookup import lock_client
from django_cc.authorization_server.database import get_database
from django_cc.authorization_server.snapshot.revision import publish
from django_cc.models import API, APIIntrospector, AuditEvent, MachineClient


def allow_introspection(api: API, client: MachineClient, actor: Actor) -> bool:
    """Let `client`, the API's own as a rule, ask about every token that is for `api`.

    Returns:
        False where it was allowed already; then nothing is changed or recorded.

    Raises:
        ValidationError: the API is the built-in one, whose tokens this server checks itself, or
            one of the two is gone.
    """
    with transaction.atomic(using=get_database()):
        api, client = lock_api(api), lock_client(client)
        if api.built_in:
            problem = _("The API “%(api)s” is this server itself: nobody else checks its tokens.")
            raise ValidationError(problem % {"api": api.identifier})
        _row, is_new = APIIntrospector.objects.get_or_create(
            api=api, client=client, defaults={"granted_by": actor.name}
        )
        if is_new:
            event = AuditEvent.Event.INTROSPECTION_ALLOWED
            trail.record(event, actor, client=client, detail=api.identifier)
            publish(client)
    return is_new


def deny_introspection(api: API, client: MachineClient, actor: Actor) -> bool:
    """Take that away; in every process within `PROPAGATION_SECONDS`.

    Returns:
        False where it was not allowed anyway; then nothing is changed or recorded.

    Raises:
        ValidationError: the API or the client is gone.
    """
    with transaction.atomic(using=get_database()):
        api, client = lock_api(api), lock_client(client)
        count, _rows = APIIntrospector.objects.filter(api=api, client=client).delete()
        if count:
            event = AuditEvent.Event.INTROSPECTION_DENIED
            trail.record(event, actor, client=client, detail=api.identifier)
            publish(client)
    return bool(count)
