"""Say where each claim of an access token comes from, to whoever runs the client."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from django_cc.protocol.access_token.claims import CLIENT_GENERATION

_ORIGINS: Mapping[str, object] = {
    "iss": _("The setting ISSUER: this server."),
    "sub": _("The client ID, behind SUBJECT_PREFIX where that is set."),
    "aud": _("The identifier of the API."),
    "client_id": _("The client ID."),
    "scope": _("The scopes asked for; without, all that the client holds at this API."),
    "iat": _("When the token is made, in seconds since 1970."),
    "exp": _("When it is made, and its lifetime on top: the client's, else the API's, else ours."),
    "jti": _("Random, a new one for each token; by it one token can be revoked."),
    CLIENT_GENERATION: _("Counts what killed the client's earlier tokens, such as disabling it."),
}


def explain_claim(name: str) -> str:
    """Return the sentence for the claim `name`."""
    return str(_ORIGINS.get(name, _("The project's EXTRA_CLAIMS.")))
