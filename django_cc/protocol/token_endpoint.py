"""The messages of the token endpoint (RFC 6749 §4.4.2, §5.1)."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from django_cc.protocol.errors import InvalidRequest, RefusalReason, UnsupportedGrantType
from django_cc.protocol.form import Form
from django_cc.protocol.names import BEARER, GrantType, Parameter
from django_cc.protocol.resource_indicator import parse_resource
from django_cc.protocol.scope import Scope


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """What a client asks for with this grant; None where it leaves the choice to the server."""

    scope: Scope | None
    resource: str | None

    @classmethod
    def from_form(cls, form: Form) -> Self:
        """Read the parameters of the grant; unknown ones are ignored (§3.2).

        Raises:
            InvalidRequest: `grant_type` is missing.
            UnsupportedGrantType: it is another grant.
            InvalidScope: the scope is outside its grammar.
            InvalidTarget: `resource` is malformed or sent several times.
        """
        _require_grant_type(form.get(Parameter.GRANT_TYPE))
        scope = form.get(Parameter.SCOPE)
        return cls(
            scope=None if scope is None else Scope.parse(scope),
            resource=parse_resource(form.get_all(Parameter.RESOURCE)),
        )


def _require_grant_type(grant_type: str | None) -> None:
    if grant_type is None:
        raise InvalidRequest("The parameter grant_type is missing: send client_credentials.")
    if grant_type != GrantType.CLIENT_CREDENTIALS:
        raise UnsupportedGrantType(
            "This endpoint serves grant_type client_credentials.",
            reason=RefusalReason.GRANT_NOT_SUPPORTED,
        )


@dataclass(frozen=True, slots=True)
class TokenResponse:
    """A successful answer. There is no refresh token to it (§4.4.3)."""

    access_token: str
    expires_in: timedelta
    scope: Scope

    def to_json(self) -> dict[str, str | int]:
        """Return the members of §5.1; `expires_in` in whole seconds, `scope` always stated."""
        return {
            "access_token": self.access_token,
            "token_type": BEARER,
            "expires_in": int(self.expires_in.total_seconds()),
            "scope": str(self.scope),
        }
