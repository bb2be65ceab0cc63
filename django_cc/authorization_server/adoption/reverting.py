"""Give an adopted client back to the toolkit, while nothing of it has changed."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from django_cc.authorization_server.adoption.adopting import UNKNOWN_ENDS
from django_cc.authorization_server.audit import trail
from django_cc.authorization_server.audit.trail import Actor
from django_cc.authorization_server.clients.lookup import lock_client
from django_cc.authorization_server.database import get_database
from django_cc.authorization_server.snapshot.revision import publish_removal
from django_cc.authorization_server.toolkit.adoption_columns import (
    lock_application,
    restore_application,
)
from django_cc.authorization_server.toolkit.adoption_secrets import OldSecretKind
from django_cc.models import AuditEvent, ClientSecret, MachineClient
from django_cc.models.client_secret import TOOLKIT_MARKER

_FIRST = 1  # version, generation


def revert_adoption(client: MachineClient, actor: Actor) -> None:
    """Make it the Application that it was: its user, name, secret and flags. All or nothing.

    It gets tokens at the toolkit again, by the same secret, and none from us; those of ours that
    it has are refused in this project within `PROPAGATION_SECONDS`.

    Raises:
        ValidationError: it was not adopted, its secret was re-hashed, or something of it was
            changed since; the message lists what.
    """
    with transaction.atomic(using=get_database()):
        client = lock_client(client)
        before = client.adopted_from
        if client.managed_by != MachineClient.ManagedBy.ADOPTED or before is None:
            raise ValidationError(_("“%(name)s” was not adopted.") % {"name": client.name})
        user, updated = lock_application(client.application_id)
        secrets = list(client.secrets.all())
        changes = [
            *_find_changes(client, before),
            *_find_changes_of_secrets(secrets, before),
            *_find_changes_of_application(client, before, user=user, updated=updated),
        ]
        if changes:
            problem = _("The adoption of “%(name)s” cannot be reverted: %(changes)s")
            text = problem % {"name": client.name, "changes": " ".join(changes)}
            raise ValidationError(text)
        trail.record(AuditEvent.Event.ADOPTION_REVERTED, actor, client=client)
        _give_back(client, secrets[0], before)
        publish_removal()


def list_adopted() -> list[str]:
    """Return the client IDs of all adopted clients."""
    rows = MachineClient.objects.filter(managed_by=MachineClient.ManagedBy.ADOPTED).order_by("pk")
    return list(rows.values_list("application__client_id", flat=True))


def _give_back(client: MachineClient, secret: ClientSecret, before: Mapping[str, Any]) -> None:
    application_id, owner_id = client.application_id, client.owner_id
    client.delete()
    restore_application(
        application_id,
        name=before["name"],
        user_id=owner_id,
        old_hash=secret.digest.removeprefix(TOOLKIT_MARKER),
        is_hashed=before["hash_client_secret"],
        source=before["registration_source"],
    )


def _find_changes(client: MachineClient, before: Mapping[str, Any]) -> Iterator[str]:
    owner = None if client.owner_id is None else str(client.owner_id)
    if owner != before["user"]:
        yield _("Its owner is another, or was deleted.")
    if client.version != _FIRST or client.generation != _FIRST or not client.is_enabled:
        yield _("It was edited, disabled, or its tokens were revoked.")
    held = client.access.values_list("scope__api__identifier", "scope__name")
    if sorted(map(list, held)) != before["access"]:
        yield _("Its access is another.")
    if client.keys.exists() or client.introspects.exists() or client.owning_group_id:
        yield _("It has got a key, a group or an API to introspect for.")
    if client.authentication != MachineClient.Authentication.CLIENT_SECRET:
        yield _("It authenticates by keys.")


def _find_changes_of_secrets(
    secrets: list[ClientSecret], before: Mapping[str, Any]
) -> Iterator[str]:
    if before["secret"] != OldSecretKind.HASH:
        yield _("Its secret was kept as plain text, which exists no more.")
        return
    if len(secrets) != 1:
        yield _("It has got another secret, or lost its own.")
        return
    (secret,) = secrets
    if not secret.has_old_hash:
        yield _("Its secret was used and re-hashed, and the old hash exists no more.")
    elif secret.revoked_at or secret.expires_at or _ends(secret) != UNKNOWN_ENDS:
        yield _("Its secret was changed.")


def _ends(secret: ClientSecret) -> tuple[str, str]:
    return secret.visible_start, secret.visible_end


def _find_changes_of_application(
    client: MachineClient, before: Mapping[str, Any], *, user: Any, updated: datetime
) -> Iterator[str]:
    if user is not None or updated.isoformat() != before["updated"]:
        yield _("Its Application was changed at the toolkit.")
    if client.application.name != client.name:
        yield _("Its Application was renamed.")
