"""Make machine clients of the toolkit's Applications."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from django_cc.authorization_server.adoption.names import choose_names
from django_cc.authorization_server.adoption.plan import PlannedAdoption, Verdict
from django_cc.authorization_server.adoption.stored_digests import digest_old_secret
from django_cc.authorization_server.apis.restriction import require_may_give
from django_cc.authorization_server.apis.scope_choice import require_scopes
from django_cc.authorization_server.audit import trail
from django_cc.authorization_server.audit.trail import Actor
from django_cc.authorization_server.clients.secret_format import get_visible_ends
from django_cc.authorization_server.database import get_database
from django_cc.authorization_server.snapshot.revision import lock_revision, publish
from django_cc.authorization_server.toolkit.adoption_candidates import lock_candidates
from django_cc.authorization_server.toolkit.adoption_columns import take_over_applications
from django_cc.authorization_server.toolkit.adoption_secrets import OldSecretKind
from django_cc.authorization_server.toolkit.applications import hash_discarded_secret
from django_cc.models import APIAccess, AuditEvent, ClientSecret, MachineClient

UNKNOWN_ENDS = ("toolkit", "old")  # of a secret that is only known by its hash
_NOTE = "From django-oauth-toolkit"


@dataclass(frozen=True, slots=True)
class Adopted:
    """What came of a batch.

    Attributes:
        clients: the new machine clients.
        changed: the client IDs of Applications that somebody changed since they were planned;
            nothing was done to them.
    """

    clients: Sequence[MachineClient]
    changed: Sequence[str]


def adopt_planned(planned: Sequence[PlannedAdoption], actor: Actor) -> Adopted:
    """Make machine clients of those whose verdict it is, all of a batch or none, by a few queries.

    Each keeps its client ID and its secret. It loses its user at the toolkit, who becomes the
    owner here, and what the toolkit could authenticate it by. Tokens it has there live on.

    Args:
        planned: a batch of a plan.
        actor: who does it.

    Raises:
        ValidationError: a scope has been deleted meanwhile, or is restricted and the actor is a
            user who may not give it.
    """
    planned = [one for one in planned if one.verdict is Verdict.ADOPT]
    if not planned:
        return Adopted((), ())
    # What takes the time of a password hash comes before anything is locked.
    discarded = hash_discarded_secret()
    digests = {one.candidate.application_id: _digest(one) for one in planned}
    with transaction.atomic(using=get_database()):
        lock_revision()
        unchanged = _lock_unchanged(planned)
        clients = _create_clients(unchanged, actor)
        _create_secrets(unchanged, clients, digests, actor)
        _grant(unchanged, clients, actor)
        names = {pk: client.name for pk, client in clients.items()}
        take_over_applications(names, hashed_secret=discarded)
        _record(unchanged, clients, actor)
        publish(*clients.values())
    kept = {one.candidate.client_id for one in unchanged}
    changed = [one.candidate.client_id for one in planned if one.candidate.client_id not in kept]
    return Adopted(list(clients.values()), changed)


def _digest(one: PlannedAdoption) -> str:
    return digest_old_secret(one.candidate.stored_secret, one.secret_kind)


def _lock_unchanged(planned: Sequence[PlannedAdoption]) -> list[PlannedAdoption]:
    now = lock_candidates([one.candidate.application_id for one in planned])
    return [
        one
        for one in planned
        if (current := now.get(one.candidate.application_id)) is not None
        and current.is_as_it_was(one.candidate)
    ]


def _create_clients(planned: Sequence[PlannedAdoption], actor: Actor) -> dict[Any, MachineClient]:
    # Chosen again: since the plan, somebody may have registered a client of that name.
    names = choose_names([one.candidate for one in planned], set())
    rows = MachineClient.objects.bulk_create(
        MachineClient(
            application_id=one.candidate.application_id,
            name=names[one.candidate.application_id],
            owner_id=one.candidate.owner_id,
            managed_by=MachineClient.ManagedBy.ADOPTED,
            adopted_from=_remember(one),
            registered_at=one.candidate.created,
            registered_by_id=actor.user.pk if actor.user else None,
        )
        for one in planned
    )
    return {row.application_id: row for row in rows}


def _remember(one: PlannedAdoption) -> dict[str, Any]:
    """Return what the Application was, to be given back; never its secret, nor a hash of it."""
    candidate = one.candidate
    return {
        "name": candidate.name,
        "user": None if candidate.owner_id is None else str(candidate.owner_id),
        "username": candidate.owner,
        "secret": one.secret_kind.value,
        "hash_client_secret": candidate.is_hashed,
        "registration_source": candidate.source,
        "updated": candidate.updated.isoformat(),
        "access": sorted([scope.api.identifier, scope.name] for scope in one.proposal.scopes),
        "carried_scopes": sorted(one.recent.scopes),
    }


def _create_secrets(
    planned: Sequence[PlannedAdoption],
    clients: Mapping[Any, MachineClient],
    digests: Mapping[Any, str],
    actor: Actor,
) -> None:
    rows = []
    for one in planned:
        pk = one.candidate.application_id
        is_text = one.secret_kind is OldSecretKind.GENERATED_TEXT
        start, end = get_visible_ends(one.candidate.stored_secret) if is_text else UNKNOWN_ENDS
        rows.append(
            ClientSecret(
                client=clients[pk],
                digest=digests[pk],
                visible_start=start,
                visible_end=end,
                note=_NOTE,
                created_by=actor.name,
            )
        )
    ClientSecret.objects.bulk_create(rows)


def _grant(
    planned: Sequence[PlannedAdoption], clients: Mapping[Any, MachineClient], actor: Actor
) -> None:
    scopes = {scope.pk: scope for one in planned for scope in one.proposal.scopes}
    require_scopes(list(scopes.values()))
    require_may_give(list(scopes.values()), actor)
    APIAccess.objects.bulk_create(
        APIAccess(client=clients[one.candidate.application_id], scope=scope, granted_by=actor.name)
        for one in planned
        for scope in one.proposal.scopes
    )


def _record(
    planned: Sequence[PlannedAdoption], clients: Mapping[Any, MachineClient], actor: Actor
) -> None:
    pks = [client.pk for client in clients.values()]
    rows = MachineClient.objects.filter(pk__in=pks).select_related("application")
    named = {row.application_id: row for row in rows}
    trail.record_all(
        [
            trail.make_event(
                AuditEvent.Event.CLIENT_ADOPTED,
                actor,
                client=named[one.candidate.application_id],
                detail=_describe(one),
            )
            for one in planned
        ]
    )


def _describe(one: PlannedAdoption) -> str:
    scopes = " ".join(scope.name for scope in one.proposal.scopes) or "no scope"
    owner = one.candidate.owner or "nobody"
    return f"owner {owner}; secret {one.secret_kind}; {scopes}"
