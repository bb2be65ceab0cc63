"""`manage.py cc_adopt`: a plan first, then machine clients of the toolkit's Applications."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import check_password
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.core.management.base import OutputWrapper
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from oauth2_provider.contrib.rest_framework import OAuth2Authentication, TokenHasScope
from oauth2_provider.models import get_access_token_model, get_application_model
from rest_framework.response import Response
from rest_framework.views import APIView

from django_cc.authorization_server.adoption.adopting import adopt_planned
from django_cc.authorization_server.adoption.plan import AdoptionRules, plan_adoption
from django_cc.authorization_server.adoption.proposals import ScopeRules
from django_cc.authorization_server.toolkit.adoption_candidates import Selection
from django_cc.management.adoption_report import AdoptionReport
from django_cc.models import API, AuditEvent, ClientSecret, MachineClient, Scope
from tests.applications import (
    CHOSEN,
    add_token,
    create_application,
    find_application,
    find_client,
)
from tests.machines import ACTOR, TokenEndpoint, register
from tests.projects.combined import BILLING_API, ORDERS_API
from tests.services.plugin import NestedPytest

pytestmark = pytest.mark.django_db


def run(*arguments: str, **options: Any) -> str:
    output = StringIO()
    call_command("cc_adopt", *arguments, **{"stdout": output, "stderr": StringIO(), **options})
    return output.getvalue()


def plan(*arguments: str) -> dict[str, Any]:
    """Return the one Application of a plan."""
    (only,) = json.loads(run("--json", *arguments))["applications"]
    document: dict[str, Any] = only
    return document


def create_user(name: str = "ada", **fields: Any) -> Any:
    return get_user_model().objects.create_user(name, **fields)


def test_plans_and_changes_nothing() -> None:
    machine = create_application(user=create_user())
    add_token(machine, "orders:read orders:write")
    before = find_application(machine).__dict__

    printed = run()

    assert machine.client_id in printed
    assert "scopes: orders:read orders:write" in printed
    assert "1 to adopt (0 without a scope), 0 need --force, 0 cannot be adopted." in printed
    assert {**find_application(machine).__dict__, "_state": None} == {**before, "_state": None}
    assert not MachineClient.objects.exists()


def test_tells_programs_the_plan() -> None:
    machine = create_application(user=create_user())
    token = add_token(machine, "orders:read")

    document = json.loads(run("--json"))

    assert document["totals"] == {
        "adopt": 1,
        "needs_force": 0,
        "impossible": 0,
        "without_scopes": 0,
    }
    assert not document["applied"]
    assert document["applications"] == [
        {
            "client_id": machine.client_id,
            "verdict": "adopt",
            "because": [],
            "name": "Nightly export",
            "application_name": "Nightly export",
            "owner": "ada",
            "secret": "hash",
            "recent_tokens": 1,
            "last_token_at": token.created.isoformat(timespec="seconds"),
            "access": {ORDERS_API: ["orders:read"]},
            "restricted_granted": [],
            "unknown_scopes": [],
            "ambiguous_scopes": [],
            "restricted_scopes": [],
        }
    ]


def test_makes_a_machine_client_that_gets_tokens_by_the_same_credentials(
    token_endpoint: TokenEndpoint,
) -> None:
    machine = create_application(user=create_user())
    add_token(machine)

    run("--apply", "--all")

    assert token_endpoint.issue(machine)["scope"] == "orders:read"


def test_makes_the_user_the_owner_and_takes_it_from_the_application() -> None:
    user = create_user()
    machine = create_application(user=user)

    run("--apply", "--all")

    client = find_client(machine)
    assert client.owner == user
    assert client.managed_by == MachineClient.ManagedBy.ADOPTED
    assert client.registered_at == client.application.created
    assert find_application(machine).user is None


def test_remembers_what_the_application_was_but_no_secret() -> None:
    machine = create_application(user=create_user())
    stored = find_application(machine).client_secret

    run("--apply", "--all")

    remembered = json.dumps(find_client(machine).adopted_from)
    assert '"username": "ada"' in remembered
    assert stored not in remembered
    assert stored.rpartition("$")[2] not in remembered


def test_leaves_nothing_at_the_toolkit_that_the_secret_opens() -> None:
    machine = create_application()
    before = find_application(machine).client_secret

    run("--apply", "--all")

    application = find_application(machine)
    assert application.hash_client_secret
    assert application.client_secret != before
    assert not check_password(machine.client_secret, application.client_secret)


def test_records_who_was_adopted() -> None:
    machine = create_application(user=create_user())
    add_token(machine)

    run("--apply", "--all")

    event = AuditEvent.objects.get(event=AuditEvent.Event.CLIENT_ADOPTED)
    assert (event.client_id, event.client_name) == (machine.client_id, "Nightly export")
    assert event.detail == "owner ada; secret hash; orders:read"


def test_adopts_only_what_is_named() -> None:
    named, other = create_application(), create_application(name="Other")

    run("--apply", named.client_id)

    assert find_client(named).client_id == named.client_id
    assert MachineClient.objects.count() == 1
    assert find_application(other)


def test_leaves_out_what_is_excluded() -> None:
    excluded = create_application()
    create_application(name="Other")

    run("--apply", "--all", "--exclude", excluded.client_id)

    assert MachineClient.objects.get().name == "Other"


def test_leaves_applications_for_people_alone() -> None:
    model = get_application_model()
    create_application(
        authorization_grant_type=model.GRANT_AUTHORIZATION_CODE, redirect_uris="https://a.example/"
    )

    run("--apply", "--all")

    assert not MachineClient.objects.exists()


def test_changes_nothing_unless_somebody_says_what() -> None:
    create_application()

    with pytest.raises(CommandError, match="Name client IDs, or say --all"):
        run("--apply")


def test_does_not_take_all_and_some() -> None:
    with pytest.raises(CommandError, match="not both"):
        run("--apply", "--all", "x")


def test_names_what_there_is_not() -> None:
    with pytest.raises(CommandError, match="no Application with the client ID nobody"):
        run("nobody")


def test_names_what_is_for_another_grant() -> None:
    model = get_application_model()
    other = create_application(authorization_grant_type=model.GRANT_PASSWORD)

    with pytest.raises(CommandError, match="Not for the client credentials grant"):
        run("--apply", other.client_id)


def test_may_be_repeated() -> None:
    machine = create_application()
    run("--apply", machine.client_id)

    printed = run("--apply", machine.client_id)

    assert "0 adopted" in printed
    assert MachineClient.objects.count() == 1


def test_proposes_what_recent_tokens_carried() -> None:
    machine = create_application()
    add_token(machine, "orders:read")
    add_token(machine, "orders:write orders:read")
    add_token(machine, "billing:read", created=datetime.now(UTC) - timedelta(days=91))

    planned = plan()

    assert planned["access"] == {ORDERS_API: ["orders:read", "orders:write"]}
    assert planned["recent_tokens"] == 2


def test_looks_back_as_far_as_it_is_told() -> None:
    machine = create_application()
    add_token(machine, "billing:read", created=datetime.now(UTC) - timedelta(days=91))

    assert plan("--since", "100d")["access"] == {BILLING_API: ["billing:read"]}
    assert plan("--since", "999999d")["access"] == {BILLING_API: ["billing:read"]}


def test_lists_scopes_that_no_api_offers() -> None:
    machine = create_application()
    add_token(machine, "read write orders:read")

    planned = plan()

    assert planned["unknown_scopes"] == ["read", "write"]
    assert "left out, not offered here: read write" in run()


def test_calls_scopes_what_they_are_called_here() -> None:
    machine = create_application()
    add_token(machine, "read")

    assert plan("--map", "read=orders:read")["access"] == {ORDERS_API: ["orders:read"]}


def test_explains_how_to_write_a_renaming() -> None:
    with pytest.raises(CommandError, match="write OLD=NEW"):
        run("--map", "read")


def test_lists_scopes_that_several_apis_offer() -> None:
    other = API.objects.create(identifier="https://other.example.com", name="Other")
    API.objects.update(from_configuration=False)
    Scope.objects.create(api=other, name="orders:read")
    add_token(create_application(), "orders:read")

    assert plan()["ambiguous_scopes"] == ["orders:read"]
    assert plan("--api", other.identifier)["access"] == {other.identifier: ["orders:read"]}


def test_gives_restricted_scopes_only_to_who_asks_for_them() -> None:
    Scope.objects.filter(name="orders:write").update(restricted=True)
    add_token(create_application(), "orders:write")

    assert plan()["restricted_scopes"] == ["orders:write"]
    assert plan("--restricted")["restricted_granted"] == ["orders:write"]
    assert "orders:write (restricted)" in run("--restricted")


def test_gives_nothing_at_the_server_itself_whatever_the_toolkit_called_it() -> None:
    add_token(create_application(), "introspection client:read")

    planned = plan()

    assert planned["access"] == {}
    assert planned["unknown_scopes"] == ["client:read", "introspection"]


def test_gives_what_the_operator_says_instead() -> None:
    machine = create_application()
    add_token(machine, "orders:write")

    run("--apply", machine.client_id, "--scope", "orders:read billing:read")

    held = find_client(machine).access.values_list("scope__name", flat=True)
    assert sorted(held) == ["billing:read", "orders:read"]


def test_says_that_requests_must_name_one_of_several_apis() -> None:
    create_application()

    assert "must name a scope or an API" in run("--scope", "orders:read billing:read")


def test_does_not_give_a_restricted_scope_by_its_name_alone() -> None:
    Scope.objects.filter(name="orders:write").update(restricted=True)
    create_application()

    with pytest.raises(CommandError, match="Add --restricted"):
        run("--scope", "orders:write")


@pytest.mark.parametrize("arguments", [["--api", "https://nowhere"], ["--scope", "nothing"]])
def test_knows_the_names_of_apis_and_scopes(arguments: list[str]) -> None:
    with pytest.raises(CommandError, match=r"nowhere|nothing"):
        run(*arguments)


def test_tells_namesakes_of_an_owner_apart_by_their_client_ids() -> None:
    user = create_user()
    machines = [create_application(name=name, user=user) for name in ("Sync", "sync", "SYNC")]

    run("--apply", "--all", "--batch-size", "2")

    names = [find_client(machine).name for machine in machines]
    assert names[0] == "Sync"
    assert names[1] == f"sync ({machines[1].client_id[:8]})"
    assert names[2] == f"SYNC ({machines[2].client_id[:8]})"
    assert find_application(machines[1]).name == names[1]


def test_plans_namesakes_as_it_adopts_them() -> None:
    for _number in range(3):
        create_application(name="Sync")

    planned = json.loads(run("--json", "--batch-size", "1"))["applications"]
    adopted = json.loads(run("--json", "--batch-size", "1", "--apply", "--all"))["applications"]

    assert [one["name"] for one in planned] == [one["name"] for one in adopted]
    assert "name: “Sync” at the toolkit" not in run()


def test_lets_different_owners_have_clients_of_one_name() -> None:
    register("Sync")
    mine = create_application(name="Sync", user=create_user())

    run("--apply", "--all")

    assert find_client(mine).name == "Sync"


def test_keeps_off_the_names_of_clients_that_are_there() -> None:
    register("Sync")
    machine = create_application(name="sync")

    assert plan()["name"] == f"sync ({machine.client_id[:8]})"


NAMES = {
    "none": ("", None),
    "blanks": ("  a \t b  ", "a b"),
    "unprintable": ("a\x1b[31mb", "a[31mb"),
    "long": ("x" * 255, "x" * 80),
}


@pytest.mark.parametrize(("name", "expected"), NAMES.values(), ids=NAMES)
def test_names_clients_by_our_rules(name: str, expected: str | None) -> None:
    machine = create_application(name=name)

    run("--apply", "--all")

    assert find_client(machine).name == (expected or machine.client_id)


def test_names_clients_whose_ids_begin_alike() -> None:
    ids = ["x" * 100 + str(number) for number in range(3)]
    for client_id in ids:
        create_application(name="Sync", client_id=client_id)

    run("--apply", "--all")

    names = set(MachineClient.objects.values_list("name", flat=True))
    assert len(names) == 3
    assert {"Sync", "Sync (xxxxxxxx)", "x" * 80} == names


UNFIT = {
    "public": ({"client_type": "public"}, "public client"),
    "RS256": ({"algorithm": "RS256"}, "ID tokens"),
    "HS256": ({"algorithm": "HS256", "hash_client_secret": False}, "ID tokens"),
    "a document": ({"registration_source": "cimd"}, "CIMD"),
    "no secret": ({"client_secret": "", "hash_client_secret": False}, "has no secret"),
    "long ID": ({"client_id": "x" * 191}, "client ID"),
    "blank in the ID": ({"client_id": "a b"}, "client ID"),
    "ID that is not ASCII": ({"client_id": "é"}, "client ID"),
}


@pytest.mark.parametrize(("fields", "why"), UNFIT.values(), ids=UNFIT)
def test_says_what_cannot_be_adopted_and_why(fields: dict[str, Any], why: str) -> None:
    machine = create_application(**fields)

    (planned,) = json.loads(run("--json", "--apply", "--all", "--force"))["applications"]

    assert planned["verdict"] == "impossible"
    assert any(why in sentence for sentence in planned["because"])
    assert not MachineClient.objects.exists()
    assert "cannot be adopted:" in run()
    with pytest.raises(CommandError, match="Not adopted"):
        run("--apply", machine.client_id)


def test_does_not_adopt_a_hash_that_no_hasher_knows() -> None:
    machine = create_application()
    get_application_model().objects.update(client_secret="bcrypt$$2b$12$unknown")

    assert "PASSWORD_HASHERS" in plan()["because"][0]
    assert find_application(machine)


def test_does_not_adopt_one_secret_twice() -> None:
    first = create_application()
    second = create_application(name="Copy")
    stored = find_application(first).client_secret
    get_application_model().objects.filter(client_id=second.client_id).update(client_secret=stored)

    run("--apply", "--all")

    assert not MachineClient.objects.exists()


def test_does_not_adopt_a_hash_that_does_not_fit() -> None:
    create_application()
    stored = f"md5$salt${'x' * 239}"
    get_application_model().objects.update(client_secret=stored)

    assert "too long" in plan()["because"][0]


@pytest.mark.rfc("9068", "5", "a client that could choose a user's identifier as its client ID")
@pytest.mark.parametrize("what", ["username", "email", "pk"])
def test_adopts_an_id_that_is_a_users_only_by_force(what: str) -> None:
    user = create_user(email="ada@example.com")
    machine = create_application(client_id=str(getattr(user, what)))

    planned = plan()
    run("--apply", "--all")

    assert planned["verdict"] == "needs_force"
    assert "RFC 9068" in planned["because"][0]
    assert not MachineClient.objects.exists()
    assert "forced: " in run("--apply", "--all", "--force")
    assert find_client(machine).client_id == machine.client_id


def test_needs_no_force_where_a_prefix_keeps_subjects_apart(settings: Any) -> None:
    settings.DJANGO_CC = {**settings.DJANGO_CC, "SUBJECT_PREFIX": "client:"}
    create_application(client_id=create_user().username)

    assert plan()["verdict"] == "adopt"


def test_adopts_what_registered_itself_only_by_force() -> None:
    create_application(registration_source="dcr")

    assert plan()["verdict"] == "needs_force"
    assert plan("--force")["verdict"] == "adopt"


def test_adopts_what_serves_users_too_only_by_force() -> None:
    add_token(create_application(), user=create_user())

    assert "for users" in plan()["because"][0]


def test_leaves_alone_what_somebody_changed_after_the_plan() -> None:
    machine = create_application()
    rules = AdoptionRules(ScopeRules(), since=datetime.now(UTC))
    (planned,) = plan_adoption(Selection(), rules, batch_size=10)
    application = find_application(machine)
    application.client_secret = "another"
    application.save()

    adopted = adopt_planned(planned, ACTOR)

    assert adopted.changed == [machine.client_id]
    assert not MachineClient.objects.exists()
    output = StringIO()
    report = AdoptionReport(OutputWrapper(output), as_json=False, applied=True)
    report.add_adopted(planned, adopted)
    report.finish(finished=True)
    assert f"run it again: {machine.client_id}." in output.getvalue()


SECRETS: dict[str, tuple[dict[str, Any], str]] = {
    "hashed": ({}, "toolkit$md5$"),
    "generated, in plain text": ({"hash_client_secret": False}, "sha256$"),
    "chosen, in plain text": (
        {"hash_client_secret": False, "client_secret": CHOSEN},
        "toolkit$md5$",
    ),
}


@pytest.mark.parametrize(("fields", "start"), SECRETS.values(), ids=SECRETS)
def test_keeps_digests_only_and_fast_ones_only_of_random_secrets(
    token_endpoint: TokenEndpoint, fields: dict[str, Any], start: str
) -> None:
    machine = create_application(**fields)
    add_token(machine)

    run("--apply", "--all")

    assert ClientSecret.objects.get().digest.startswith(start)
    assert token_endpoint.issue(machine)
    assert CHOSEN not in str(ClientSecret.objects.values())
    assert machine.client_secret not in find_application(machine).client_secret


def test_prints_no_secret() -> None:
    machine = create_application(hash_client_secret=False)

    printed = run() + run("--json") + run("--apply", "--all", "--json")

    assert machine.client_secret not in printed


def test_asks_few_queries_however_many_it_adopts() -> None:
    def count(applications: int) -> int:
        for number in range(applications):
            add_token(create_application(name=f"{applications} {number}"))
        with CaptureQueriesContext(connection) as queries:
            run("--apply", "--all")
        return len(queries)

    few, many = count(2), count(20)

    assert many <= few


def test_leaves_tokens_of_the_toolkit_alone_until_they_expire() -> None:
    machine = create_application()
    token = add_token(machine)
    run("--apply", "--all")

    class DOTView(APIView):
        authentication_classes = [OAuth2Authentication]
        permission_classes = [TokenHasScope]
        required_scopes = ["orders:read"]

        def get(self, request: Any) -> Response:
            return Response(request.auth.application.client_id)

    def call() -> Any:
        header = {"authorization": f"Bearer {token.token}"}
        return DOTView.as_view()(RequestFactory().get("/", headers=header))

    answer = call()
    assert (answer.status_code, answer.data) == (200, machine.client_id)
    get_access_token_model().objects.update(expires=datetime.now(UTC))
    assert call().status_code in {401, 403}


def find_warning(databases: list[str] | None) -> Any:
    found = {message.id: message for message in run_checks(databases=databases)}
    return found.get("django_cc.W030")


def test_warns_of_old_hashes_and_names_their_clients() -> None:
    for number in range(6):
        create_application(name=f"Sync {number}")
    run("--apply", "--all")

    warning = find_warning(["default"])

    assert warning.msg.startswith("6 client secrets are kept as password hashes")
    assert "Sync 4 and 1 more" in warning.msg


@pytest.mark.parametrize("databases", [None, ["default"]])
def test_warns_of_nothing_without_old_hashes_or_a_database(databases: list[str] | None) -> None:
    register()
    if databases is None:
        create_application()
        run("--apply", "--all")

    assert find_warning(databases) is None


@pytest.mark.slow
def test_works_with_a_swapped_application_model(nested_pytest: NestedPytest) -> None:
    ran = nested_pytest(
        "--ds=tests.projects.swapped_application",
        "-p",
        "no:randomly",
        "tests/management/test_cc_adopt_revert.py",
        "tests/attacks/test_old_hashes.py",
        DJANGO_CC_TEST_DATABASE="sqlite",
    )

    assert ran.returncode == 0, ran.stdout[-3000:]
