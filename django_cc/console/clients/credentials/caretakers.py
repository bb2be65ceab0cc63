"""Whom to ask for credentials of a client."""

from django.utils.translation import gettext

from django_cc.console.site.rights import Right, may
from django_cc.models import MachineClient


def list_who_may_issue(client: MachineClient) -> list[str]:
    """Return the client's owner and its group, if they may create credentials."""
    owner, group, found = client.owner, client.owning_group, []
    if owner is not None and may(owner, Right.ISSUE_CREDENTIAL):  # no inactive account may
        found.append(owner.get_username())
    if group is not None and group.permissions.filter(
        content_type__app_label="django_cc", codename=Right.ISSUE_CREDENTIAL
    ):
        found.append(gettext("%(name)s group") % {"name": group.name})
    return found
