"""Read what clients may do at the server itself: at its built-in API, and by introspection."""

from collections import defaultdict
from collections.abc import Mapping

from django_cc.authorization_server.settings import get_settings
from django_cc.models import APIAccess, APIIntrospector
from django_cc.protocol.built_in_api import HELD_BY_EVERY_CLIENT
from django_cc.protocol.scope import Scope


def load_server_access(database: str, since: int) -> defaultdict[int, Mapping[str, Scope]]:
    """Return the scope at the built-in API by client, as a mapping from the API's one audience.

    Whatever client is asked for holds what every client holds; all such share one mapping. The
    audience is the issuer in force, whether or not `migrate` has moved the row along.
    """
    issuer = get_settings().issuer
    held = APIAccess.objects.using(database).filter(client__revision__gt=since)
    names: dict[int, set[str]] = defaultdict(set)
    for client, scope in held.filter(scope__api__built_in=True).values_list(
        "client_id", "scope__name"
    ):
        names[client].add(scope)
    implicit = {issuer: HELD_BY_EVERY_CLIENT}
    found: defaultdict[int, Mapping[str, Scope]] = defaultdict(lambda: implicit)
    for client, scopes in names.items():
        found[client] = {issuer: Scope(HELD_BY_EVERY_CLIENT.tokens | scopes)}
    return found


def load_introspects(database: str, since: int) -> dict[int, frozenset[str]]:
    """Return the audiences whose tokens each client may introspect (RFC 7662 §4)."""
    rows = APIIntrospector.objects.using(database).filter(client__revision__gt=since)
    found: dict[int, set[str]] = defaultdict(set)
    for client, audience in rows.values_list("client_id", "api__identifier"):
        found[client].add(audience)
    return {client: frozenset(audiences) for client, audiences in found.items()}
