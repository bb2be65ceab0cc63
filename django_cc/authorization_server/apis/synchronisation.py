"""Write the APIs of `DJANGO_CC["APIS"]`, and the built-in one, to the database."""

import logging
from collections.abc import Sequence

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader

from django_cc.authorization_server.apis.built_in import synchronise_built_in_api
from django_cc.authorization_server.audit import trail
from django_cc.authorization_server.audit.trail import Actor
from django_cc.authorization_server.configured_apis import ConfiguredAPI, ConfiguredScope
from django_cc.authorization_server.database import get_database
from django_cc.authorization_server.settings import get_settings
from django_cc.authorization_server.snapshot.revision import lock_revision, publish
from django_cc.authorization_server.token_lifetimes import to_seconds
from django_cc.models import API, APIAccess, AuditEvent, Scope

logger = logging.getLogger(__name__)


def synchronise_after_migrate(*, using: str, **_kwargs: object) -> None:
    """Receive `post_migrate` of our app: bring its tables in step with the setting.

    Nothing happens on another database than ours, and nothing while our tables are not those of
    this code (`migrate django_cc zero`, or back to an earlier migration).
    """
    if using != get_database() or not _is_migrated(transaction.get_connection(using)):
        return
    dropped = synchronise_apis(get_settings().configured_apis, Actor.for_command("migrate"))
    for identifier, clients in dropped.items():
        logger.warning(
            'The API %s is no longer in DJANGO_CC["APIS"]; %d machine clients hold access to it.',
            identifier,
            clients,
        )


def _is_migrated(connection: BaseDatabaseWrapper) -> bool:
    loader = MigrationLoader(connection, ignore_no_migrations=True)
    latest = set(loader.graph.leaf_nodes(API._meta.app_label))
    tables = set(connection.introspection.table_names())
    return latest <= set(loader.applied_migrations) and API._meta.db_table in tables


def synchronise_apis(configured: Sequence[ConfiguredAPI], actor: Actor) -> dict[str, int]:
    """Create or update each configured API and its scopes, and the built-in one; delete nothing.

    Idempotent: where nothing differs, nothing is written and no revision is used up.

    Returns:
        The APIs that were configured before and are no more, by identifier, and how many clients
        hold access to each.

    Raises:
        ImproperlyConfigured: an API that is not built in has the issuer as its identifier.
    """
    with transaction.atomic(using=get_database()):
        lock_revision()
        changed = [api for entry in configured if (api := _synchronise(entry)) is not None]
        dropped = _release_dropped([entry.identifier for entry in configured])
        changed += dropped
        built_in = synchronise_built_in_api(get_settings().issuer)
        changed += [built_in] if built_in else []
        if changed:
            detail = ", ".join(api.identifier for api in changed)
            trail.record(AuditEvent.Event.APIS_CONFIGURED, actor, detail=detail)
            publish()
        return {api.identifier: _count_clients(api) for api in dropped}


def _release_dropped(identifiers: Sequence[str]) -> list[API]:
    rows = API.objects.filter(from_configuration=True).exclude(identifier__in=identifiers)
    dropped = list(rows)
    rows.update(from_configuration=False)
    return dropped


def _count_clients(api: API) -> int:
    return APIAccess.objects.filter(scope__api=api).values("client").distinct().count()


def _synchronise(entry: ConfiguredAPI) -> API | None:
    wanted = {
        "name": entry.name,
        "from_configuration": True,
        "token_lifetime": to_seconds(entry.token_lifetime),
    }
    api, created = API.objects.get_or_create(identifier=entry.identifier, defaults=wanted)
    differs = any(getattr(api, field) != value for field, value in wanted.items())
    if differs:
        API.objects.filter(pk=api.pk).update(**wanted)
    scopes_differ = _synchronise_scopes(api, entry)
    return api if created or differs or scopes_differ else None


def _synchronise_scopes(api: API, entry: ConfiguredAPI) -> bool:
    present = {
        scope.name: ConfiguredScope(scope.description, scope.restricted)
        for scope in api.scopes.all()
    }
    missing_or_other = {
        name: scope for name, scope in entry.scopes.items() if present.get(name) != scope
    }
    for name, scope in missing_or_other.items():
        values = {"description": scope.description, "restricted": scope.restricted}
        Scope.objects.update_or_create(api=api, name=name, defaults=values)
    return bool(missing_or_other)
