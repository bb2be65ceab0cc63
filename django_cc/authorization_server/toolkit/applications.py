"""The toolkit's Application behind each machine client."""

import secrets as randomness

from django.contrib.auth.hashers import make_password
from oauth2_provider.models import AbstractApplication, get_application_model

_DISCARDED_SECRET_BYTES = 32


def hash_discarded_secret() -> str:
    """Return what stands where the toolkit keeps a client secret.

    The hash of random bytes that are discarded here, made by the project's own password hasher:
    nobody has the secret that would match at the toolkit's endpoints (docs/decisions/0002). It
    takes as long as a password hash does: call it before locking anything.
    """
    return make_password(randomness.token_urlsafe(_DISCARDED_SECRET_BYTES))


def delete_application(application_id: int) -> None:
    """Delete the Application of a machine client that is gone, and what the toolkit keeps of it."""
    get_application_model()._default_manager.filter(pk=application_id).delete()


def rename_application(application_id: int, name: str) -> None:
    """Give the Application of a machine client the name that the client has been given."""
    get_application_model()._default_manager.filter(pk=application_id).update(name=name)


def create_application(*, client_id: str, name: str, hashed_secret: str) -> AbstractApplication:
    """Create the Application of a new machine client.

    It is confidential, for this one grant, and belongs to no user: the toolkit deletes the
    Applications of a deleted user, while the owner of a machine client may leave.
    """
    application_model: type[AbstractApplication] = get_application_model()
    application: AbstractApplication = application_model._default_manager.create(
        client_id=client_id,
        name=name,
        user=None,
        client_type=application_model.CLIENT_CONFIDENTIAL,
        authorization_grant_type=application_model.GRANT_CLIENT_CREDENTIALS,
        client_secret=hashed_secret,
        hash_client_secret=True,
    )
    return application
