"""Give machine clients scopes, and take them away."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from django_cc.authorization_server.apis.restriction import require_may_give
from django_cc.authorization_server.apis.scope_choice import require_scopes
from django_cc.authorization_server.audit import trail
from django_cc.authorization_server.audit.trail import Actor
from django_cc.authorization_server.clients.lookup import lock_client
from django_cc.authorization_server.database import get_database
from django_cc.authorization_server.snapshot.revision import publish
from django_cc.models import APIAccess, AuditEvent, MachineClient, Scope


def grant_access(client: MachineClient, scopes: Sequence[Scope], actor: Actor) -> list[Scope]:
    """Let a client use these scopes too; tokens it has stay as they are.

    Returns:
        Those it did not hold before. Where it held all, nothing is changed or recorded.

    Raises:
        ValidationError: the client is gone, or a scope is; or one is restricted and the actor
            is a user who may not give it.
    """
    with transaction.atomic(using=get_database()):
        client = lock_client(client)
        require_scopes(scopes)
        held = set(client.access.values_list("scope_id", flat=True))
        missing = [scope for scope in scopes if scope.pk not in held]
        require_may_give(missing, actor)
        if missing:
            APIAccess.objects.bulk_create(
                APIAccess(client=client, scope=scope, granted_by=actor.name) for scope in missing
            )
            detail = f"+ {_list_scopes(missing)}"
            trail.record(AuditEvent.Event.ACCESS_GRANTED, actor, client=client, detail=detail)
            publish(client)
    return missing


def revoke_access(client: MachineClient, scopes: Sequence[Scope], actor: Actor) -> list[Scope]:
    """Take scopes away, and kill every token the client has (decision 13).

    All its tokens, not only those that carry the scopes: their generation ends. It gets new ones
    for what is left.

    Returns:
        Those it held. Where it held none, nothing is changed or recorded.

    Raises:
        ValidationError: the client is gone.
    """
    with transaction.atomic(using=get_database()):
        client = lock_client(client)
        rows = client.access.filter(scope__in=scopes).select_related("scope")
        taken = [row.scope for row in rows]
        if taken:
            rows.delete()
            _drop_empty_default(client)
            client.generation += 1
            client.save(update_fields=["generation", "default_api"])
            detail = f"- {_list_scopes(taken)}"
            trail.record(AuditEvent.Event.ACCESS_REVOKED, actor, client=client, detail=detail)
            publish(client)
    return taken


def find_held_scopes(client: MachineClient, names: Sequence[str], api: str | None) -> list[Scope]:
    """Return the scopes of these names that the client holds, at `api` or at any.

    Raises:
        ValidationError: it holds none of one of the names, or holds one at several APIs and
            `api` names none.
    """
    held = Scope.objects.filter(access__client=client, name__in=names).select_related("api")
    if api is not None:
        held = held.filter(api__identifier=api)
    found = list(held)
    missing = sorted(set(names) - {scope.name for scope in found})
    if missing:
        problem = _("The client does not hold: %(names)s.") % {"names": ", ".join(missing)}
        raise ValidationError(problem)
    if len(found) > len(set(names)):
        apis = ", ".join(sorted({scope.api.identifier for scope in found}))
        problem = _("The client holds these at several APIs: %(apis)s. Name one.")
        raise ValidationError(problem % {"apis": apis})
    return found


def _drop_empty_default(client: MachineClient) -> None:
    if (
        client.default_api_id
        and not client.access.filter(scope__api=client.default_api_id).exists()
    ):
        client.default_api = None


def _list_scopes(scopes: Sequence[Scope]) -> str:
    return ", ".join(sorted(scope.name for scope in scopes))
