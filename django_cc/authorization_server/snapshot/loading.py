"""Read a snapshot from the database."""

from collections import defaultdict
from collections.abc import Mapping

from django_cc.authorization_server.snapshot.key_loading import load_keys
from django_cc.authorization_server.snapshot.snapshot import Snapshot
from django_cc.models import API, APIAccess, ClientSecret, MachineClient, Revision
from django_cc.protocol.client import Client, StoredSecret
from django_cc.protocol.names import ClientID
from django_cc.protocol.scope import Scope

_SecretsByClient = Mapping[int, tuple[StoredSecret, ...]]
_AccessByClient = Mapping[int, Mapping[str, Scope]]


def read_revision(database: str) -> int:
    """Return the number of the last committed change; 0 before the first."""
    return Revision.objects.using(database).values_list("number", flat=True).first() or 0


def load_snapshot(database: str) -> Snapshot:
    """Read everything, in a fixed number of queries.

    The number is read first: what commits meanwhile may already be in the rows, never the
    reverse, and its higher number brings the next poll back.
    """
    number = read_revision(database)
    keys = load_keys(database)
    return Snapshot(
        revision=number,
        clients=_load_clients(database),
        scopes_by_api=_load_apis(database),
        current_keys=keys.current,
        published_jwks=keys.published,
        verification_keys=keys.verifying,
    )


def _load_clients(database: str) -> dict[str, Client]:
    # Generations before secrets and access: a change that commits in between may give a dead
    # generation to what is new, but never a living one to what was taken away.
    rows = list(
        MachineClient.objects.using(database).values_list(
            "pk",
            "application__client_id",
            "generation",
            "disabled_at",
            "default_api__identifier",
            "expires_at",
        )
    )
    secrets, access = _load_secrets(database), _load_access(database)
    return {
        client_id: Client(
            client_id=ClientID(client_id),
            generation=generation,
            enabled=disabled_at is None,
            secrets=secrets.get(pk, ()),
            access=access.get(pk, {}),
            default_audience=default_audience,
            expires_at=expires_at,
        )
        for pk, client_id, generation, disabled_at, default_audience, expires_at in rows
    }


def _load_secrets(database: str) -> _SecretsByClient:
    found: dict[int, tuple[StoredSecret, ...]] = defaultdict(tuple)
    rows = ClientSecret.objects.using(database).filter(revoked_at=None)
    for client, digest, expires_at in rows.values_list("client_id", "digest", "expires_at"):
        found[client] += (StoredSecret(digest, expires_at),)
    return found


def _load_access(database: str) -> _AccessByClient:
    names: dict[int, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    rows = APIAccess.objects.using(database).values_list(
        "client_id", "scope__api__identifier", "scope__name"
    )
    for client, audience, scope in rows:
        names[client][audience].add(scope)
    return {
        client: {audience: Scope(frozenset(scopes)) for audience, scopes in by_api.items()}
        for client, by_api in names.items()
    }


def _load_apis(database: str) -> dict[str, frozenset[str]]:
    rows = API.objects.using(database).values_list("identifier", "scopes__name")
    found: dict[str, set[str]] = defaultdict(set)
    for identifier, scope in rows:
        found[identifier] |= {scope} if scope else set()
    return {identifier: frozenset(scopes) for identifier, scopes in found.items()}
