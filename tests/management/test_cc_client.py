"""`manage.py cc_client`."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from oauth2_provider.models import get_application_model

from django_cc.authorization_server import recording
from django_cc.models import AuditEvent, MachineClient, Scope
from tests.machines import Machine, TokenEndpoint, call

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    output = StringIO()
    call_command("cc_client", *arguments, stdout=output)
    return output.getvalue()


def test_prints_what_a_program_needs_as_json(token_endpoint: TokenEndpoint) -> None:
    printed = json.loads(run("create", "Billing sync", "--scope", "orders:read", "--json"))

    assert printed["token_url"] == "https://auth.example.com/oauth/token"
    assert printed["scope"] == "orders:read"
    assert printed["audience"] == "https://orders.example.com"
    machine = Machine(MachineClient.objects.get(), printed["client_id"], printed["client_secret"])
    assert call(token=token_endpoint.access_token(machine)).status_code == 200


def test_prints_the_same_for_people() -> None:
    printed = run("create", "Billing sync", "--scope", "orders:read orders:write")

    assert "client_secret      dccs_" in printed
    assert "shown only now" in printed
    assert "Works everywhere within 5 seconds." in printed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--scope", "unknown"], "No API offers the scope “unknown”. There are: billing:read"),
        (["--scope", "billing:read", "--api", "https://orders.example.com"], "offers no scope"),
        (["--scope", "orders:read", "--api", "https://none.example.com"], "offers no scope"),
        ([], "--scope"),
    ],
    ids=str,
)
def test_refuses_scopes_that_are_not_there(arguments: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        run("create", "Billing sync", *arguments)

    assert not MachineClient.objects.exists()


@pytest.fixture
def shared_scope() -> None:
    """Two APIs that offer a scope of the same name."""
    orders = Scope.objects.get(name="orders:read").api
    Scope.objects.create(api=orders, name="shared:read")


def test_refuses_a_scope_that_two_apis_offer(shared_scope: None) -> None:
    with pytest.raises(CommandError, match="Several APIs offer the scope “shared:read”"):
        run("create", "Billing sync", "--scope", "shared:read")


def test_takes_the_scope_of_the_api_that_is_named(shared_scope: None) -> None:
    api = "https://billing.example.com"

    printed = json.loads(
        run("create", "Billing sync", "--scope", "shared:read", "--api", api, "--json")
    )

    assert printed["audience"] == api


def test_names_no_audience_where_the_request_must(machine: Machine) -> None:
    printed = json.loads(
        run("create", "Both", "--scope", "orders:read", "--scope", "billing:read", "--json")
    )

    assert (printed["scope"], printed["audience"]) == (None, None)


def test_refuses_a_name_that_is_taken(machine: Machine) -> None:
    with pytest.raises(CommandError, match="already a machine client named"):
        run("create", machine.row.name, "--scope", "orders:read")


def test_says_what_to_do_before_there_is_an_api() -> None:
    Scope.objects.all().delete()

    with pytest.raises(CommandError, match="run “migrate”"):
        run("create", "Billing sync", "--scope", "orders:read")


def test_disables_and_enables(token_endpoint: TokenEndpoint, machine: Machine) -> None:
    statuses = []
    for action in ("disable", "enable"):
        run(action, machine.client_id)
        statuses.append(token_endpoint.post(authorization=machine.basic()).status_code)

    assert statuses == [401, 200]


@pytest.mark.parametrize("action", ["disable", "enable"])
def test_tells_whether_anything_changed(machine: Machine, action: str) -> None:
    if action == "enable":
        run("disable", machine.client_id)

    changed = [json.loads(run(action, machine.client_id, "--json"))["changed"] for _ in range(2)]

    assert changed == [True, False]


def test_tells_from_when_on_the_kill_holds(machine: Machine) -> None:
    told = json.loads(run("disable", machine.client_id, "--json"))
    run("enable", machine.client_id)
    words = run("disable", machine.client_id)

    assert (told["dead_here_within"], told["dead_everywhere_within"]) == (5, 605)
    assert "refused here within 5 seconds, by APIs that check offline within 605." in words


def test_says_in_words_that_nothing_changed(machine: Machine) -> None:
    assert "was enabled already" in run("enable", machine.client_id)
    assert "is disabled." in run("disable", machine.client_id, "--reason", "leak")
    assert AuditEvent.objects.get(event="client_disabled").reason == "leak"


@pytest.mark.parametrize("action", ["disable", "enable"])
def test_says_that_a_client_is_unknown(db: Any, action: str) -> None:
    with pytest.raises(CommandError, match="no machine client with the client ID “nobody”"):
        run(action, "nobody")


BOTH = ["--scope", "orders:read", "--scope", "billing:read", "--default-api"]


def test_sets_the_api_that_is_meant_when_a_request_does_not_say() -> None:
    printed = json.loads(run("create", "Both", *BOTH, "https://billing.example.com", "--json"))

    assert printed["audience"] == "https://billing.example.com"
    assert printed["scope"] == "billing:read"


@pytest.mark.parametrize(
    ("identifier", "message"),
    [("https://none.example.com", "no API"), ("https://billing.example.com", "must offer one")],
)
def test_refuses_a_default_api_the_client_cannot_call(identifier: str, message: str) -> None:
    with pytest.raises(CommandError, match=message):
        run("create", "One", "--scope", "orders:read", "--default-api", identifier)


def test_lists_and_shows_everything_but_secrets(machine: Machine) -> None:
    listed = json.loads(run("list", "--json"))
    shown = json.loads(run("show", machine.client_id, "--json"))

    assert listed == [shown]
    assert shown["status"] == "active"
    assert shown["access"] == {"https://orders.example.com": ["orders:read", "orders:write"]}
    assert "dccs_" not in json.dumps(shown)


def test_lists_and_shows_for_people(machine: Machine) -> None:
    assert machine.client_id in run("list")
    assert "orders:read orders:write" in run("show", machine.client_id)


def test_says_what_to_do_where_there_is_no_client() -> None:
    assert "cc_client create" in run("list")


def test_deletes_a_disabled_client_for_good(
    token_endpoint: TokenEndpoint, machine: Machine
) -> None:
    run("disable", machine.client_id)

    run("delete", machine.client_id, "--reason", "Not needed any more")

    assert not MachineClient.objects.exists()
    assert not get_application_model().objects.exists()
    assert token_endpoint.post(authorization=machine.basic()).status_code == 401
    event = AuditEvent.objects.get(event="client_deleted")
    assert (event.client_name, event.reason) == (machine.row.name, "Not needed any more")


def test_deletes_no_client_that_is_enabled(machine: Machine) -> None:
    with pytest.raises(CommandError, match="Disable the client first"):
        run("delete", machine.client_id)

    assert MachineClient.objects.exists()


def use(token_endpoint: TokenEndpoint, machine: Machine) -> None:
    recording._forget()
    token_endpoint.access_token(machine)
    token_endpoint.post("grant_type=client_credentials&scope=no", authorization=machine.basic())
    recording.write_down()


def test_tells_what_a_client_did(token_endpoint: TokenEndpoint, machine: Machine) -> None:
    use(token_endpoint, machine)

    usage = json.loads(run("usage", machine.client_id, "--json"))

    assert (usage["issued"], usage["refused"]) == (1, 1)
    assert usage["last_used_address"] == "127.0.0.1"
    [hour] = usage["hours"]
    assert hour["issued"] == {"https://orders.example.com": 1}
    assert hour["refused"] == {"scope_not_granted": 1}


def test_tells_what_a_client_did_in_words(token_endpoint: TokenEndpoint, machine: Machine) -> None:
    use(token_endpoint, machine)

    printed = run("usage", machine.client_id, "--since", "7d")

    assert "issued 1 for https://orders.example.com  refused 1 scope_not_granted" in printed
    assert "1 issued and 1 refused since" in printed


def test_tells_that_a_client_did_nothing(machine: Machine) -> None:
    assert "0 issued and 0 refused" in run("usage", machine.client_id)


def test_shows_when_a_client_was_used_last(token_endpoint: TokenEndpoint, machine: Machine) -> None:
    before = json.loads(run("show", machine.client_id, "--json"))["last_used_at"]
    use(token_endpoint, machine)

    assert before is None
    assert json.loads(run("show", machine.client_id, "--json"))["last_used_at"]
