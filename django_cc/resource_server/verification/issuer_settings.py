"""What a project says of an issuer whose tokens it accepts."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeAlias

# The secret itself, or what is asked for it each time, so that it may come from a vault.
SecretSource: TypeAlias = str | Callable[[], str]


@dataclass(frozen=True)
class IssuerSettings:
    """One issuer; made by `configured_issuers`, which refuses what is wrong.

    Attributes:
        issuer: its identifier, byte for byte as it stands in its tokens.
        audience: which of this project's APIs its tokens may open; empty for `local`, whose APIs
            are in the database.
        verification: the name of the strategy.
        jwks_uri: where its keys are; None to ask its metadata.
        introspection_endpoint: where it says whether a token lives; None to ask its metadata.
        client_id: who this project is to the introspection endpoint.
        client_secret: its proof of that.
        jwks_max_stale: how long known keys are used while they cannot be fetched again.
        introspection_cache: for how long an answer about a token is good enough.
    """

    issuer: str
    audience: tuple[str, ...]
    verification: str
    jwks_uri: str | None = None
    introspection_endpoint: str | None = None
    client_id: str | None = None
    client_secret: SecretSource | None = field(default=None, repr=False)
    jwks_max_stale: timedelta = timedelta(hours=1)
    introspection_cache: timedelta = timedelta(seconds=10)
