"""Find one machine client, or who may own one."""

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import Group
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


def find_owner(username: str) -> AbstractBaseUser:
    """Return the user of that name, by whatever the project's users are named.

    Raises:
        ValidationError: there is none; for the field `owner`.
    """
    users = get_user_model()
    try:
        return users._default_manager.get_by_natural_key(username)
    except (users.DoesNotExist, ValueError):  # ValueError: users are named by a number
        problem = _("There is no user “%(name)s”.") % {"name": username}
        raise ValidationError({"owner": problem}) from None


def find_group(name: str) -> Group:
    """Return the group of that name.

    Raises:
        ValidationError: there is none; for the field `owning_group`.
    """
    group = Group.objects.filter(name=name).first()
    if group is None:
        problem = _("There is no group “%(name)s”.") % {"name": name}
        raise ValidationError({"owning_group": problem})
    return group


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
