"""The token that a request is about, at revocation and introspection (RFC 7009, RFC 7662 §2.1)."""

from django_cc.protocol.errors import InvalidRequest
from django_cc.protocol.form import Form
from django_cc.protocol.names import Parameter


def read_token_parameter(form: Form, *, client_id: str) -> str:
    """Return the token, as it was sent by the client that has authenticated.

    `token_type_hint` is ignored, whatever it says: there is one type of token here, and a wrong
    hint must not hide one (RFC 7009 §2.1).

    Raises:
        InvalidRequest: it is missing.
    """
    token = form.get(Parameter.TOKEN)
    if token is None:
        raise InvalidRequest("The parameter token is missing.", client_id=client_id)
    return token
