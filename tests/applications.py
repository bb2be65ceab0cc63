"""Applications of django-oauth-toolkit, as a project has them before it adopts them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.crypto import get_random_string
from oauth2_provider.models import get_access_token_model, get_application_model

from django_cc.models import MachineClient
from tests.machines import Machine

CHOSEN = "correct horse battery staple"


def generate_secret() -> str:
    """Return a secret of the shape that the toolkit's generator has."""
    return get_random_string(128)


def create_application(client_secret: str | None = None, **fields: Any) -> Machine:
    """Create one for the client credentials grant, as the toolkit does; no client of ours yet."""
    secret = generate_secret() if client_secret is None else client_secret
    model = get_application_model()
    values = {
        "name": "Nightly export",
        "client_type": model.CLIENT_CONFIDENTIAL,
        "authorization_grant_type": model.GRANT_CLIENT_CREDENTIALS,
        "client_secret": secret,
    }
    row = model.objects.create(**{**values, **fields})
    return Machine(MachineClient(), row.client_id, secret)


def find_application(machine: Machine) -> Any:
    """Return the Application as it is now."""
    return get_application_model().objects.get(client_id=machine.client_id)


def add_token(machine: Machine, scope: str = "orders:read", **fields: Any) -> Any:
    """Give it an access token of the toolkit's."""
    created = fields.pop("created", None)
    token = get_access_token_model().objects.create(
        application=find_application(machine),
        token=get_random_string(30),
        scope=scope,
        expires=datetime.now(UTC) + timedelta(hours=1),
        **fields,
    )
    if created is not None:
        get_access_token_model().objects.filter(pk=token.pk).update(created=created)
    return token


def find_client(machine: Machine) -> MachineClient:
    """Return the machine client that it has become."""
    rows = MachineClient.objects.select_related("application")
    return rows.get(application__client_id=machine.client_id)
