"""`manage.py cc_adopt --revert`: back to the toolkit, while nothing has changed."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command

from django_cc.authorization_server.apis.scope_choice import choose_scopes
from django_cc.authorization_server.clients.access import grant_access
from django_cc.authorization_server.clients.editing import Changes, update_client
from django_cc.authorization_server.clients.secrets import create_secret, update_secret
from django_cc.authorization_server.clients.state import disable_client, revoke_tokens
from django_cc.models import APIAccess, AuditEvent, ClientSecret, MachineClient
from tests.applications import add_token, create_application, find_application, find_client
from tests.machines import ACTOR, Machine, TokenEndpoint, register

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    output = StringIO()
    call_command("cc_adopt", *arguments, stdout=output, stderr=StringIO())
    return output.getvalue()


def columns(machine: Machine) -> dict[str, Any]:
    """Return every column of the Application."""
    application = find_application(machine)
    return {
        field.attname: getattr(application, field.attname) for field in application._meta.fields
    }


@pytest.fixture
def adopted() -> Machine:
    """An Application of a user that has become a machine client."""
    machine = create_application(user=get_user_model().objects.create_user("ada"))
    add_token(machine)
    run("--apply", "--all")
    return machine


@pytest.mark.parametrize(
    "fields", [{}, {"name": " A  name\nof theirs"}, {"name": ""}], ids=["plain", "odd", "none"]
)
@pytest.mark.parametrize("is_owned", [True, False], ids=["owned", "ownerless"])
def test_restores_every_column_of_the_application(fields: dict[str, Any], is_owned: bool) -> None:
    user = get_user_model().objects.create_user("ada") if is_owned else None
    machine = create_application(user=user, **fields)
    add_token(machine)
    before = columns(machine)

    run("--apply", "--all")
    assert columns(machine) != before
    printed = run("--revert", machine.client_id)

    assert columns(machine) == before
    assert "is the toolkit's again" in printed
    assert not MachineClient.objects.exists()
    assert not ClientSecret.objects.exists()
    assert not APIAccess.objects.exists()


def test_what_registered_itself_can_do_so_again() -> None:
    machine = create_application(registration_source="dcr")

    run("--apply", "--all", "--force")
    assert find_application(machine).registration_source == "manual"
    run("--revert", machine.client_id)

    assert find_application(machine).registration_source == "dcr"


def test_restores_a_hash_that_the_toolkit_was_not_told_to_make(adopted: Machine) -> None:
    machine = create_application(name="Other")
    application = find_application(machine)
    type(application).objects.filter(pk=application.pk).update(hash_client_secret=False)
    before = columns(machine)

    run("--apply", "--all")
    run("--revert", machine.client_id)

    assert columns(machine) == before


def test_records_that_it_was_reverted(adopted: Machine) -> None:
    run("--revert", adopted.client_id)

    event = AuditEvent.objects.get(event=AuditEvent.Event.ADOPTION_REVERTED)
    assert event.client_id == adopted.client_id


def test_may_be_adopted_again(token_endpoint: TokenEndpoint, adopted: Machine) -> None:
    run("--revert", "--all")

    run("--apply", "--all")

    assert token_endpoint.issue(adopted)


def test_gets_no_token_of_ours_any_more(token_endpoint: TokenEndpoint, adopted: Machine) -> None:
    run("--revert", "--all")

    assert token_endpoint.post(authorization=adopted.basic()).status_code == 401


def test_reverts_only_what_was_adopted(adopted: Machine) -> None:
    ours = register()

    run("--revert", "--all")

    assert MachineClient.objects.get() == ours.row
    with pytest.raises(CommandError, match="could not be reverted"):
        run("--revert", ours.client_id)


def test_leaves_out_what_is_excluded(adopted: Machine) -> None:
    run("--revert", "--all", "--exclude", adopted.client_id)

    assert find_client(adopted).client_id == adopted.client_id


def test_tells_programs_what_was_reverted(adopted: Machine) -> None:
    printed = run("--revert", "--all", "--json")

    assert json.loads(printed) == {"reverted": [adopted.client_id], "refused": {}}


def add_secret(client: MachineClient) -> None:
    create_secret(client, ACTOR, expires_at=datetime.now(UTC) + timedelta(days=1))


def end_secret(client: MachineClient) -> None:
    end = datetime.now(UTC) + timedelta(days=1)
    update_secret(client.secrets.get(), ACTOR, note="", expires_at=end)


def save_application(client: MachineClient) -> None:
    client.application.save()


def delete_owner(client: MachineClient) -> None:
    get_user_model().objects.all().delete()


def rename(client: MachineClient) -> None:
    update_client(client, Changes(name="Renamed"), ACTOR)


def grant(client: MachineClient) -> None:
    grant_access(client, choose_scopes(["orders:write"]), ACTOR)


def disable(client: MachineClient) -> None:
    disable_client(client, ACTOR)


def kill_tokens(client: MachineClient) -> None:
    revoke_tokens(client, ACTOR)


def rename_application(client: MachineClient) -> None:
    type(client.application).objects.update(name="Renamed")


def give_key(client: MachineClient) -> None:
    client.keys.create(kid="k", algorithm="ES256", public_jwk={})


CHANGES: dict[str, tuple[Callable[[MachineClient], None], str]] = {
    "another secret": (add_secret, "another secret"),
    "an end of the secret": (end_secret, "secret was changed"),
    "an edit": (rename, "was edited"),
    "a scope": (grant, "access is another"),
    "disabled": (disable, "disabled"),
    "tokens revoked": (kill_tokens, "revoked"),
    "saved at the toolkit": (save_application, "changed at the toolkit"),
    "renamed at the toolkit": (rename_application, "renamed"),
    "owner deleted": (delete_owner, "owner is another"),
    "a key": (give_key, "got a key"),
}


@pytest.mark.parametrize(("change", "why"), CHANGES.values(), ids=CHANGES)
def test_refuses_what_has_changed_since_and_changes_nothing(
    adopted: Machine, change: Callable[[MachineClient], None], why: str
) -> None:
    change(find_client(adopted))
    before = columns(adopted)
    output = StringIO()

    with pytest.raises(CommandError, match="1 could not be reverted"):
        call_command("cc_adopt", "--revert", adopted.client_id, stdout=output)

    assert why in output.getvalue()
    assert columns(adopted) == before
    assert find_client(adopted).client_id == adopted.client_id


def test_refuses_what_was_used_and_re_hashed(
    token_endpoint: TokenEndpoint, adopted: Machine
) -> None:
    token_endpoint.issue(adopted)
    output = StringIO()

    with pytest.raises(CommandError):
        call_command("cc_adopt", "--revert", "--all", stdout=output)

    assert "re-hashed" in output.getvalue()


def test_refuses_what_was_kept_as_plain_text() -> None:
    create_application(hash_client_secret=False)
    run("--apply", "--all")
    output = StringIO()

    with pytest.raises(CommandError):
        call_command("cc_adopt", "--revert", "--all", stdout=output)

    assert "plain text" in output.getvalue()
