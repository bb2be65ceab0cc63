"""Create, rotate, change and revoke client secrets."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from django_cc.authorization_server.audit import trail
from django_cc.authorization_server.audit.trail import Actor
from django_cc.authorization_server.clients.latest_end import require_sane_end
from django_cc.authorization_server.clients.lookup import lock_client
from django_cc.authorization_server.clients.secret_format import generate_secret, get_visible_ends
from django_cc.authorization_server.database import get_database
from django_cc.authorization_server.one_line import clean_line, clean_reason
from django_cc.authorization_server.settings import get_settings
from django_cc.authorization_server.signals import announce, secret_rotated
from django_cc.authorization_server.snapshot.revision import publish
from django_cc.authorization_server.timestamps import write_timestamp
from django_cc.models import AuditEvent, ClientSecret, MachineClient
from django_cc.protocol.client_authentication.client_secret import digest_secret
from django_cc.protocol.secret_text import SecretText

LONGEST_OVERLAP = timedelta(days=30)
MADE_MEANWHILE = "made_meanwhile"
_NOTE_LENGTH = 255


@dataclass(frozen=True, slots=True)
class NewSecret:
    """A client and the only copy of the secret it has just been given.

    Attributes:
        client: whose it is.
        secret: the secret itself.
        created_at: aware UTC.
        expires_at: aware UTC, or None for never.
        row: what is kept of it.
    """

    client: MachineClient
    secret: SecretText
    created_at: datetime
    expires_at: datetime | None
    row: ClientSecret


def issue_secret(
    client: MachineClient, actor: Actor, *, expires_at: datetime | None, note: str = ""
) -> NewSecret:
    """Give `client` a new secret, in the caller's transaction; only its digest is stored."""
    secret = generate_secret()
    visible_start, visible_end = get_visible_ends(secret)
    row = ClientSecret.objects.create(
        client=client,
        digest=digest_secret(secret),
        visible_start=visible_start,
        visible_end=visible_end,
        note=note,
        created_by=actor.name,
        expires_at=expires_at,
    )
    return NewSecret(client, secret, row.created_at, expires_at, row)


def announce_rotation(new: NewSecret, replaced: ClientSecret, actor: Actor) -> None:
    """Tell whoever listens that a secret took the place of another, on commit."""
    announce(
        secret_rotated,
        ClientSecret,
        client=new.client,
        secret=new.row,
        replaced=replaced,
        actor=actor,
    )


def default_expiry() -> datetime | None:
    """Return when a secret made now expires, by `SECRET_MAX_AGE`; None for never."""
    max_age = get_settings().secret_max_age
    return None if max_age is None else timezone.now() + max_age


def create_secret(
    client: MachineClient,
    actor: Actor,
    *,
    expires_at: datetime | None,
    note: str = "",
    expected_secrets: int | None = None,
) -> NewSecret:
    """Give a client one more secret; those it has go on working.

    Args:
        client: whose.
        actor: who does it.
        expires_at: aware UTC, within `SECRET_MAX_AGE` from now; None for never, where that is
            not set.
        note: where it is kept, for people; never the secret.
        expected_secrets: how many the client has ever been given, as far as the one knows who
            asks; None to make one whatever happened.

    Raises:
        ValidationError: too many live secrets, a wrong end, or the client is gone; by field. Or
            one was made meanwhile, perhaps by this very request sent twice; with the code
            `MADE_MEANWHILE`.
    """
    note = clean_line(note, field="note", longest=_NOTE_LENGTH)
    with transaction.atomic(using=get_database()):
        client = lock_client(client)
        _require_none_made(client, expected_secrets)
        _require_room(client)
        require_end(expires_at, since=timezone.now())
        new = issue_secret(client, actor, expires_at=expires_at, note=note)
        trail.record(AuditEvent.Event.SECRET_CREATED, actor, client=client, detail=_ends(new))
        publish(client)
    return new


def rotate_secret(
    secret: ClientSecret,
    actor: Actor,
    *,
    overlap: timedelta,
    expires_at: datetime | None,
    expected_secrets: int | None = None,
) -> NewSecret:
    """Give a new secret in place of `secret`, which works on for `overlap` and no longer.

    Both work meanwhile, so that a program can be moved without an outage. An overlap of zero
    revokes the old one at once. The new one inherits the note. `expected_secrets` is as for
    `create_secret`.

    Raises:
        ValidationError: `secret` is not live or was changed since it was read, perhaps by another
            rotation, the overlap is negative or over 30 days, too many secrets are live already,
            or the new end is wrong; by field. Or a secret was made meanwhile; with the code
            `MADE_MEANWHILE`.
    """
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        problem = _("The overlap is at least 0 and at most %(days)d days.")
        raise ValidationError({"overlap": problem % {"days": LONGEST_OVERLAP.days}})
    with transaction.atomic(using=get_database()):
        client = lock_client(secret.client)
        _require_none_made(client, expected_secrets)
        now = timezone.now()
        secret = _require_as_read(secret, now)
        require_end(expires_at, since=now)
        _end_after(secret, overlap, now)
        _require_room(client)
        new = issue_secret(client, actor, expires_at=expires_at, note=secret.note)
        detail = f"{secret} by {_ends(new)}, overlap {overlap}"
        trail.record(AuditEvent.Event.SECRET_ROTATED, actor, client=client, detail=detail)
        publish(client)
        announce_rotation(new, secret, actor)
    return new


