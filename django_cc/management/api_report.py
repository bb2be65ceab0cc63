"""APIs and scopes as commands print them, and how many machine clients use each."""

from typing import Any

from django.db.models import Count

from django_cc.authorization_server.apis.scope_editing import is_configured
from django_cc.models import API, Scope


def list_apis() -> list[dict[str, Any]]:
    """Return every API as JSON: scopes, who introspects, seconds; five queries."""
    clients = Count("scopes__access__client", distinct=True)
    rows = API.objects.annotate(clients=clients).prefetch_related(
        "scopes", "introspectors__client__application"
    )
    return [
        {
            "identifier": api.identifier,
            "name": api.name,
            "scopes": sorted(scope.name for scope in api.scopes.all()),
            "clients": api.clients,
            "token_lifetime": api.token_lifetime,
            "from_configuration": api.from_configuration,
            "built_in": api.built_in,
            "introspectors": sorted(row.client.client_id for row in api.introspectors.all()),
        }
        for api in rows.order_by("identifier")
    ]


def list_scopes(api: API | None) -> list[dict[str, Any]]:
    """Return every scope as JSON, of `api` or of all; one query."""
    rows = Scope.objects.select_related("api").annotate(clients=Count("access"))
    if api is not None:
        rows = rows.filter(api=api)
    return [
        {
            "api": scope.api.identifier,
            "name": scope.name,
            "description": scope.description,
            "restricted": scope.restricted,
            "clients": scope.clients,
            "from_configuration": is_configured(scope),
        }
        for scope in rows.order_by("api__identifier", "name")
    ]
