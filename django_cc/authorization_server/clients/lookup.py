"""Find one machine client."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from django_cc.authorization_server.snapshot.revision import lock_revision
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
    """Return the client as it is now, unchanged by others until the transaction ends.

    Raises:
        ValidationError: it is gone.
    """
    lock_revision()
    try:
        return MachineClient.objects.select_related("application").get(pk=client.pk)
    except MachineClient.DoesNotExist:
        raise ValidationError(_("The machine client has been deleted.")) from None
