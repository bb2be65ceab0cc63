"""Create, change and delete the scopes of APIs."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from django_cc.authorization_server.apis.api_editing import (
    LONGEST_TEXT,
    lock_api,
    require_not_configured,
)
from django_cc.authorization_server.apis.in_use import require_unused_scope
from django_cc.authorization_server.apis.restriction import require_may_give
from django_cc.authorization_server.audit import trail
from django_cc.authorization_server.audit.trail import Actor
from django_cc.authorization_server.database import get_database
from django_cc.authorization_server.one_line import clean_line
from django_cc.authorization_server.settings import get_settings
from django_cc.authorization_server.snapshot.revision import publish
from django_cc.authorization_server.unchanged import UNCHANGED, Unchanged
from django_cc.models import API, AuditEvent, Scope
from django_cc.protocol.scope import is_scope_token


def create_scope(
    api: API, name: str, actor: Actor, *, description: str = "", restricted: bool = False
) -> Scope:
    """Have an API offer one more scope; no client holds it yet.

    Args:
        api: at which API.
        name: a scope token (RFC 6749 §3.3) of at most 255 characters; it goes into tokens and
            cannot be changed.
        actor: who does it.
        description: what it allows, at most 255 characters.
        restricted: whether it takes a right of its own to give it to a client.

    Raises:
        ValidationError: the name is no scope token, or taken, or the description does not fit,
            by field; or the API is from configuration, or gone.
    """
    require_scope_name(name)
    description = _clean_description(description)
    with transaction.atomic(using=get_database()):
        api = lock_api(api)
        require_not_configured(api)
        if api.scopes.filter(name=name).exists():
            problem = _("The API “%(api)s” offers “%(name)s” already: choose another name.")
            raise ValidationError({"name": problem % {"api": api.identifier, "name": name}})
        scope = Scope.objects.create(
            api=api, name=name, description=description, restricted=restricted
        )
        trail.record(AuditEvent.Event.SCOPE_CREATED, actor, detail=_describe(scope))
        publish()
    return scope


def update_scope(
    scope: Scope,
    actor: Actor,
    *,
    description: str | Unchanged = UNCHANGED,
    restricted: bool | Unchanged = UNCHANGED,
) -> bool:
    """Describe a scope anew, or restrict it; its name stays, because tokens carry it.

    Clients that hold it keep it: restricting counts when it is given.

    Returns:
        False where it was so already; then nothing is changed or recorded.

    Raises:
        ValidationError: the description does not fit, or the API is from configuration, or the
            scope is gone, or the actor is a user who may not give restricted scopes and lifts a
            restriction.
    """
    if not isinstance(description, Unchanged):
        description = _clean_description(description)
    wanted = {"description": description, "restricted": restricted}
    with transaction.atomic(using=get_database()):
        scope = _lock_scope(scope)
        require_not_configured(scope.api)
        new = {
            field: value
            for field, value in wanted.items()
            if value is not UNCHANGED and value != getattr(scope, field)
        }
        if not new:
            return False
        if new.get("restricted") is False:  # or lifting it would be the way around the right
            require_may_give([scope], actor)
        for field, value in new.items():
            setattr(scope, field, value)
        scope.save(update_fields=[*new])
        changes = "; ".join(f"{field}: {value or '-'}" for field, value in new.items())
        detail = f"{_describe(scope)}  {changes}"
        trail.record(AuditEvent.Event.SCOPE_UPDATED, actor, detail=detail)
        publish()
    return True


def delete_scope(scope: Scope, actor: Actor) -> None:
    """Delete a scope that no client holds; tokens that carry it were dead before.

    One that the settings no longer name at an API which they do name may be deleted too:
    `migrate` never deletes, and nothing would bring it back.

    Raises:
        ValidationError: clients hold it, or it is from configuration, or gone already.
    """
    with transaction.atomic(using=get_database()):
        scope = _lock_scope(scope)
        if is_configured(scope) or scope.api.built_in:
            require_not_configured(scope.api)
        require_unused_scope(scope)
        scope.delete()
        trail.record(AuditEvent.Event.SCOPE_DELETED, actor, detail=_describe(scope))
        publish()


def find_scope(api: API, name: str) -> Scope:
    """Return the scope of that name at `api`.

    Raises:
        ValidationError: there is none; says which there are.
    """
    scope = api.scopes.filter(name=name).first()
    if scope is None:
        offered = ", ".join(api.scopes.order_by("name").values_list("name", flat=True))
        problem = _("The API “%(api)s” offers no scope “%(name)s”. There are: %(offered)s.")
        names = {"api": api.identifier, "name": name, "offered": offered or _("none")}
        raise ValidationError({"name": problem % names})
    return scope


def is_configured(scope: Scope) -> bool:
    """Tell whether a scope is from configuration: its API is, and the settings still name both.

    Where the settings in force do not name the API at all, they may be another host's: yes.
    """
    configured = {entry.identifier: entry.scopes for entry in get_settings().configured_apis}
    named = configured.get(scope.api.identifier)
    return scope.api.from_configuration and (named is None or scope.name in named)


def require_scope_name(name: str) -> None:
    """Return if `name` can be that of a scope.

    Raises:
        ValidationError: it is no scope token (RFC 6749 §3.3) or too long; for the field.
    """
    if not is_scope_token(name):
        problem = _("Use printable ASCII without spaces, quotes and backslashes: orders:read.")
        raise ValidationError({"name": problem})
    if len(name) > LONGEST_TEXT:
        problem = _("Use at most %(length)d characters.") % {"length": LONGEST_TEXT}
        raise ValidationError({"name": problem})


def _lock_scope(scope: Scope) -> Scope:
    lock_api(scope.api)
    try:
        return Scope.objects.select_related("api").get(pk=scope.pk)
    except Scope.DoesNotExist:
        problem = _("The scope “%(name)s” has been deleted.") % {"name": scope.name}
        raise ValidationError(problem) from None


def _clean_description(description: str) -> str:
    return clean_line(description, field="description", longest=LONGEST_TEXT)


def _describe(scope: Scope) -> str:
    return f"{scope.name} at {scope.api.identifier}"
