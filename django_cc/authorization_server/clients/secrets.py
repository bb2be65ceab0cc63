"""Make client secrets."""

import secrets as randomness
import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from django_cc.authorization_server import audit
from django_cc.authorization_server.audit import Actor
from django_cc.authorization_server.clients.lookup import lock_client
from django_cc.authorization_server.database import get_database
from django_cc.authorization_server.settings import get_settings
from django_cc.authorization_server.snapshot.revision import publish
from django_cc.models import AuditEvent, ClientSecret, MachineClient
from django_cc.protocol.client_authentication.client_secret import digest_secret
from django_cc.protocol.secret_text import SecretText

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_PREFIX = "dccs_"  # lets secret scanners and people recognise one
_RANDOM_CHARACTERS = 43  # 256 bits; RFC 6749 §10.10 asks for at least 160
_CHECKSUM_CHARACTERS = 6
_VISIBLE_START = len(_PREFIX) + 4
_VISIBLE_END = 4

REPLACEABLE_FOR = timedelta(minutes=15)


def generate_secret() -> SecretText:
    """Return a new secret: `dccs_`, 43 random base62 characters, 6 of their checksum.

    The checksum tells a scanner a real secret from a lookalike without asking us. Only
    `[A-Za-z0-9_]`: nothing to escape in HTTP Basic, and a double click selects all of it.
    """
    body = "".join(randomness.choice(_BASE62) for _ in range(_RANDOM_CHARACTERS))
    return SecretText(f"{_PREFIX}{body}{_checksum(body)}")


def _checksum(body: str) -> str:
    number, digits = zlib.crc32(body.encode()), ""
    for _position in range(_CHECKSUM_CHARACTERS):
        number, digit = divmod(number, len(_BASE62))
        digits = _BASE62[digit] + digits
    return digits


@dataclass(frozen=True, slots=True)
class NewSecret:
    """A client and the only copy of the secret it has just been given.

    Attributes:
        client: whose it is.
        secret: the secret itself.
        created_at: aware UTC.
        expires_at: aware UTC, or None for never.
    """

    client: MachineClient
    secret: SecretText
    created_at: datetime
    expires_at: datetime | None


def issue_secret(client: MachineClient, actor: Actor, *, expires_at: datetime | None) -> NewSecret:
    """Give `client` a new secret, in the caller's transaction; only its digest is stored."""
    secret = generate_secret()
    row = ClientSecret.objects.create(
        client=client,
        digest=digest_secret(secret),
        visible_start=secret.reveal()[:_VISIBLE_START],
        visible_end=secret.reveal()[-_VISIBLE_END:],
        created_by=actor.name,
        expires_at=expires_at,
    )
    return NewSecret(client, secret, row.created_at, expires_at)


def default_expiry() -> datetime | None:
    """Return when a secret made now expires, by `SECRET_MAX_AGE`; None for never."""
    max_age = get_settings().secret_max_age
    return None if max_age is None else timezone.now() + max_age


def is_replaceable_by(client: MachineClient, actor: Actor) -> bool:
    """Tell whether `actor` just registered `client` and may have its first secret replaced."""
    is_registrant = actor.user is not None and actor.user.pk == client.registered_by_id
    is_recent = timezone.now() - client.registered_at <= REPLACEABLE_FOR
    return is_registrant and is_recent and client.secrets.count() == 1


def replace_lost_secret(client: MachineClient, actor: Actor) -> NewSecret:
    """Replace the secret that was shown once and lost: a new one, and the old revoked at once.

    For the registrant alone, once, within `REPLACEABLE_FOR` of the registration.

    Raises:
        ValidationError: somebody else asks, it is too late, it was replaced before, or the
            client is disabled.
    """
    with transaction.atomic(using=get_database()):
        client = lock_client(client)
        if not client.is_enabled or not is_replaceable_by(client, actor):
            raise ValidationError(
                _(
                    "Only who registered this client can replace its secret here, once and "
                    "within %(minutes)d minutes."
                )
                % {"minutes": REPLACEABLE_FOR.total_seconds() // 60}
            )
        old = client.secrets.filter(revoked_at=None).order_by("created_at").last()
        client.secrets.filter(revoked_at=None).update(revoked_at=timezone.now())
        new = issue_secret(client, actor, expires_at=old.expires_at if old else default_expiry())
        audit.record(AuditEvent.Event.SECRET_REPLACED, actor, client=client)
        publish(client)
    return new
