"""What can be done to the credentials of a client: a page for each."""

from typing import Final

from django_cc.console.clients.client_page import ClientPage
from django_cc.console.clients.credentials.authentication_pages import (
    ChangeAuthenticationPage,
    EndpointAudiencePage,
    EndTransitionPage,
)
from django_cc.console.clients.credentials.check_page import CheckJWKSURLPage
from django_cc.console.clients.credentials.key_pages import AddKeyPage, JWKSURLPage
from django_cc.console.clients.credentials.revocation_pages import (
    RemoveJWKSURLPage,
    RemoveKeyPage,
    RevokeSecretPage,
)
from django_cc.console.clients.credentials.secret_pages import (
    CreateSecretPage,
    RotateSecretPage,
    UpdateSecretPage,
)

CREDENTIAL_ACTS: Final[tuple[type[ClientPage], ...]] = (
    CreateSecretPage,
    RotateSecretPage,
    UpdateSecretPage,
    RevokeSecretPage,
    AddKeyPage,
    RemoveKeyPage,
    JWKSURLPage,
    CheckJWKSURLPage,
    RemoveJWKSURLPage,
    ChangeAuthenticationPage,
    EndTransitionPage,
    EndpointAudiencePage,
)