def update_secret(
    secret: ClientSecret, actor: Actor, *, note: str, expires_at: datetime | None
) -> None:
    """Change the note of a live secret, or when it ends.

    An end may come sooner at any time, and later up to `SECRET_MAX_AGE` from the creation.

    Raises:
        ValidationError: `secret` is not live or was changed since it was read, or the end is
            wrong; by field.
    """
    note = clean_line(note, field="note", longest=_NOTE_LENGTH)
    with transaction.atomic(using=get_database()):
        client = lock_client(secret.client)
        secret = _require_as_read(secret, timezone.now())
        require_end(expires_at, since=secret.created_at)
        detail = _describe_edit(secret, note=note, expires_at=expires_at)
        secret.note, secret.expires_at = note, expires_at
        secret.save(update_fields=["note", "expires_at"])
        trail.record(AuditEvent.Event.SECRET_UPDATED, actor, client=client, detail=detail)
        publish(client)


def revoke_secret(secret: ClientSecret, actor: Actor, *, reason: str = "") -> bool:
    """End a secret for good, within `PROPAGATION_SECONDS` everywhere.

    Tokens that were got with it live on until they expire; disable the client to kill them.

    Returns:
        False where it was revoked already; then nothing is changed or recorded.
    """
    reason = clean_reason(reason)
    with transaction.atomic(using=get_database()):
        client = lock_client(secret.client)
        rows = ClientSecret.objects.filter(pk=secret.pk, revoked_at=None)
        if not rows.update(revoked_at=timezone.now()):
            return False
        trail.record(
            AuditEvent.Event.SECRET_REVOKED,
            actor,
            client=client,
            detail=str(secret),
            reason=reason,
        )
        publish(client)
    return True


def find_secret(client: MachineClient, ending: str | None) -> ClientSecret:
    """Return the client's secret that ends with these visible characters.

    Args:
        client: whose.
        ending: the last four characters, or None for the only live one.

    Raises:
        ValidationError: none fits, or several do; the message lists those that are live.
    """
    now = timezone.now()
    secrets = list(client.secrets.order_by("created_at", "pk"))
    if ending is None:
        fitting = [secret for secret in secrets if secret.is_live(now)]
    else:
        fitting = [secret for secret in secrets if secret.visible_end == ending]
    if len(fitting) == 1:
        return fitting[0]
    problem = _("Name one of the client's secrets by its last four characters: %(secrets)s.")
    live = [str(secret) for secret in secrets if secret.is_live(now)]
    listed = ", ".join(live) or _("none is live")
    raise ValidationError({"secret": problem % {"secrets": listed}})


def _require_none_made(client: MachineClient, expected: int | None) -> None:
    if expected is not None and client.secrets.count() != expected:
        problem = _("A secret of this client was created meanwhile. Nothing was done.")
        raise ValidationError(problem, code=MADE_MEANWHILE)


def _require_room(client: MachineClient) -> None:
    now, most = timezone.now(), get_settings().max_live_secrets
    if sum(secret.is_live(now) for secret in client.secrets.all()) >= most:
        problem = _("%(count)d secrets are live. Revoke one first.") % {"count": most}
        raise ValidationError({"secret": problem})


def require_end(expires_at: datetime | None, *, since: datetime) -> None:
    """Refuse an end of a secret that is past, in no sane year, or too late.

    `SECRET_MAX_AGE` counts from `since`.

    Raises:
        ValidationError: it is; for the field `expires_at`.
    """
    require_sane_end(expires_at)
    longest = get_settings().secret_max_age
    if expires_at is None and longest is None:
        return
    too_late = longest is not None and (expires_at is None or expires_at > since + longest)
    if too_late or (expires_at is not None and expires_at <= timezone.now()):
        problem = _("The end must be in the future, and within SECRET_MAX_AGE of the creation.")
        raise ValidationError({"expires_at": problem})


def _require_as_read(secret: ClientSecret, now: datetime) -> ClientSecret:
    current = ClientSecret.objects.filter(pk=secret.pk).first()
    if current is None or not current.is_live(now):
        raise ValidationError(
            {"secret": _("%(secret)s is not live any more.") % {"secret": secret}}
        )
    if (current.note, current.expires_at) != (secret.note, secret.expires_at):
        problem = _("%(secret)s was changed by somebody else meanwhile: look at it again.")
        raise ValidationError({"secret": problem % {"secret": secret}})
    return current


def _end_after(secret: ClientSecret, overlap: timedelta, now: datetime) -> None:
    if overlap:
        end = now + overlap
        secret.expires_at = min(secret.expires_at or end, end)
    else:
        secret.revoked_at = now
    secret.save(update_fields=["expires_at", "revoked_at"])


def _ends(new: NewSecret) -> str:
    return "{}…{}".format(*get_visible_ends(new.secret))


def _describe_edit(secret: ClientSecret, *, note: str, expires_at: datetime | None) -> str:
    # The note says where a secret is kept, which is nobody's business here.
    parts = [str(secret)]
    if expires_at != secret.expires_at:
        before, after = (write_timestamp(end) or "never" for end in (secret.expires_at, expires_at))
        parts.append(f"expires: {before} → {after}")
    if note != secret.note:
        parts.append("note changed")
    return "; ".join(parts)
