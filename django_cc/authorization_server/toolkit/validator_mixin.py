"""What a validator of the toolkit must do beside machine clients.

Everything the toolkit asks of a client goes through its validator: the token, revocation,
introspection, authorization and device endpoints, userinfo, and its own bearer authentication.
For a machine client the validator answers what it answers for a client ID that nobody has, in
the same words and with the same work, and it never compares a secret of one.
"""

import secrets as randomness
from typing import Any

from django.http import HttpRequest
from oauthlib.oauth2.rfc6749.errors import UnauthorizedClientError

from django_cc.authorization_server.settings import get_settings
from django_cc.authorization_server.toolkit.machine_clients import (
    can_be_stored,
    is_machine_client,
)
from django_cc.authorization_server.toolkit.refusal_port import record_refusal
from django_cc.protocol.access_token.jwt import read_unverified_issuer
from django_cc.protocol.names import GrantType

# Looked up in place of a machine client's: random, so that nobody can register it.
_NOBODY = f"nobody-{randomness.token_hex(32)}"


class MachineClientsMixin:
    """Put it before the project's own validator: `class Validator(MachineClientsMixin, Own)`."""

    def _load_application(self, client_id: str | None, request: Any) -> Any:
        """Return the Application, or None for a machine client as for an unknown client ID."""
        toolkit: Any = super()
        if is_machine_client(client_id) or (client_id and not can_be_stored(client_id)):
            request.client = None
            client_id = _NOBODY
        return toolkit._load_application(client_id, request)

    def _get_client_by_audience(self, audience: Any) -> Any:
        """Return the Application an ID token names: never a machine client's, which has none."""
        toolkit: Any = super()
        application = toolkit._get_client_by_audience(audience)
        if application is None or is_machine_client(application.client_id):
            return None
        return application

    def validate_grant_type(
        self,
        client_id: str,
        grant_type: str,
        client: Any,
        request: Any,
        *arguments: Any,
        **options: Any,
    ) -> bool:
        """Tell whether the grant is the client's, which has authenticated by now.

        Raises:
            UnauthorizedClientError: for client credentials, while `REFUSE_UNADOPTED` is on (RFC
                6749 §5.2); the audit trail has the reason, the answer a reference to it.
        """
        toolkit: Any = super()
        allowed: bool = toolkit.validate_grant_type(
            client_id, grant_type, client, request, *arguments, **options
        )
        if allowed and grant_type == GrantType.CLIENT_CREDENTIALS:
            _refuse_unadopted(request)
        return allowed

    def validate_bearer_token(self, token: str, scopes: Any, request: Any) -> bool:
        """Tell whether an access token of the toolkit's is good.

        One of ours is not looked for, and never sent to `RESOURCE_SERVER_INTROSPECTION_URL`.
        """
        toolkit: Any = super()
        if _is_machine_token(token):
            toolkit._set_oauth2_error_on_request(request, None, scopes)
            return False
        valid: bool = toolkit.validate_bearer_token(token, scopes, request)
        return valid

    def validate_id_token(self, token: str, scopes: Any, request: Any) -> bool:
        """Tell whether an ID token is good; an access token of ours is none."""
        toolkit: Any = super()
        if _is_machine_token(token):
            return False
        valid: bool = toolkit.validate_id_token(token, scopes, request)
        return valid


def _refuse_unadopted(request: Any) -> None:
    if not get_settings().refuse_unadopted:
        return
    plain = HttpRequest()
    plain.META = request.headers  # the toolkit passes all of META on as headers
    reference = record_refusal(request.client.client_id, plain)
    description = f"This application is not a machine client yet. (reference {reference})"
    raise UnauthorizedClientError(description=description, request=request)


def _is_machine_token(token: str | None) -> bool:
    issuer = read_unverified_issuer(token) if token else None
    return issuer is not None and issuer == get_settings().issuer
