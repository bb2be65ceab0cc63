"""Editing what is said of a machine client, on its overview."""

import re
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group

from django_cc.models import AuditEvent, MachineClient
from tests.console.console import Console, create_user, page_url, read
from tests.machines import Machine, register


@pytest.fixture
def editor(db: None) -> Console:
    """The console as ben sees it, who may edit his own clients."""
    return Console(create_user("ben", "view_machineclient", "change_machineclient"))


@pytest.fixture
def lead(db: None) -> Console:
    """The console as one sees it who may edit everybody's."""
    rights = ("view_machineclient", "change_machineclient", "access_all_clients")
    return Console(create_user("kim", *rights))


def find() -> MachineClient:
    return MachineClient.objects.select_related("application").get(name__startswith="Billing")


def save(console: Console, **changes: Any) -> Any:
    """Submit the form as the page showed it, with changes."""
    client = find()
    page = read(console.visit("change", client.pk))
    inputs = re.findall(r'<input[^>]*? name="(\w+)" value="([^"]*)"', page)
    fields: dict[str, Any] = dict(inputs)
    fields |= {"name": client.name, "description": client.description}
    if 'name="owner"' in page:
        fields["owner"] = client.owner.get_username() if client.owner else ""
    fields["owning_group"] = client.owning_group_id or ""
    return console.submit("change", client.pk, **{**fields, **changes})


def test_saves_what_was_edited(editor: Console) -> None:
    register(owner=editor.user)

    answer = save(editor, name="Billing sync (prod)", description="Ask\r\nben.")

    assert answer.status_code == 302
    client = find()
    assert (client.name, client.description, client.version) == (
        "Billing sync (prod)",
        "Ask\nben.",
        2,
    )
    assert client.application.name == "Billing sync (prod)"


def test_records_it_in_the_trail_and_in_the_history(editor: Console) -> None:
    register(owner=editor.user)

    save(editor, name="Billing sync (prod)")

    event = AuditEvent.objects.get(event="client_updated")
    assert (event.actor, event.detail) == ("ben", "name: Billing sync → Billing sync (prod)")
    assert "Name" in LogEntry.objects.get().get_change_message()


def test_saving_unchanged_changes_nothing(editor: Console) -> None:
    register(owner=editor.user, description="One\ntwo")

    save(editor)

    assert find().version == 1
    assert not AuditEvent.objects.filter(event="client_updated").exists()


def test_says_who_was_faster_and_saves_nothing(editor: Console, lead: Console) -> None:
    machine = register(owner=editor.user)
    save(lead, description="Kim was here.")

    answer = save(editor, description="Ben was here.", version="1")

    text = read(answer)
    assert answer.status_code == 409
    assert re.search(r"Changed by kim on .* while you were editing\. Nothing was saved\.", text)
    assert f'href="{page_url("change", machine.row.pk)}">Reload' in text
    assert "Ben was here." in text
    assert find().description == "Kim was here."


def test_names_the_group_that_was_chosen_meanwhile(lead: Console) -> None:
    register()
    group = Group.objects.create(name="Payments team")

    answer = save(lead, owning_group=group.pk, version="0")

    assert answer.status_code == 409
    assert "Payments team" in read(answer)


@pytest.mark.parametrize("version", ["", "x", "9999999999999999999999", "-1"])
def test_a_forged_version_saves_nothing(editor: Console, version: str) -> None:
    register(owner=editor.user)

    answer = save(editor, name="Billing stolen", version=version)

    assert answer.status_code in {200, 409}
    assert find().name == "Billing sync"


def test_refuses_a_name_the_owner_has_already_and_keeps_what_was_typed(editor: Console) -> None:
    register(owner=editor.user)
    register("Invoice sync", owner=editor.user)

    answer = save(editor, name="INVOICE sync", description="Kept.")

    text = read(answer)
    assert answer.status_code == 200
    assert "“ben” already has a machine client named “INVOICE sync”." in text
    assert "Kept." in text
    assert find().name == "Billing sync"


@pytest.mark.parametrize("is_owned", [True, False])
def test_does_not_tell_of_a_client_of_that_name_that_the_editor_does_not_see(
    editor: Console, is_owned: bool
) -> None:
    team = Group.objects.create(name="Team")
    editor.user.groups.add(team)
    owner = create_user("developer") if is_owned else None
    register(owner=owner, owning_group=team)
    register("secret project X", owner=owner)

    text = read(save(editor, name="Secret Project X"))

    assert "This name cannot be used for this client's owner. Choose another one." in text
    assert "secret project X" not in text
    assert "already" not in text
    assert find().name == "Billing sync"


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "a\x00b"])
def test_refuses_a_name_nobody_can_use(editor: Console, name: str) -> None:
    register(owner=editor.user)

    assert save(editor, name=name).status_code == 200
    assert find().name == "Billing sync"


def test_changes_the_owner_for_who_sees_every_owners_clients(
    editor: Console, lead: Console
) -> None:
    register(owner=editor.user)

    save(lead, owner="kim")

    assert find().owner == lead.user


def test_takes_the_owner_away(lead: Console, editor: Console) -> None:
    register(owner=editor.user)

    save(lead, owner="")

    assert find().owner is None


def test_says_that_there_is_no_such_owner(lead: Console, machine: Machine) -> None:
    answer = save(lead, owner="nobody")

    assert "There is no user “nobody”." in read(answer)


def test_who_sees_only_their_own_gives_none_away(editor: Console, lead: Console) -> None:
    register(owner=editor.user)
    page = read(editor.visit("change", find().pk))

    save(editor, owner="kim")

    assert 'name="owner"' not in page
    assert find().owner == editor.user


def test_offers_the_groups_one_is_in(editor: Console) -> None:
    mine, other = Group.objects.create(name="Mine"), Group.objects.create(name="Other")
    editor.user.groups.add(mine)
    register(owner=editor.user)
    page = read(editor.visit("change", find().pk))

    refused = save(editor, owning_group=other.pk)
    saved = save(editor, owning_group=mine.pk)

    assert ">Mine</option>" in page
    assert ">Other</option>" not in page
    assert (refused.status_code, saved.status_code) == (200, 302)
    assert find().owning_group == mine


def test_keeps_a_group_one_is_not_in(editor: Console) -> None:
    group = Group.objects.create(name="Night shift")
    register(owner=editor.user, owning_group=group)

    save(editor, description="New")

    assert find().owning_group == group


def test_a_client_of_another_is_not_there(editor: Console, machine: Machine) -> None:
    answer = editor.submit("change", machine.row.pk, name="Stolen", version="1")

    assert answer.status_code == 302
    assert find().name == "Billing sync"


def test_a_forged_post_is_denied_and_told(console: Console, machine: Machine) -> None:
    answer = console.submit("change", machine.row.pk, name="Stolen", version="1")

    assert answer.status_code == 403
    assert find().name == "Billing sync"
    event = AuditEvent.objects.get(event="action_denied")
    assert (event.actor, event.client_id, event.detail) == ("ana", machine.client_id, "change")


def test_sets_nothing_that_the_form_does_not_have(editor: Console) -> None:
    register(owner=editor.user)

    save(editor, generation="9", authentication="private_key_jwt", description="New")

    client = find()
    assert (client.generation, client.authentication) == (1, "client_secret")
