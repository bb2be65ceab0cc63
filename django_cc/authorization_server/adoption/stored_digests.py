"""What is kept of a secret that the toolkit kept before."""

from django_cc.authorization_server.toolkit.adoption_secrets import (
    OldSecretKind,
    hash_chosen_secret,
)
from django_cc.models.client_secret import TOOLKIT_MARKER
from django_cc.protocol.client_authentication.client_secret import digest_secret
from django_cc.protocol.secret_text import SecretText


def digest_old_secret(stored: SecretText, kind: OldSecretKind) -> str:
    """Return what goes into our column.

    The hash that is there, behind its marker. Of plain text that the toolkit generated our own
    digest. Of plain text that people chose a password hash: a fast digest of what can be guessed
    would be as good as plain text (docs/decisions/0010). That one takes a quarter of a second.
    """
    known = digest_known_secret(stored, kind)
    return known if known is not None else TOOLKIT_MARKER + hash_chosen_secret(stored)


def digest_known_secret(stored: SecretText, kind: OldSecretKind) -> str | None:
    """Return the same where it takes no time and is the same each time, else None."""
    if kind is OldSecretKind.HASH:
        return TOOLKIT_MARKER + stored.reveal()
    return digest_secret(stored) if kind is OldSecretKind.GENERATED_TEXT else None
