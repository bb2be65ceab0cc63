"""Find one machine client."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from django_cc.models import MachineClient


def find_client(client_id: str) -> MachineClient:
    """Return the machine client of that client ID.

    Raises:
        ValidationError: there is none.
    """
    try:
        return MachineClient.objects.select_related("application").get(
            application__client_id=client_id
        )
    except MachineClient.DoesNotExist:
        raise ValidationError(
            _("There is no machine client with the client ID “%(id)s”.") % {"id": client_id}
        ) from None


def lock_client(client: MachineClient) -> MachineClient:
    """Return the client as it is now, and hold its row until the transaction ends."""
    rows = MachineClient.objects.select_related("application").select_for_update(of=("self",))
    return rows.get(pk=client.pk)
