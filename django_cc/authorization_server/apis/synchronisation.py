"""Write the APIs of `DJANGO_CC["APIS"]` to the database."""

from collections.abc import Sequence

from django.db import transaction

from django_cc.authorization_server import audit
from django_cc.authorization_server.audit import Actor
from django_cc.authorization_server.configured_apis import ConfiguredAPI
from django_cc.authorization_server.database import get_database
from django_cc.authorization_server.settings import get_settings
from django_cc.authorization_server.snapshot.revision import lock_revision, publish
from django_cc.models import API, AuditEvent, Scope


def synchronise_after_migrate(*, using: str, **_kwargs: object) -> None:
    """Receive `post_migrate` of our app: bring its tables in step with the setting.

    Nothing happens on another database than ours, and nothing while our tables are being
    removed (`migrate django_cc zero`).
    """
    tables = API._meta.db_table, Scope._meta.db_table, AuditEvent._meta.db_table
    connection = transaction.get_connection(using)
    if using != get_database() or not set(tables) <= set(connection.introspection.table_names()):
        return
    synchronise_apis(get_settings().configured_apis, Actor.for_command("migrate"))


def synchronise_apis(configured: Sequence[ConfiguredAPI], actor: Actor) -> None:
    """Create or update each configured API and its scopes; delete nothing.

    Idempotent: where nothing differs, nothing is written and no revision is used up.
    """
    with transaction.atomic(using=get_database()):
        lock_revision()
        changed = [api for entry in configured if (api := _synchronise(entry)) is not None]
        if changed:
            detail = ", ".join(api.identifier for api in changed)
            audit.record(AuditEvent.Event.APIS_CONFIGURED, actor, detail=detail)
            publish(*changed)


def _synchronise(entry: ConfiguredAPI) -> API | None:
    wanted = {"name": entry.name, "from_configuration": True}
    api, created = API.objects.get_or_create(identifier=entry.identifier, defaults=wanted)
    differs = any(getattr(api, field) != value for field, value in wanted.items())
    if differs:
        API.objects.filter(pk=api.pk).update(**wanted)
    scopes_differ = _synchronise_scopes(api, entry)
    return api if created or differs or scopes_differ else None


def _synchronise_scopes(api: API, entry: ConfiguredAPI) -> bool:
    present = dict(api.scopes.values_list("name", "description"))
    missing_or_other = {
        name: description
        for name, description in entry.scopes.items()
        if present.get(name) != description
    }
    for name, description in missing_or_other.items():
        Scope.objects.update_or_create(api=api, name=name, defaults={"description": description})
    return bool(missing_or_other)
