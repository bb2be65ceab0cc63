"""What is kept of a wrong secret until the refusal is diagnosed: nothing anybody could use."""

from dataclasses import dataclass, field
from typing import Self

from django_cc.authorization_server.clients.secret_format import looks_like_secret
from django_cc.protocol.client_authentication.client_secret import digest_secret
from django_cc.protocol.errors import PresentedSecret
from django_cc.protocol.secret_text import SecretText


@dataclass(frozen=True, slots=True)
class Evidence:
    """Kept in memory for seconds; the database is only asked for what has our format.

    What has it is 256 random bits, whose digest tells nothing. The digest of anything else, a
    password in the wrong field perhaps, could be guessed from and is never made.

    Attributes:
        digest: in the form in which ours are stored; None where it cannot be one of ours.
        has_blanks: whether blanks or line breaks came around it.
        is_client_id: whether the client ID was sent in its place.
    """

    digest: str | None = field(repr=False)
    has_blanks: bool
    is_client_id: bool

    @classmethod
    def of(cls, presented: PresentedSecret) -> Self:
        """Keep what the diagnosis needs; the same work for known and unknown clients."""
        text = presented.secret.reveal()
        secret = SecretText(text.strip())
        return cls(
            digest=digest_secret(secret) if looks_like_secret(secret) else None,
            has_blanks=secret.reveal() != text,
            is_client_id=presented.is_client_id,
        )
