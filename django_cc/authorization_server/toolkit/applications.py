"""The toolkit's Application behind each machine client."""

from oauth2_provider.models import AbstractApplication, get_application_model

# Stands where the toolkit keeps a client secret. It has the shape of a password hash, so the
# toolkit neither hashes it again nor compares it as plain text; and no input has the hash "!",
# so it matches nothing. An empty or otherwise marked value would let somebody in (decision 2).
MATCHES_NO_SECRET = "pbkdf2_sha256$1$!$!"  # noqa: S105 - the absence of a secret


def create_application(*, client_id: str, name: str) -> AbstractApplication:
    """Create the Application of a new machine client.

    It is confidential, for this one grant, and belongs to no user: the toolkit deletes the
    Applications of a deleted user, while the owner of a machine client may leave.
    """
    application_model: type[AbstractApplication] = get_application_model()  # type: ignore[no-untyped-call]  # the toolkit's
    application: AbstractApplication = application_model._default_manager.create(
        client_id=client_id,
        name=name,
        user=None,
        client_type=application_model.CLIENT_CONFIDENTIAL,
        authorization_grant_type=application_model.GRANT_CLIENT_CREDENTIALS,
        client_secret=MATCHES_NO_SECRET,
        hash_client_secret=True,
    )
    return application
