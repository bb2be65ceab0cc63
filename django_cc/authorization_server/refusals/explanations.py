"""Say in a sentence why a request was refused, and what to do, to whoever runs the client.

What to do is told by the tab of the client in the console, and by the command that does the same.
"""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from django_cc.protocol.errors import RefusalReason

_EXPLANATIONS: Mapping[str, object] = {
    RefusalReason.MALFORMED_REQUEST: _(
        "The request was not well formed: compare its method, content type and parameters with "
        "the documentation."
    ),
    RefusalReason.NO_CREDENTIALS: _(
        "The request lacked its client ID, its client secret, or both: the program may not have "
        "them where it runs."
    ),
    RefusalReason.MALFORMED_CREDENTIALS: _(
        "The Authorization header could not be read: it must be Basic, with client ID and client "
        "secret encoded as RFC 6749 §2.3.1 says."
    ),
    RefusalReason.AUTHENTICATION_METHOD_NOT_SUPPORTED: _(
        "The program authenticated in a way this server does not support: use HTTP Basic, "
        "client_id and client_secret in the body, or a JWT that it signs (private_key_jwt)."
    ),
    RefusalReason.UNKNOWN_CLIENT: _(
        "There was no machine client with that client ID: it is misspelt, belongs to another "
        "server, or was deleted."
    ),
    RefusalReason.WRONG_SECRET: _(
        "The client secret was none of any client's: it is mistyped or cut. Give the program the "
        "current one, or rotate it (its Credentials tab, or cc_secret rotate)."
    ),
    RefusalReason.EXPIRED_SECRET: _(
        "The client secret was right, but it had expired: create a new one (its Credentials tab, "
        "or cc_secret create)."
    ),
    RefusalReason.REVOKED_SECRET: _(
        "The client secret was the client's once, and has been revoked: give the program the "
        "current one, or create a new one (its Credentials tab, or cc_secret create)."
    ),
    RefusalReason.SECRET_OF_ANOTHER_CLIENT: _(
        "The client secret is right, but for another client: the program's client ID and secret "
        "do not belong together."
    ),
    RefusalReason.SECRET_WITH_BLANKS: _(
        "The program sent the right client secret with a blank or a line break around it: remove "
        "that where the program reads it, often the end of a file."
    ),
    RefusalReason.SECRET_NOT_KNOWN_YET: _(
        "The client secret was made just before, and the process that answered did not know it "
        "yet: try again."
    ),
    RefusalReason.NOT_A_SECRET: _(
        "Something else came in place of the client secret: the client ID, or the name of the "
        "variable that holds it."
    ),
    RefusalReason.OLD_SECRET_NOT_CHECKED: _(
        "The client still has a secret that django-oauth-toolkit hashed, and checking such a one "
        "is limited: too many were wrong a moment ago, or too many are being checked. Rotate it "
        "(its Credentials tab, or cc_secret rotate)."
    ),
    RefusalReason.METHOD_NOT_ALLOWED: _(
        "The program authenticated by another method than the client's: its Credentials tab, or "
        "cc_client show, says which it is; there, or by cc_client update --auth-method, it is "
        "changed."
    ),
    RefusalReason.BAD_ASSERTION: _(
        "The program's client assertion was no JWT that RFC 7523 §3 allows, or its signature was "
        "not the key's: look at its type, algorithm, iss, sub, exp, nbf, iat and jti."
    ),
    RefusalReason.UNKNOWN_KEY: _(
        "The program's client assertion named none of the client's keys: its Credentials tab, or "
        "cc_client_key list, shows them; there, or by cc_client_key add, one is registered. A "
        "client that publishes its keys must publish a new one before it signs with it."
    ),
    RefusalReason.EXPIRED_KEY: _(
        "The client assertion was signed by the client's key, but that had expired: register a "
        "new one (its Credentials tab, or cc_client_key add)."
    ),
    RefusalReason.KEYS_UNAVAILABLE: _(
        "The URL at which the client publishes its keys could not be read: its Credentials tab, or "
        "cc_client_key fetch, tries it now and says why; the log has what was tried then."
    ),
    RefusalReason.EXPIRED_ASSERTION: _(
        "The client assertion had expired when it came: the program must make one for each "
        "request, and its clock must be right."
    ),
    RefusalReason.WRONG_ASSERTION_AUDIENCE: _(
        "The client assertion was meant for another server: its aud must be this server's issuer "
        "and nothing else. For older client libraries the URL of the token endpoint can be "
        "allowed, too (its Credentials tab, or cc_client update --accept-endpoint-audience)."
    ),
    RefusalReason.ASSERTION_LIVES_TOO_LONG: _(
        "The client assertion would have lived too long: its exp may be five minutes ahead at the "
        "most."
    ),
    RefusalReason.REPLAYED_ASSERTION: _(
        "The client assertion had been used before: the program must make one with a new jti for "
        "each request, also when it tries again. If it does, somebody else has read it."
    ),
    RefusalReason.CLIENT_EXPIRED: _(
        "The client had reached its end, which can be moved (its Limits tab, or cc_client update "
        "--expires-in or --never-expires)."
    ),
    RefusalReason.CLIENT_DISABLED: _(
        "The client was disabled: its Overview, or cc_client show, says by whom and why; Enable, "
        "or cc_client enable, lets it get tokens again."
    ),
    RefusalReason.NETWORK_NOT_ALLOWED: _(
        "The client came from a network it may not ask for tokens from, or its address could not "
        "be told: its Limits tab, or cc_client show, lists its networks; there, or by "
        "cc_client update --allow-network or --any-network, they are changed. Behind a proxy "
        "TRUSTED_PROXIES must be right."
    ),
    RefusalReason.RATE_LIMITED: _(
        "The client had as many tokens as its rate allows in a minute: the program must keep a "
        "token until it expires, or be allowed more (its Limits tab, or cc_client update --rate)."
    ),
    RefusalReason.GRANT_NOT_SUPPORTED: _(
        "The request asked for another grant: this server serves "
        "grant_type=client_credentials alone."
    ),
    RefusalReason.SCOPE_NOT_GRANTED: _(
        "The client does not hold every scope it needed: its API access tab, or cc_access list, "
        "shows what it holds; there, or by cc_access grant, it is given more."
    ),
    RefusalReason.SCOPE_AMBIGUOUS: _(
        "Several APIs fitted the request: the program must name one as resource, or the client "
        "be given a default API."
    ),
    RefusalReason.API_NOT_GRANTED: _(
        "The client has no access to the API it asked for, or there is no such API: its API access "
        "tab, or cc_access list, shows where it has access."
    ),
    RefusalReason.BAD_TOKEN: _(
        "The access token was not one of this server's: it is cut, altered, or issued elsewhere."
    ),
    RefusalReason.EXPIRED_TOKEN: _(
        "The access token had expired: the program must get a new one with the request that got "
        "it the first."
    ),
    RefusalReason.REVOKED_TOKEN: _(
        "The access token had been revoked: a new one works, unless the client is disabled too."
    ),
    RefusalReason.WRONG_AUDIENCE: _(
        "The access token was meant for another API: the program must ask for one with the right "
        "resource or scope."
    ),
    RefusalReason.NOT_ADOPTED: _(
        "The application is not a machine client yet, and the toolkit's endpoint may not serve it: "
        "cc_adopt makes it one, REFUSE_UNADOPTED = False lets the toolkit serve it as before."
    ),
    RefusalReason.SERVER_NOT_READY: _(
        "The server could not answer: its database was away, it had no usable signing key, or its "
        "EXTRA_CLAIMS failed. Its log says which."
    ),
}


def explain_refusal(reason: str) -> str:
    """Return the sentence for a `RefusalReason`, as an event has it; empty for other words."""
    return str(_EXPLANATIONS.get(reason, ""))
