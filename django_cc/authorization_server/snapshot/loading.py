"""Read a snapshot from the database, whole or only what changed."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django_cc.authorization_server.snapshot.client_key_loading import load_client_keys
from django_cc.authorization_server.snapshot.key_loading import load_keys
from django_cc.authorization_server.snapshot.network_loading import read_networks
from django_cc.authorization_server.snapshot.server_access import (
    load_introspects,
    load_server_access,
)
from django_cc.authorization_server.snapshot.snapshot import Snapshot
from django_cc.authorization_server.token_lifetimes import read_token_lifetime
from django_cc.models import API, APIAccess, ClientSecret, MachineClient, Revision, RevokedToken
from django_cc.protocol.client import (
    AuthenticationFamily,
    Client,
    PreviousFamily,
    StoredSecret,
)
from django_cc.protocol.names import ClientID
from django_cc.protocol.scope import Scope, is_scope_token

_SecretsByClient = Mapping[int, tuple[StoredSecret, ...]]
_AccessByClient = Mapping[int, Mapping[str, Scope]]

_EVERYTHING = -1  # below every stamp


def load_snapshot(database: str) -> Snapshot:
    """Read everything, in a fixed number of queries.

    The number is read first: what commits meanwhile may already be in the rows, never the
    reverse, and its higher number brings the next poll back.
    """
    number, _removal = _read_revision(database)
    return _load(database, number, since=_EVERYTHING)


def load_changes(known: Snapshot, database: str) -> Snapshot:
    """Return `known` brought up to date: itself, where nothing changed, for one query.

    Clients are reloaded whole where their stamp is newer than `known`; APIs and keys, which are
    few, always. Everything is where a change left no row to carry its stamp, and where the
    numbers went back because a backup was restored.
    """
    number, removal = _read_revision(database)
    if number == known.revision:
        return known
    if number < known.revision or removal > known.revision:
        return load_snapshot(database)
    changed = _load(database, number, since=known.revision)
    return changed.on_top_of(known)


def _read_revision(database: str) -> tuple[int, int]:
    """Return the numbers of the last committed change and of the last removal; 0 before any."""
    rows = Revision.objects.using(database).values_list("number", "removal")
    return rows.first() or (0, 0)


def _load(database: str, number: int, *, since: int) -> Snapshot:
    keys = load_keys(database)
    apis = _load_apis(database)
    return Snapshot(
        revision=number,
        clients=_load_clients(database, since),
        revoked_tokens=_load_revoked_tokens(database, since),
        scopes_by_api=apis.scopes,
        api_names=apis.names,
        token_lifetimes=apis.lifetimes,
        current_keys=keys.current,
        published_jwks=keys.published,
        verification_keys=keys.verifying,
        key_ends=keys.ends,
    )


def _load_clients(database: str, since: int) -> dict[str, Client]:
    # Generations before secrets and access: a change that commits in between may give a dead
    # generation to what is new, but never a living one to what was taken away.
    rows = list(
        MachineClient.objects.using(database)
        .filter(revision__gt=since)
        .values_list(
            "pk",
            "application__client_id",
            "generation",
            "disabled_at",
            "default_api__identifier",
            "expires_at",
            "token_lifetime",
            "allowed_networks",
            "rate",
            "authentication",
            "previous_authentication",
            "previous_authentication_until",
            "accepts_endpoint_audience",
            "jwks_uri",
        )
    )
    if not rows:
        return {}
    secrets, access = _load_secrets(database, since), _load_access(database, since)
    keys = load_client_keys(database, since)
    server_access = load_server_access(database, since)
    introspects = load_introspects(database, since)
    return {
        client_id: Client(
            client_id=ClientID(client_id),
            generation=generation,
            enabled=disabled_at is None,
            secrets=secrets.get(pk, ()),
            access=access.get(pk, {}),
            default_audience=default_audience,
            expires_at=expires_at,
            token_lifetime=read_token_lifetime(token_lifetime),
            networks=read_networks(client_id, allowed_networks),
            rate=rate,
            keys=keys.get(pk, {}),
            jwks_uri=jwks_uri,
            authentication=AuthenticationFamily(authentication),
            previous_authentication=_read_previous(previous, until),
            accepts_endpoint_audience=accepts_endpoint,
            server_access=server_access[pk],
            introspects=introspects.get(pk, frozenset()),
        )
        for (
            pk,
            client_id,
            generation,
            disabled_at,
            default_audience,
            expires_at,
            token_lifetime,
            allowed_networks,
            rate,
            authentication,
            previous,
            until,
            accepts_endpoint,
            jwks_uri,
        ) in rows
    }


def _read_previous(family: str, until: datetime | None) -> PreviousFamily | None:
    if until is None or family not in set(AuthenticationFamily):
        return None
    return PreviousFamily(AuthenticationFamily(family), until)


def _load_secrets(database: str, since: int) -> _SecretsByClient:
    found: dict[int, tuple[StoredSecret, ...]] = defaultdict(tuple)
    rows = ClientSecret.objects.using(database).filter(revoked_at=None, client__revision__gt=since)
    for client, digest, expires_at in rows.order_by("pk").values_list(
        "client_id", "digest", "expires_at"
    ):
        found[client] += (StoredSecret(digest, expires_at),)
    return found


def _load_access(database: str, since: int) -> _AccessByClient:
    names: dict[int, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    held = APIAccess.objects.using(database).filter(client__revision__gt=since)
    rows = held.filter(scope__api__built_in=False)
    for client, audience, scope in rows.values_list(
        "client_id", "scope__api__identifier", "scope__name"
    ):
        if is_scope_token(scope):  # else altered by hand: a token cannot say it
            names[client][audience].add(scope)
    return {
        client: {audience: Scope(frozenset(scopes)) for audience, scopes in by_api.items()}
        for client, by_api in names.items()
    }


def _load_revoked_tokens(database: str, since: int) -> dict[str, datetime]:
    rows = RevokedToken.objects.using(database).filter(revision__gt=since)
    return dict(rows.values_list("token_id", "expires_at"))


@dataclass(frozen=True, slots=True)
class _APIs:
    scopes: Mapping[str, frozenset[str]]
    names: Mapping[str, str]
    lifetimes: Mapping[str, timedelta]


def _load_apis(database: str) -> _APIs:
    rows = API.objects.using(database)
    found: dict[str, set[str]] = defaultdict(set)
    names, lifetimes = {}, {}
    for identifier, name, seconds, built_in, scope in rows.values_list(
        "identifier", "name", "token_lifetime", "built_in", "scopes__name"
    ):
        names[identifier] = name
        if not built_in:
            found[identifier] |= {scope} if scope else set()
        if (lifetime := read_token_lifetime(seconds)) is not None:
            lifetimes[identifier] = lifetime
    scopes = {identifier: frozenset(held) for identifier, held in found.items()}
    return _APIs(scopes, names, lifetimes)
