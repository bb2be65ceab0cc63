"""The built-in API: this server itself, reached by naming the issuer and nothing else."""

from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.management import CommandError, call_command

from django_cc.authorization_server.apis.api_editing import create_api, delete_api, update_api
from django_cc.authorization_server.apis.scope_choice import choose_scopes, find_api
from django_cc.authorization_server.apis.scope_editing import (
    create_scope,
    delete_scope,
    find_scope,
    update_scope,
)
from django_cc.authorization_server.clients.access import grant_access, revoke_access
from django_cc.authorization_server.clients.credentials import describe_credentials
from django_cc.authorization_server.clients.editing import Changes, update_client
from django_cc.authorization_server.clients.secrets import create_secret, default_expiry
from django_cc.authorization_server.settings import get_settings
from django_cc.authorization_server.tokens.local_verifier import LocalIssuer
from django_cc.models import API, AuditEvent, Revision
from tests.machines import ACTOR, Machine, TokenEndpoint, encode, read_json, register
from tests.projects.combined import ISSUER, ORDERS_API

pytestmark = pytest.mark.django_db

MOVED = "https://new.example.com"


@pytest.fixture
def built_in(db: None) -> API:
    return API.objects.get(built_in=True)


def migrate() -> None:
    call_command("migrate", verbosity=0)


def refusal(endpoint: TokenEndpoint, machine: Machine, **parameters: str) -> str:
    form = {"grant_type": "client_credentials", **parameters}
    answer = endpoint.post(encode(form), authorization=machine.basic())
    error: str = read_json(answer)["error"]
    return error


def test_is_there_after_migrate(built_in: API) -> None:
    assert (built_in.identifier, built_in.from_configuration) == (ISSUER, False)
    assert set(built_in.scopes.values_list("name", flat=True)) == {"client:read", "introspection"}


def test_moves_along_with_the_issuer(settings: Any, built_in: API) -> None:
    settings.DJANGO_CC = {**settings.DJANGO_CC, "ISSUER": MOVED}

    migrate()

    assert API.objects.get(built_in=True).pk == built_in.pk
    assert API.objects.get(pk=built_in.pk).identifier == MOVED
    assert AuditEvent.objects.filter(event="apis_configured", detail=MOVED).exists()


def test_keeps_what_was_granted_when_it_moves(settings: Any, token_endpoint: TokenEndpoint) -> None:
    machine = register(scopes=["introspection"])
    settings.DJANGO_CC = {**settings.DJANGO_CC, "ISSUER": MOVED}
    migrate()

    issued = token_endpoint.issue(machine, resource=MOVED)

    assert issued["scope"] == "client:read introspection"


def test_uses_up_no_revision_where_nothing_differs() -> None:
    before = Revision.objects.get().number

    migrate()

    assert Revision.objects.get().number == before


def test_stops_where_another_api_has_the_identifier(settings: Any) -> None:
    create_api(MOVED, ACTOR)
    settings.DJANGO_CC = {**settings.DJANGO_CC, "ISSUER": MOVED}

    with pytest.raises(ImproperlyConfigured, match="no API can have the issuer's identifier"):
        migrate()


def test_is_no_api_of_the_settings(settings: Any) -> None:
    settings.DJANGO_CC = {**settings.DJANGO_CC, "APIS": {ISSUER: {"scopes": {}}}}

    with pytest.raises(ImproperlyConfigured, match="names the issuer"):
        get_settings()


CHANGES: dict[str, Any] = {
    "deleted": lambda api: delete_api(api, ACTOR),
    "renamed": lambda api: update_api(api, ACTOR, name="Mine"),
    "given a scope": lambda api: create_scope(api, "more", ACTOR),
    "without a scope": lambda api: delete_scope(find_scope(api, "introspection"), ACTOR),
    "described anew": lambda api: update_scope(
        find_scope(api, "client:read"), ACTOR, description="Mine"
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_is_never(built_in: API, change: Any) -> None:
    with pytest.raises(ValidationError, match="is this server itself"):
        change(built_in)


def test_every_client_may_read_itself_without_being_granted_it(
    token_endpoint: TokenEndpoint, machine: Machine
) -> None:
    issued = token_endpoint.issue(machine, resource=ISSUER)

    assert issued["scope"] == "client:read"


@pytest.mark.parametrize("scopes", [[], ["orders:read"]], ids=["no access", "one API"])
def test_a_client_gets_what_it_asks_for_there(
    token_endpoint: TokenEndpoint, scopes: list[str]
) -> None:
    machine = register("Sync", scopes)

    assert token_endpoint.issue(machine, resource=ISSUER, scope="client:read")
    wrong = refusal(token_endpoint, machine, resource=ISSUER, scope="introspection")
    assert wrong == "invalid_scope"


def test_is_never_inferred_from_a_scope(token_endpoint: TokenEndpoint) -> None:
    machine = register(scopes=["orders:read", "introspection"])

    assert refusal(token_endpoint, machine, scope="client:read") == "invalid_scope"
    assert refusal(token_endpoint, machine, scope="introspection") == "invalid_scope"


def test_makes_no_second_api_of_one(token_endpoint: TokenEndpoint) -> None:
    machine = register(scopes=["orders:read", "introspection"])

    assert token_endpoint.issue(machine)["scope"] == "orders:read"


def test_is_no_clients_only_api(token_endpoint: TokenEndpoint) -> None:
    machine = register(scopes=["introspection"])

    assert refusal(token_endpoint, machine) == "invalid_scope"


def test_is_no_clients_default(built_in: API) -> None:
    machine = register(scopes=["introspection"])

    with pytest.raises(ValidationError, match="default API"):
        update_client(machine.row, Changes(default_api=built_in), ACTOR)


def test_is_not_in_the_credentials_file() -> None:
    machine = register(scopes=["orders:read", "introspection"])

    new = create_secret(machine.row, ACTOR, expires_at=default_expiry())

    assert describe_credentials(new).audience == ORDERS_API


def test_is_not_the_projects_only_api(settings: Any) -> None:
    settings.DJANGO_CC = {**settings.DJANGO_CC, "APIS": {}}
    API.objects.filter(built_in=False).exclude(identifier=ORDERS_API).delete()

    assert list(LocalIssuer().get_audiences()) == [ORDERS_API]


def test_may_be_named_by_a_view(settings: Any) -> None:
    assert [message for message in run_checks() if message.id == "django_cc.E006"] == []


def test_what_every_client_holds_cannot_be_granted() -> None:
    with pytest.raises(ValidationError, match="No API offers the scope “client:read”"):
        choose_scopes(["client:read"])


def test_taking_introspection_away_kills_its_tokens(
    token_endpoint: TokenEndpoint, built_in: API
) -> None:
    machine = register(scopes=[])
    scopes = choose_scopes(["introspection"])
    grant_access(machine.row, scopes, ACTOR)
    revoke_access(machine.row, scopes, ACTOR)

    assert token_endpoint.issue(machine, resource=ISSUER)["scope"] == "client:read"


def test_cannot_be_made_by_command() -> None:
    with pytest.raises(CommandError, match="This is the issuer itself"):
        call_command("cc_api", "create", ISSUER)
    assert find_api(ISSUER).built_in
