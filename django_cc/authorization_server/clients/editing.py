"""Change what is said of a machine client: name, owner, default API, limits, its keys' URL."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone

from django_cc.authorization_server.audit import trail
from django_cc.authorization_server.audit.trail import Actor
from django_cc.authorization_server.clients.details import (
    clean_description,
    clean_name,
    require_default_api,
    require_future,
    require_no_twin,
)
from django_cc.authorization_server.clients.edit_record import describe_edit
from django_cc.authorization_server.clients.jwks_uri import clean_jwks_uri
from django_cc.authorization_server.clients.lookup import lock_client
from django_cc.authorization_server.clients.networks import clean_networks
from django_cc.authorization_server.clients.rates import clean_rate
from django_cc.authorization_server.clients.versions import require_version
from django_cc.authorization_server.database import get_database
from django_cc.authorization_server.snapshot.revision import publish
from django_cc.authorization_server.token_lifetimes import clean_token_lifetime
from django_cc.authorization_server.toolkit.applications import rename_application
from django_cc.authorization_server.unchanged import UNCHANGED, Unchanged
from django_cc.models import API, AuditEvent, MachineClient

_CLOCKS_DIFFER_BY = timedelta(seconds=60)  # at the most, as with LEEWAY
_CLEAN: Mapping[str, Callable[[Any], object]] = {  # from what is asked for to what is kept
    "name": clean_name,
    "description": clean_description,
    "token_lifetime": clean_token_lifetime,
    "allowed_networks": clean_networks,
    "rate": clean_rate,
    "jwks_uri": clean_jwks_uri,
}


@dataclass(frozen=True, slots=True)
class Changes:
    """What an edit sets; the rules are those of a registration.

    Attributes:
        name: at most 80 characters; unique for its owner, regardless of case.
        description: what it does, whom to call.
        owner: who manages it; None for nobody.
        owning_group: whose members manage it too; None for no group.
        default_api: one at which it holds a scope, or None.
        expires_at: when it comes to its end, aware UTC, in the future; None for never.
        token_lifetime: how long its tokens live, 60 seconds to 24 hours; None for as long as the
            API or the settings say.
        allowed_networks: CIDRs it may ask for tokens from, at most 50; none for anywhere. Tokens
            it has are good from anywhere.
        rate: how many tokens it may get in a minute; None for any number.
        accepts_endpoint_audience: whether its assertions may name the token endpoint as `aud`.
        jwks_uri: where it publishes its public keys, https; empty for nowhere. Whether it can be
            read is asked before, by `read_published_keys`.
    """

    name: str | Unchanged = UNCHANGED
    description: str | Unchanged = UNCHANGED
    owner: AbstractBaseUser | Unchanged | None = UNCHANGED
    owning_group: Group | Unchanged | None = UNCHANGED
    default_api: API | Unchanged | None = UNCHANGED
    expires_at: datetime | Unchanged | None = UNCHANGED
    token_lifetime: timedelta | Unchanged | None = UNCHANGED
    allowed_networks: Sequence[str] | Unchanged = UNCHANGED
    rate: int | Unchanged | None = UNCHANGED
    accepts_endpoint_audience: bool | Unchanged = UNCHANGED
    jwks_uri: str | Unchanged = UNCHANGED


@dataclass(frozen=True, slots=True)
class Edit:
    """What came of an edit.

    Attributes:
        client: as it is now.
        changed: the fields that differ from before; where there are none, nothing was written.
    """

    client: MachineClient
    changed: tuple[str, ...]


def update_client(
    client: MachineClient, changes: Changes, actor: Actor, *, expected_version: int | None = None
) -> Edit:
    """Change a client, all or nothing; every edit that changes something counts its version up.

    A later end, or none, for a client that has expired lets it get tokens again and revives none
    that it had: their generation ends (decision 13).

    Args:
        client: which one.
        changes: what to set.
        actor: who does it.
        expected_version: what the one who edits has read, or None to overwrite whatever is there.

    Raises:
        ValidationError: a value breaks a rule of registration, by field; somebody else changed
            the client since `expected_version`, with the code `version`; or it is gone.
    """
    with transaction.atomic(using=get_database()):
        client = lock_client(client)
        require_version(client, expected_version)
        new = _find_differences(client, changes)
        if not new:
            return Edit(client, ())
        now = timezone.now()
        _require_valid(client, new, now=now)
        detail = describe_edit(client, new)
        # Where a clock is ahead, its tokens have died already.
        if "expires_at" in new and client.is_expired(now + _CLOCKS_DIFFER_BY):
            client.generation += 1
        _save(client, new)
        trail.record(AuditEvent.Event.CLIENT_UPDATED, actor, client=client, detail=detail)
        publish(client)
    return Edit(client, tuple(new))


def _find_differences(client: MachineClient, changes: Changes) -> Mapping[str, Any]:
    wanted = {
        field: _CLEAN.get(field, _keep)(value)
        for field in Changes.__slots__
        if (value := getattr(changes, field)) is not UNCHANGED
    }
    return {field: value for field, value in wanted.items() if value != getattr(client, field)}


def _keep(value: object) -> object:
    return value


def _require_valid(client: MachineClient, new: Mapping[str, Any], *, now: datetime) -> None:
    # Of what stays as it was nothing is asked: two clients of one name whose owners were deleted
    # can still be edited.
    if "name" in new or "owner" in new:
        name, owner = new.get("name", client.name), new.get("owner", client.owner)
        require_no_twin(name, owner, apart_from=client)
    if "default_api" in new:
        held = API.objects.filter(scopes__access__client=client)
        require_default_api(new["default_api"], set(held))
    if "expires_at" in new:
        require_future(new["expires_at"], now=now)


def _save(client: MachineClient, new: Mapping[str, Any]) -> None:
    for field, value in new.items():
        setattr(client, field, value)
    client.version += 1
    client.save(update_fields=[*new, "generation", "version"])
    if "name" in new:
        rename_application(client.application_id, client.name)
