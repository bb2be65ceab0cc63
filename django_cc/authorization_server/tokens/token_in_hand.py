"""A token that somebody holds in their hands, as far as it takes to revoke it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from django.core import signing
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from django_cc.authorization_server.settings import get_settings
from django_cc.authorization_server.snapshot.freshness import get_snapshot_of_now
from django_cc.authorization_server.tokens.revocation import is_token_id
from django_cc.models import MachineClient
from django_cc.protocol.access_token.jwt import verify_issued_token
from django_cc.protocol.errors import InvalidToken
from django_cc.protocol.secret_text import SecretText
from django_cc.resource_server.settings import get_settings as get_resource_server_settings

_SALT = "django_cc.token_in_hand"
_PROOF_HOLDS_FOR = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class TokenInHand:
    """What is known of a token that this server signed and that has not expired.

    Attributes:
        token_id: its `jti`.
        client_id: the client it was issued to.
        expires_at: aware UTC.
    """

    token_id: str
    client_id: str
    expires_at: datetime

    @classmethod
    @sensitive_variables()
    def read(cls, token: SecretText, *, now: datetime) -> Self:
        """Verify a token; `now` is aware UTC.

        Raises:
            ValidationError: it is none of this server's that still runs; for the field `token`.
        """
        try:
            claims = verify_issued_token(
                token.reveal(),
                get_snapshot_of_now().get_verification_keys(now=now),
                issuer=get_settings().issuer,
                leeway=get_resource_server_settings().leeway,
                now=now,
            )
        except InvalidToken:
            problem = _("This is no token of this server that still runs: paste the whole token.")
            raise ValidationError({"token": problem}) from None
        return cls(claims.token_id, claims.client_id, claims.expires_at)

    @classmethod
    def read_proof(cls, proof: str) -> Self:
        """Return what `make_proof` wrote, a quarter of an hour ago at the most.

        Raises:
            ValidationError: it is none, or too old.
        """
        try:
            token_id, client_id, expires_at = signing.loads(
                proof, salt=_SALT, max_age=_PROOF_HOLDS_FOR
            )
        except signing.BadSignature:
            raise ValidationError(_("Too much time has passed: paste the token again.")) from None
        return cls(token_id, client_id, datetime.fromtimestamp(expires_at, UTC))

    def make_proof(self) -> str:
        """Return it as text that proves to this project that the token was seen; no secret."""
        facts = (self.token_id, self.client_id, self.expires_at.timestamp())
        return signing.dumps(facts, salt=_SALT)

    def require_of(self, client: MachineClient) -> None:
        """Return if it is the client's, and can be revoked by its ID.

        Raises:
            ValidationError: it is another's.
        """
        if self.client_id != client.client_id or not is_token_id(self.token_id):
            raise ValidationError({"token": _("This token was issued to another client.")})
