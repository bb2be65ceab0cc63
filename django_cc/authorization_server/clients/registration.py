"""Register machine clients."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from django_cc.authorization_server.apis.restriction import require_may_give
from django_cc.authorization_server.apis.scope_choice import require_scopes
from django_cc.authorization_server.audit import trail
from django_cc.authorization_server.audit.trail import Actor
from django_cc.authorization_server.clients.client_id_format import generate_client_id
from django_cc.authorization_server.clients.details import (
    clean_description,
    clean_name,
    require_default_api,
    require_future,
    require_no_twin,
)
from django_cc.authorization_server.clients.jwks_uri import clean_jwks_uri
from django_cc.authorization_server.clients.keys import store_key
from django_cc.authorization_server.clients.networks import clean_networks
from django_cc.authorization_server.clients.public_jwk import read_public_jwk
from django_cc.authorization_server.clients.rates import clean_rate
from django_cc.authorization_server.clients.secrets import NewSecret, issue_secret, require_end
from django_cc.authorization_server.database import get_database
from django_cc.authorization_server.signals import announce, client_registered
from django_cc.authorization_server.snapshot.revision import lock_revision, publish
from django_cc.authorization_server.token_lifetimes import clean_token_lifetime
from django_cc.authorization_server.toolkit.applications import (
    create_application,
    hash_discarded_secret,
)
from django_cc.models import API, APIAccess, AuditEvent, MachineClient, Scope

_MANAGED_BY = {AuditEvent.ActorKind.USER: MachineClient.ManagedBy.CONSOLE}


@dataclass(frozen=True, slots=True)
class Registration:
    """What is asked for.

    Attributes:
        name: at most 80 characters; unique for its owner, regardless of case.
        scopes: what the client may do, at whichever APIs offer it.
        owner: who manages it; None for a client of nobody's.
        owning_group: whose members manage it too; None for no group.
        default_api: which of those APIs a token is for when the request does not say.
        registration_key: names one submission of a form; the same key never registers twice.
        secret_expires_at: aware UTC, within `SECRET_MAX_AGE`; None for never, where that is not
            set.
        expires_at: when the client itself comes to its end, aware UTC, or None for never.
        token_lifetime: how long its tokens live, 60 seconds to 24 hours; None for as long as the
            API or the settings say.
        allowed_networks: CIDRs it may ask for tokens from, at most 50; none for anywhere.
        rate: how many tokens it may get in a minute; None for any number.
        jwks_uri: where it publishes its public keys, https; empty for nowhere. Whether it can be
            read is asked before, by `read_published_keys`.
    """

    name: str
    scopes: Sequence[Scope]
    description: str = ""
    owner: AbstractBaseUser | None = None
    owning_group: Group | None = None
    default_api: API | None = None
    registration_key: UUID | None = None
    secret_expires_at: datetime | None = None
    expires_at: datetime | None = None
    token_lifetime: timedelta | None = None
    allowed_networks: Sequence[str] = ()
    rate: int | None = None
    jwks_uri: str = ""


class AlreadyRegisteredError(Exception):
    """The same submission has registered a client before.

    Attributes:
        client: that client.
    """

    def __init__(self, client: MachineClient) -> None:
        """Point at the client that is there."""
        super().__init__("This submission has been registered already.")
        self.client = client


def register_client(registration: Registration, actor: Actor) -> NewSecret:
    """Register a machine client with its first secret and its access, all or nothing.

    The secret exists in the return value and nowhere else.

    Raises:
        ValidationError: the name is empty, too long, or taken, the default API is none that the
            client may call, a scope has been deleted, an end is past or too late, or a limit
            is none; by field.
        AlreadyRegisteredError: the same actor's submission was registered before, perhaps a
            moment ago by the other click of a double click.
    """
    hashed_secret = hash_discarded_secret()
    with transaction.atomic(using=get_database()):
        client = _register(registration, actor, hashed_secret=hashed_secret)
        require_end(registration.secret_expires_at, since=timezone.now())
        new = issue_secret(client, actor, expires_at=registration.secret_expires_at)
        _record(client, registration, actor, f"secret {new.row}")
        publish(client)
        announce(client_registered, MachineClient, client=client, actor=actor)
    return new


def register_client_awaiting_credentials(registration: Registration, actor: Actor) -> MachineClient:
    """Register a machine client that has no secret yet: its owner makes one later.

    So whoever registers it for somebody else never sees a secret. `secret_expires_at` means
    nothing here.

    Raises:
        ValidationError: as for `register_client`; by field.
        AlreadyRegisteredError: the same actor's submission was registered before.
    """
    hashed_secret = hash_discarded_secret()
    with transaction.atomic(using=get_database()):
        client = _register(registration, actor, hashed_secret=hashed_secret)
        _record(client, registration, actor, "awaiting credentials")
        publish(client)
    return client


def register_client_with_keys(
    registration: Registration, jwks: Sequence[object], actor: Actor
) -> MachineClient:
    """Register a machine client that authenticates by keys; it has no secret.

    Args:
        registration: what is asked for; `secret_expires_at` means nothing here.
        jwks: its public JWKs as handed over; without any and without a `jwks_uri` it has no
            usable credential yet.
        actor: who does it.

    Raises:
        ValidationError: as for `register_client`, or a key is none that is allowed; by field.
        AlreadyRegisteredError: the same actor's submission was registered before.
    """
    keys = [read_public_jwk(jwk) for jwk in jwks]
    hashed_secret = hash_discarded_secret()
    with transaction.atomic(using=get_database()):
        client = _register(registration, actor, hashed_secret=hashed_secret)
        client.authentication = MachineClient.Authentication.PRIVATE_KEY_JWT
        client.save(update_fields=["authentication"])
        for key in keys:
            store_key(client, key, actor)
        kids = [key.kid for key in keys]
        credentials = " ".join(filter(None, [client.authentication, *kids, client.jwks_uri]))
        _record(client, registration, actor, credentials)
        publish(client)
        announce(client_registered, MachineClient, client=client, actor=actor)
    return client


def _register(registration: Registration, actor: Actor, *, hashed_secret: str) -> MachineClient:
    # Registrations wait for one another, so that none of these answers is out of date.
    lock_revision()
    _refuse_repetition(registration.registration_key, actor)
    name = clean_name(registration.name)
    require_no_twin(name, registration.owner)
    require_scopes(registration.scopes)
    require_may_give(registration.scopes, actor)
    require_default_api(registration.default_api, {scope.api for scope in registration.scopes})
    require_future(registration.expires_at, now=timezone.now())
    client = _create_client(name, registration, actor, hashed_secret=hashed_secret)
    _grant(client, registration.scopes, actor)
    return client


def _refuse_repetition(registration_key: UUID | None, actor: Actor) -> None:
    if registration_key is None:
        return
    rows = MachineClient.objects.select_related("application")
    earlier = rows.filter(registration_key=registration_key).first()
    if earlier is None:
        return
    if actor.user is None or earlier.registered_by_id != actor.user.pk:
        # Somebody else's key: not a word about what it registered.
        raise ValidationError(_("This form is not valid any more: open it anew."))
    raise AlreadyRegisteredError(earlier)


def _create_client(
    name: str, registration: Registration, actor: Actor, *, hashed_secret: str
) -> MachineClient:
    client_id = generate_client_id()
    application = create_application(client_id=client_id, name=name, hashed_secret=hashed_secret)
    return MachineClient.objects.create(
        application_id=application.pk,
        name=name,
        description=clean_description(registration.description),
        owner_id=registration.owner.pk if registration.owner else None,
        owning_group=registration.owning_group,
        managed_by=_MANAGED_BY.get(actor.kind, MachineClient.ManagedBy.COMMAND),
        registered_by_id=actor.user.pk if actor.user else None,
        registration_key=registration.registration_key,
        default_api=registration.default_api,
        expires_at=registration.expires_at,
        token_lifetime=clean_token_lifetime(registration.token_lifetime),
        allowed_networks=clean_networks(registration.allowed_networks),
        rate=clean_rate(registration.rate),
        jwks_uri=clean_jwks_uri(registration.jwks_uri),
    )


def _grant(client: MachineClient, scopes: Sequence[Scope], actor: Actor) -> None:
    APIAccess.objects.bulk_create(
        APIAccess(client=client, scope=scope, granted_by=actor.name) for scope in scopes
    )


def _record(
    client: MachineClient, registration: Registration, actor: Actor, credentials: str
) -> None:
    scopes = ", ".join(sorted(scope.name for scope in registration.scopes))
    owner = f"owner {registration.owner.get_username()}; " if registration.owner else ""
    detail = f"{owner}+ {scopes or '-'}; {credentials}"
    trail.record(AuditEvent.Event.CLIENT_REGISTERED, actor, client=client, detail=detail)
