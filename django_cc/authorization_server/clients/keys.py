"""Add and remove the public keys of clients."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from django_cc.authorization_server.audit import trail
from django_cc.authorization_server.audit.trail import Actor
from django_cc.authorization_server.clients.latest_end import require_sane_end
from django_cc.authorization_server.clients.lookup import lock_client
from django_cc.authorization_server.clients.public_jwk import read_public_jwk
from django_cc.authorization_server.database import get_database
from django_cc.authorization_server.one_line import clean_line, clean_reason
from django_cc.authorization_server.snapshot.revision import publish
from django_cc.models import AuditEvent, ClientKey, MachineClient
from django_cc.protocol.public_jwk import PublicJWK

MOST_LIVE_KEYS = 5
_NOTE_LENGTH = 255


def add_key(
    client: MachineClient,
    jwk: object,
    actor: Actor,
    *,
    note: str = "",
    expires_at: datetime | None = None,
) -> ClientKey:
    """Let a client authenticate by one more key; those it has go on working.

    A key may be added while the client still authenticates by secrets: it counts when the
    family is changed.

    Args:
        client: whose.
        jwk: the public JWK as handed over: a dict.
        actor: who does it.
        note: where the private half is kept, for people.
        expires_at: aware UTC, in the future; None for never.

    Raises:
        ValidationError: no public key that is allowed, a kid that is in use, too many live
            keys, a past end, or the client is gone; by field.
    """
    note = clean_line(note, field="note", longest=_NOTE_LENGTH)
    public_jwk = read_public_jwk(jwk)
    with transaction.atomic(using=get_database()):
        client = lock_client(client)
        key = store_key(client, public_jwk, actor, note=note, expires_at=expires_at)
        detail = f"{key.kid} ({key.algorithm})"[:255]
        trail.record(AuditEvent.Event.KEY_ADDED, actor, client=client, detail=detail)
        publish(client)
    return key


def store_key(
    client: MachineClient,
    jwk: PublicJWK,
    actor: Actor,
    *,
    note: str = "",
    expires_at: datetime | None = None,
) -> ClientKey:
    """Write a key, in the caller's transaction that has locked the client.

    Raises:
        ValidationError: its kid is in use, another client has the key, too many keys are live, or
            its end is past or in no sane year; by field.
    """
    now = timezone.now()
    require_sane_end(expires_at)
    if expires_at is not None and expires_at <= now:
        raise ValidationError({"expires_at": _("The end must be in the future.")})
    live = list_live_keys(client, now=now)
    if jwk.kid in {key.kid for key in live}:
        problem = _("The client has a key with the kid “%(kid)s”.") % {"kid": jwk.kid}
        raise ValidationError({"jwk": problem})
    _require_own(client, jwk, now)
    if len(live) >= MOST_LIVE_KEYS:
        problem = _("%(count)d keys are live. Remove one first.") % {"count": MOST_LIVE_KEYS}
        raise ValidationError({"jwk": problem})
    # An expired key makes room for its successor of the same name.
    client.keys.filter(kid=jwk.kid, revoked_at=None).update(revoked_at=now)
    return ClientKey.objects.create(
        client=client,
        kid=jwk.kid,
        algorithm=jwk.algorithm.value,
        public_jwk=jwk.members,
        note=note,
        created_by=actor.name,
        expires_at=expires_at,
    )


def _require_own(client: MachineClient, jwk: PublicJWK, now: datetime) -> None:
    # Whoever holds the private half would be both clients; nobody could stop one of them alone.
    name = "n" if "n" in jwk.members else "x"
    same = ClientKey.objects.filter(**{f"public_jwk__{name}": jwk.members[name]})
    live = same.filter(Q(expires_at=None) | Q(expires_at__gt=now), revoked_at=None)
    if live.exclude(client=client).exists():
        problem = _("This key is already used by another machine client.")
        raise ValidationError({"jwk": problem})


def revoke_key(key: ClientKey, actor: Actor, *, reason: str = "") -> bool:
    """End a key for good, within `PROPAGATION_SECONDS` everywhere.

    Tokens that were got with it live on until they expire; disable the client to kill them.

    Returns:
        False where it was removed already; then nothing is changed or recorded.

    Raises:
        ValidationError: the reason cannot be stored, or the client is gone.
    """
    reason = clean_reason(reason)
    with transaction.atomic(using=get_database()):
        client = lock_client(key.client)
        rows = ClientKey.objects.filter(pk=key.pk, revoked_at=None)
        if not rows.update(revoked_at=timezone.now()):
            return False
        trail.record(
            AuditEvent.Event.KEY_REVOKED, actor, client=client, detail=key.kid, reason=reason
        )
        publish(client)
    return True


def find_key(client: MachineClient, kid: str) -> ClientKey:
    """Return the client's key of that kid: the one that was not removed, else the last one.

    Raises:
        ValidationError: there is none; the message lists what there is.
    """
    keys = list(client.keys.order_by("created_at", "pk"))
    fitting = [key for key in keys if key.kid == kid]
    current = [key for key in fitting if key.revoked_at is None]
    if fitting:
        return (current or fitting)[-1]
    problem = _("Name one of the client's keys by its kid: %(keys)s.")
    listed = ", ".join(key.kid for key in keys if key.revoked_at is None) or _("it has none")
    raise ValidationError({"kid": problem % {"keys": listed}})


def list_live_keys(client: MachineClient, *, now: datetime) -> list[ClientKey]:
    """Return the keys that verify at `now` (aware UTC); prefetch `keys` for many clients."""
    return [key for key in client.keys.all() if key.is_live(now)]
