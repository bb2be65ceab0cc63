"""The API that every server has: itself, with the issuer as its identifier."""

from enum import StrEnum

from django_cc.protocol.scope import Scope


class BuiltInScope(StrEnum):
    """What a client may do at the server itself."""

    CLIENT_READ = "client:read"  # read its own registration; every client holds it
    INTROSPECTION = "introspection"  # authorize introspection requests by an access token


HELD_BY_EVERY_CLIENT = Scope(frozenset({BuiltInScope.CLIENT_READ.value}))
