"""Choose the one method by which a request authenticates its client (RFC 6749 §2.3)."""

from django_cc.protocol.client_authentication.client_secret import (
    ClientSecretCredentials,
    read_basic,
)
from django_cc.protocol.client_authentication.private_key_jwt import (
    ClientAssertionCredentials,
    read_assertion,
)
from django_cc.protocol.errors import (
    InvalidClient,
    InvalidRequest,
    PresentedSecret,
    RefusalReason,
)
from django_cc.protocol.form import Form
from django_cc.protocol.names import ClientAuthenticationMethod, Parameter
from django_cc.protocol.secret_text import SecretText


def read_credentials(
    authorization: str | None, form: Form
) -> ClientSecretCredentials | ClientAssertionCredentials:
    """Return the credentials of a request that uses exactly one method.

    RFC 6749 §2.3: the client "MUST NOT use more than one authentication method in each request".

    Args:
        authorization: the Authorization header, None when there is none.
        form: the body.

    Raises:
        InvalidRequest: more than one method, or two different client IDs.
        InvalidClient: no method, one we do not support, or malformed credentials.
    """
    _refuse_two_methods(authorization, form)
    if form.get(Parameter.CLIENT_ASSERTION) is not None:
        return read_assertion(form)
    if authorization is not None:
        return _read_header(authorization, form)
    return _read_body(form)


def _refuse_two_methods(authorization: str | None, form: Form) -> None:
    used = (
        authorization is not None,
        form.get(Parameter.CLIENT_SECRET) is not None,
        form.get(Parameter.CLIENT_ASSERTION) is not None,
    )
    if sum(used) > 1:
        raise InvalidRequest("The request authenticates the client in more than one way.")


def _read_header(authorization: str, form: Form) -> ClientSecretCredentials:
    # "Basic" is compared without regard to case: RFC 9110 §11.1.
    scheme, _, encoded = authorization.strip(" ").partition(" ")
    if scheme.lower() != "basic":
        raise InvalidClient(reason=RefusalReason.AUTHENTICATION_METHOD_NOT_SUPPORTED)
    credentials = read_basic(encoded.strip(" "))
    if form.get(Parameter.CLIENT_ID) not in {None, credentials.client_id}:
        raise InvalidRequest("The client_id of the body is not the one that authenticates.")
    return credentials


def _read_body(form: Form) -> ClientSecretCredentials:
    client_id = form.get(Parameter.CLIENT_ID)
    secret = form.get(Parameter.CLIENT_SECRET)
    if client_id is None or secret is None:
        raise InvalidClient(
            "The request has no client credentials: send client_id and client_secret with HTTP "
            "Basic or in the body.",
            reason=RefusalReason.NO_CREDENTIALS,
            presented=PresentedSecret(SecretText(client_id or ""), SecretText(secret or "")),
        )
    return ClientSecretCredentials(
        client_id=client_id,
        client_secret=SecretText(secret),
        method=ClientAuthenticationMethod.CLIENT_SECRET_POST,
    )
