"""Who may give restricted scopes, and lift a restriction."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from django_cc.authorization_server.audit.trail import Actor
from django_cc.models import Scope


def require_may_give(scopes: Sequence[Scope], actor: Actor) -> None:
    """Return if the actor may give these scopes to a client.

    Restricted ones take a right of their own where the actor is a user; whoever runs commands
    holds the database in their hands.

    Raises:
        ValidationError: some are restricted, and the user may not give them; for the field.
    """
    user: Any = actor.user
    if user is None or user.has_perm("django_cc.grant_restricted_scope"):
        return
    # As they are now: the rows that were chosen may be older.
    rows = Scope.objects.filter(pk__in=[scope.pk for scope in scopes], restricted=True)
    names = ", ".join(sorted(rows.values_list("name", flat=True)))
    if names:
        problem = _("Needs someone who may grant restricted scopes: %(names)s.")
        raise ValidationError({"scopes": problem % {"names": names}})
