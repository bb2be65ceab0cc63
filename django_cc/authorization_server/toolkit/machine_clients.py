"""Tell machine clients from the other Applications of the toolkit, by their client IDs."""

from typing import Any

from django.db.models import QuerySet
from oauth2_provider.models import AbstractApplication, get_application_model

from django_cc.authorization_server.database import get_database
from django_cc.models import MachineClient


def is_machine_client(client_id: str | None) -> bool:
    """Tell whether a machine client has that client ID.

    One query, the same whatever the answer. It asks the database and not the snapshot: the
    toolkit's endpoints must not know a client for a moment longer than it is theirs.
    """
    if not can_be_stored(client_id):
        return False
    rows = MachineClient.objects.using(get_database())
    return rows.filter(application__client_id=client_id).exists()


def is_left_to_toolkit(client_ids: set[str]) -> bool:
    """Tell whether one of these client IDs is an Application's that is no machine client.

    One query, the same whatever the answer.
    """
    stored = [client_id for client_id in client_ids if can_be_stored(client_id)]
    return _select_others().filter(client_id__in=stored).exists()


def can_be_stored(client_id: str | None) -> bool:
    """Tell whether a client can have that ID: PostgreSQL's driver raises for a NUL in a text."""
    return bool(client_id) and "\0" not in str(client_id)


def select_unadopted(database: str) -> QuerySet[AbstractApplication]:
    """Return the Applications for client credentials that are no machine clients, by name."""
    model: type[AbstractApplication] = get_application_model()
    rows = _select_others().using(database)
    grant = model.GRANT_CLIENT_CREDENTIALS
    return rows.filter(authorization_grant_type=grant).order_by("name", "pk")


def has_others() -> bool:
    """Tell whether the toolkit has Applications that are no machine clients, of any grant."""
    return _select_others().exists()


def _select_others() -> QuerySet[AbstractApplication]:
    rows: QuerySet[Any] = get_application_model()._default_manager.using(get_database())
    return rows.filter(machine_client=None)
