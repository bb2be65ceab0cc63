"""Who may register what: for whom, with which access, and who sees the secret (decision 0041)."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.http import HttpResponse

from django_cc.authorization_server.clients.status import ClientStatus, get_status
from django_cc.console.clients import registration_offer, scope_field
from django_cc.models import AuditEvent, MachineClient, Scope
from tests.assertions import new_key
from tests.console.console import (
    REGISTRAR,
    Console,
    create_user,
    fill_in,
    find_secrets,
    page_url,
    read,
    read_secret,
)
from tests.console.pasted_keys import to_public_pem
from tests.machines import Machine, TokenEndpoint

APPROVER = ("add_machineclient", "view_machineclient", "access_all_clients", "grant_access")
DEVELOPER = ("add_machineclient", "view_machineclient", "issue_credential", "revoke_credential")


@pytest.fixture
def approver(db: None) -> Console:
    """The console as vera sees it, who may give access and see no secret."""
    return Console(create_user("vera", *APPROVER))


@pytest.fixture
def developer(db: None) -> Console:
    """The console as dan sees it, who may have secrets and give no access."""
    return Console(create_user("dan", *DEVELOPER))


def without(fields: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in names}


def the_client() -> MachineClient:
    return MachineClient.objects.select_related("application").get()


def was_denied(answer: HttpResponse, detail: str) -> bool:
    told = AuditEvent.objects.filter(event="action_denied", detail=detail).exists()
    return answer.status_code == 403 and told and not MachineClient.objects.exists()


def test_an_approver_registers_for_a_developer_who_creates_the_secret(
    approver: Console, developer: Console, token_endpoint: TokenEndpoint
) -> None:
    registered = approver.register(owner="dan")
    client = the_client()
    status = get_status(client, now=client.registered_at)
    fields = {"note": "", "secret_expires": "90", "expected_secrets": "0"}

    created = developer.submit("create_secret", client.pk, **fields)

    assert not find_secrets(registered)
    assert "It has no secret yet" in read(registered)
    assert (client.owner, status) == (developer.user, ClientStatus.AWAITING_CREDENTIALS)
    machine = Machine(client, client.client_id, read_secret(created))
    assert token_endpoint.issue(machine)["scope"] == "orders:read"


def test_an_approver_never_gets_to_a_secret(approver: Console, developer: Console) -> None:
    approver.register(owner="dan")
    client = the_client()

    answers = [
        approver.visit("create_secret", client.pk),
        approver.submit("create_secret", client.pk, secret_expires="90", expected_secrets="0"),
        approver.submit("replace_secret", client.pk),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert not client.secrets.exists()


def test_an_approver_may_not_have_the_secret_shown_by_a_forged_post(approver: Console) -> None:
    answer = approver.register(secret_receiver="me")

    assert was_denied(answer, "add: secret_receiver")


def test_an_approver_may_not_hand_over_keys_by_a_forged_post(approver: Console) -> None:
    pem = to_public_pem(new_key())

    answer = approver.register(authentication="private_key_jwt", public_key=pem)

    assert was_denied(answer, "add: public_key")


def test_an_approver_registers_a_client_that_will_sign(approver: Console) -> None:
    approver.register(authentication="private_key_jwt")

    assert the_client().authentication == "private_key_jwt"


def test_a_developer_registers_without_access(developer: Console) -> None:
    answer = developer.submit("add", **without(fill_in(), "scopes"))

    assert find_secrets(answer)
    assert not the_client().access.exists()


def test_a_developer_is_told_who_gives_access(developer: Console) -> None:
    text = read(developer.visit("add"))

    assert "Registered without API access: that needs someone who may give it" in text
    assert 'name="scopes"' not in text


def test_a_developer_may_not_give_access_by_a_forged_post(developer: Console) -> None:
    assert was_denied(developer.register(), "add: scopes")


def test_a_developer_may_not_choose_another_owner_by_a_forged_post(developer: Console) -> None:
    create_user("ben")

    answer = developer.submit("add", **without(fill_in(), "scopes"), owner="ben")

    assert was_denied(answer, "add: owner")


def test_a_developer_owns_what_they_register(developer: Console) -> None:
    developer.submit("add", **without(fill_in(), "scopes"))

    assert the_client().owner == developer.user
    assert 'name="owner"' not in read(developer.visit("add"))


def test_refuses_an_owner_who_is_not_there(console: Console) -> None:
    answer = console.register(owner="nobody")

    assert "There is no user “nobody”." in read(answer)
    assert not MachineClient.objects.exists()


def test_names_the_owner_who_uses_the_name_already(console: Console) -> None:
    create_user("ben")
    console.register(owner="ben")

    answer = console.register(owner="ben")

    assert "“ben” already has a machine client named “Billing sync”." in read(answer)


def test_lets_the_registrant_choose_one_of_their_groups(console: Console) -> None:
    own, other = Group.objects.create(name="Payments"), Group.objects.create(name="Others")
    console.user.groups.add(own)

    refused = console.register(owning_group=str(other.pk))
    console.register(owning_group=str(own.pk))

    assert "is not one of the available choices" in read(refused)
    assert the_client().owning_group == own


def test_asks_for_no_group_where_the_registrant_is_in_none(console: Console) -> None:
    assert 'name="owning_group"' not in read(console.visit("add"))


def test_members_of_the_group_see_the_client(console: Console) -> None:
    group = Group.objects.create(name="Payments")
    console.user.groups.add(group)
    console.register(owning_group=str(group.pk))
    member = create_user("ben", "view_machineclient")
    member.groups.add(group)

    assert "Billing sync" in read(Console(member).visit("changelist"))


def test_restricted_scopes_are_locked_for_those_who_may_not_give_them(console: Console) -> None:
    scope = Scope.objects.get(name="orders:write")
    Scope.objects.filter(pk=scope.pk).update(restricted=True)

    text = read(console.visit("add"))

    box = re.search(rf'<input type="checkbox" name="scopes" value="{scope.pk}"[^>]*>', text)
    assert box is not None
    assert "disabled" in box[0]
    assert "Restricted ones need someone who may grant restricted scopes." in text


def test_a_restricted_scope_in_a_forged_post_is_an_error_of_its_field(console: Console) -> None:
    Scope.objects.filter(name="orders:write").update(restricted=True)

    answer = console.register(scopes=["orders:read", "orders:write"])

    assert "Needs someone who may grant restricted scopes: orders:write." in read(answer)
    assert not MachineClient.objects.exists()


def test_who_may_gives_restricted_scopes(db: None) -> None:
    Scope.objects.filter(name="orders:write").update(restricted=True)
    console = Console(create_user("ana", *REGISTRAR, "grant_restricted_scope"))

    console.register(scopes=["orders:write"])

    assert the_client().access.count() == 1


def test_access_may_be_left_for_later_when_it_is_said(console: Console) -> None:
    refused = console.register(scopes=[])
    console.register(scopes=[], without_access="on")

    assert 'type="checkbox" name="without_access"' in read(refused)
    assert not the_client().access.exists()


def test_the_tick_to_register_without_access_is_hidden_at_first(console: Console) -> None:
    text = read(console.visit("add"))

    assert 'type="hidden" name="without_access"' in text
    assert 'type="checkbox" name="without_access"' not in text


def test_too_many_scopes_are_added_after_the_registration(console: Console) -> None:
    api = Scope.objects.get(name="orders:read").api
    many = (Scope(api=api, name=f"many:{number}") for number in range(scope_field.MOST_SCOPES))
    Scope.objects.bulk_create(many)

    text = read(console.visit("add"))
    console.submit("add", **without(fill_in(), "scopes"))

    assert "There are more than 200 scopes. Add API access after registering." in text
    assert 'name="scopes"' not in text
    assert not the_client().access.exists()


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("allowed_networks", "10.0.0.0/8\n10.0.0.1/33", "“10.0.0.1/33” is not a network"),
        ("allowed_networks", "10.0.0.1/8", "has bits behind its prefix"),
        ("token_lifetime", "0", "Lifetime must be between 1 minute and 24 hours."),
        ("token_lifetime", "1441", "Lifetime must be between 1 minute and 24 hours."),
        ("rate", "0", "greater than or equal to 1"),
        ("expires_at", "2020-01-01T00:00", "The end must be in the future"),
        ("expires_at", "soon", "Enter a valid date/time."),
    ],
)
def test_a_limit_that_is_none_is_named_and_kept(
    console: Console, field: str, value: str, words: str
) -> None:
    answer = console.register(**{field: value})

    text = read(answer)
    assert words in text
    assert value in text
    assert not MachineClient.objects.exists()


def test_keeps_the_limits(console: Console) -> None:
    console.register(
        allowed_networks=" 10.0.0.0/8\n\n2001:db8::/32\n",
        token_lifetime="5",
        rate="60",
        expires_at="2099-01-31T12:00",
    )

    client = the_client()
    assert client.allowed_networks == ["10.0.0.0/8", "2001:db8::/32"]
    assert (client.token_lifetime, client.rate) == (300, 60)
    assert client.expires_at is not None
    assert client.expires_at.isoformat() == "2099-01-31T12:00:00+00:00"


def test_the_owner_later_is_a_choice_for_those_who_could_see_the_secret_too(
    console: Console,
) -> None:
    answer = console.register(secret_receiver=registration_offer.LATER)

    assert not find_secrets(answer)
    assert not the_client().secrets.exists()
    assert page_url("change", the_client().pk) in read(answer)


def test_a_repetition_of_a_registration_without_a_secret_offers_none(approver: Console) -> None:
    from uuid import uuid4

    key = uuid4()
    approver.register(key=key)

    text = read(approver.register(key=key))

    assert "is registered already" in text
    assert "Replace the secret" not in text


def test_promises_a_secret_to_those_alone_who_get_to_see_one(
    approver: Console, developer: Console
) -> None:
    words = "The next page shows its client ID and its secret."

    assert words in read(developer.visit("add"))
    assert words not in read(approver.visit("add"))
