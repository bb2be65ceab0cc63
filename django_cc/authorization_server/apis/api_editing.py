"""Create, change and delete APIs."""

from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from django_cc.authorization_server.apis.in_use import require_unused_api
from django_cc.authorization_server.audit import trail
from django_cc.authorization_server.audit.trail import Actor
from django_cc.authorization_server.database import get_database
from django_cc.authorization_server.one_line import clean_line
from django_cc.authorization_server.settings import get_settings
from django_cc.authorization_server.snapshot.revision import lock_revision, publish
from django_cc.authorization_server.token_lifetimes import clean_token_lifetime
from django_cc.authorization_server.unchanged import UNCHANGED, Unchanged
from django_cc.models import API, AuditEvent
from django_cc.protocol.resource_indicator import is_absolute_uri

LONGEST_TEXT = 255


def create_api(
    identifier: str, actor: Actor, *, name: str = "", token_lifetime: timedelta | None = None
) -> API:
    """Create an API that has no scopes yet.

    Args:
        identifier: an absolute URI of at most 255 characters; it goes into tokens as their
            audience and cannot be changed.
        actor: who does it.
        name: at most 255 characters, for people; the identifier where it is empty.
        token_lifetime: how long tokens for it live, 60 seconds to 24 hours; None for
            `TOKEN_LIFETIME`. A client's own comes first.

    Raises:
        ValidationError: the identifier is none, or taken, or the name or lifetime does not
            fit; by field.
    """
    require_identifier(identifier)
    name = clean_line(name, field="name", longest=LONGEST_TEXT) or identifier
    seconds = clean_token_lifetime(token_lifetime)
    with transaction.atomic(using=get_database()):
        lock_revision()
        if API.objects.filter(identifier=identifier).exists():
            problem = _("There is already an API “%(api)s”: use it, or choose another identifier.")
            raise ValidationError({"identifier": problem % {"api": identifier}})
        api = API.objects.create(identifier=identifier, name=name, token_lifetime=seconds)
        detail = f"{identifier}  token_lifetime: {seconds}" if seconds else identifier
        trail.record(AuditEvent.Event.API_CREATED, actor, detail=detail)
        publish()
    return api


def update_api(
    api: API,
    actor: Actor,
    *,
    name: str | Unchanged = UNCHANGED,
    token_lifetime: timedelta | Unchanged | None = UNCHANGED,
) -> bool:
    """Change an API's name or token lifetime; its identifier stays, because tokens carry it.

    Tokens that are there keep the lifetime they have.

    Returns:
        False where it was so already; then nothing is changed or recorded.

    Raises:
        ValidationError: the name is empty or does not fit, or the lifetime is out of bounds, by
            field; or the API is from configuration or gone.
    """
    wanted: dict[str, Any] = {}
    if name is not UNCHANGED:
        wanted["name"] = _clean_name(name)
    if token_lifetime is not UNCHANGED:
        wanted["token_lifetime"] = clean_token_lifetime(token_lifetime)
    with transaction.atomic(using=get_database()):
        api = lock_api(api)
        require_not_configured(api)
        new = {field: value for field, value in wanted.items() if value != getattr(api, field)}
        if not new:
            return False
        detail = _describe_edit(api, new)
        for field, value in new.items():
            setattr(api, field, value)
        api.save(update_fields=list(new))
        trail.record(AuditEvent.Event.API_UPDATED, actor, detail=detail)
        publish()
    return True


def delete_api(api: API, actor: Actor) -> None:
    """Delete an API that no client uses, with its scopes; tokens for it were dead before.

    Raises:
        ValidationError: clients use it, or it is from configuration, or gone already.
    """
    with transaction.atomic(using=get_database()):
        api = lock_api(api)
        require_not_configured(api)
        require_unused_api(api)
        api.delete()
        trail.record(AuditEvent.Event.API_DELETED, actor, detail=api.identifier)
        publish()


def lock_api(api: API) -> API:
    """Return the API as it is now, unchanged by others until the transaction ends.

    Raises:
        ValidationError: it is gone.
    """
    lock_revision()
    try:
        return API.objects.get(pk=api.pk)
    except API.DoesNotExist:
        problem = _("The API “%(api)s” has been deleted.") % {"api": api.identifier}
        raise ValidationError(problem) from None


def require_not_configured(api: API) -> None:
    """Return if the API is kept here, and not in the settings.

    Raises:
        ValidationError: the next `migrate` would write again what is in the settings, and what
            is built in.
    """
    if api.built_in:
        problem = _("The API “%(api)s” is this server itself: it cannot be changed or deleted.")
        raise ValidationError(problem % {"api": api.identifier})
    if api.from_configuration:
        problem = _(
            'The API “%(api)s” is from configuration: change DJANGO_CC["APIS"] and run “migrate”.'
        )
        raise ValidationError(problem % {"api": api.identifier})


def require_identifier(identifier: str) -> None:
    """Return if `identifier` can be that of an API; it may be taken.

    Raises:
        ValidationError: it is no absolute URI, too long, or the issuer's; for the field.
    """
    if not is_absolute_uri(identifier):
        problem = _("Use an absolute URI without a fragment, for example https://api.example.com.")
        raise ValidationError({"identifier": problem})
    if len(identifier) > LONGEST_TEXT:
        problem = _("Use at most %(length)d characters.") % {"length": LONGEST_TEXT}
        raise ValidationError({"identifier": problem})
    if identifier == get_settings().issuer:
        problem = _("This is the issuer itself: choose another identifier for the API.")
        raise ValidationError({"identifier": problem})


def _clean_name(name: str) -> str:
    name = clean_line(name, field="name", longest=LONGEST_TEXT)
    if not name:
        raise ValidationError({"name": _("Give the API a name that says what it is.")})
    return name


def _describe_edit(api: API, new: dict[str, Any]) -> str:
    # The lifetime first: the trail cuts what is too long, and names may be long.
    changes = [
        f"{field}: {getattr(api, field) or '-'} → {new[field] or '-'}"
        for field in sorted(new, reverse=True)
    ]
    return f"{api.identifier}  {'; '.join(changes)}"
