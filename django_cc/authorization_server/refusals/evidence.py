"""What is kept of wrong credentials until the refusal is diagnosed: nothing anybody could use."""

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final, Self

from django_cc.authorization_server.clients.client_id_format import looks_like_client_id
from django_cc.authorization_server.clients.secret_format import looks_like_secret
from django_cc.protocol.client_authentication.client_secret import digest_secret
from django_cc.protocol.errors import PresentedSecret
from django_cc.protocol.secret_text import SecretText

# What the snippets of the page that shows a secret call the variables.
_VARIABLES: Final = frozenset({"CC_CLIENT_ID", "CC_CLIENT_SECRET"})
_BRACKETS: Final = {"{": "}", "(": ")"}


class Text(Enum):
    """What a text is, as far as it tells by itself."""

    NOTHING = auto()
    NAME = auto()  # of a variable, which no shell and no settings file put the value in place of
    SOMETHING = auto()


@dataclass(frozen=True, slots=True)
class Evidence:
    """Kept in memory for seconds; the database is only asked for what has our format.

    What has it is 256 random bits, whose digest tells nothing. The digest of anything else, a
    password in the wrong field perhaps, could be guessed from and is never made.

    Attributes:
        client_id: what came as the client ID.
        secret: what came as the client secret.
        digest: of the secret, in the form in which ours are stored; None where it cannot be ours.
        has_blanks: whether blanks or line breaks came around it.
        is_client_id: whether the client ID was sent in its place.
        misplaced_digest: likewise, of a secret that came as the client ID.
        misplaced_id: what came as the secret then, where it has the form of our client IDs.
        named_id: what came as the client ID, where it has that form and a whole secret came too.
    """

    client_id: Text
    secret: Text
    digest: str | None = field(repr=False)
    has_blanks: bool
    is_client_id: bool
    misplaced_digest: str | None = field(repr=False)
    misplaced_id: str | None = field(repr=False)
    named_id: str | None = field(repr=False)

    @classmethod
    def of(cls, presented: PresentedSecret) -> Self:
        """Keep what the diagnosis needs; the same work for known and unknown clients."""
        text, client_id = presented.secret.reveal(), presented.client_id.reveal().strip()
        secret = text.strip()
        misplaced, digest = _digest(client_id), _digest(secret)
        is_swapped = misplaced is not None and looks_like_client_id(secret)
        return cls(
            client_id=_classify(client_id),
            secret=_classify(secret),
            digest=digest,
            has_blanks=secret != text,
            is_client_id=secret == client_id != "",
            misplaced_digest=misplaced,
            misplaced_id=secret if is_swapped else None,
            named_id=client_id if digest and looks_like_client_id(client_id) else None,
        )


def _digest(text: str) -> str | None:
    secret = SecretText(text)
    return digest_secret(secret) if looks_like_secret(secret) else None


def _classify(text: str) -> Text:
    if not text:
        return Text.NOTHING
    return (
        Text.NAME if text.strip("%<>{}$") in _VARIABLES or _is_expansion(text) else Text.SOMETHING
    )


def _is_expansion(text: str) -> bool:
    """Tell whether it is what a shell, a CI or a settings file should have replaced."""
    inner = text[1:]
    if not text.startswith("$") or not inner:
        return False
    return inner.isidentifier() or inner[-1] == _BRACKETS.get(inner[0])
