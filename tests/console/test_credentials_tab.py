"""The tab of a client's credentials: what is there, and what is known of its use."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import Group, Permission
from django.utils import timezone

from django_cc.authorization_server.clients.keys import add_key
from django_cc.authorization_server.clients.secrets import (
    create_secret,
    revoke_secret,
    rotate_secret,
)
from django_cc.authorization_server.recording import write_down
from django_cc.models import ClientSecret, MachineClient
from tests.assertions import new_key, register_with_key
from tests.console.console import Console, create_user, page_url, read
from tests.machines import ACTOR, Machine, TokenEndpoint, register

LOST = "Lost a secret? Rotate it, and put the new one into the program before the old one stops."
START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Noon of a day in November."""
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def machine(db: None, clock: time_machine.Traveller) -> Machine:
    """A client that was registered at that moment."""
    return register()


def rotate(machine: Machine, overlap: timedelta = timedelta(hours=24)) -> ClientSecret:
    """Rotate the client's secret and return the old one."""
    old = machine.row.secrets.get()
    rotate_secret(old, ACTOR, overlap=overlap, expires_at=timezone.now() + timedelta(days=90))
    return old


def read_tab(console: Console, machine: Machine) -> str:
    return " ".join(read(console.visit("credentials", machine.row.pk)).split())


def test_shows_of_each_secret_what_is_known(admin_console: Console, clock: object) -> None:
    machine = register()
    machine.row.secrets.update(note="vault/billing")

    text = read_tab(admin_console, machine)

    for shown in (
        str(machine.row.secrets.get()),
        "vault/billing",
        "22 Nov 2026, 12:00 UTC",
    ):
        assert shown in text


@pytest.mark.parametrize(("seconds", "shown"), [(79, "Not seen yet"), (80, "Never")])
def test_calls_nothing_unused_before_a_use_would_be_known(
    admin_console: Console,
    machine: Machine,
    clock: time_machine.Traveller,
    seconds: int,
    shown: str,
) -> None:
    add_key(machine.row, new_key().public_jwk(), ACTOR)
    clock.shift(timedelta(seconds=seconds))

    text = read_tab(admin_console, machine)

    assert text.count(f"<td>{shown}</td>") == 2


def test_says_what_to_do_about_a_lost_secret(admin_console: Console, machine: Machine) -> None:
    assert LOST in read_tab(admin_console, machine)


def test_tells_nobody_to_rotate_what_is_not_there(admin_console: Console, machine: Machine) -> None:
    revoke_secret(machine.row.secrets.get(), ACTOR)

    assert LOST not in read_tab(admin_console, machine)


def test_tells_nobody_to_rotate_who_may_not(machine: Machine) -> None:
    ben = Console(create_user("ben", "view_machineclient", "access_all_clients"))

    assert LOST not in read_tab(ben, machine)


def test_shows_no_digest_and_nothing_between_the_visible_ends(
    admin_console: Console, machine: Machine
) -> None:
    text = read_tab(admin_console, machine)

    assert machine.row.secrets.get().digest not in text
    assert machine.client_secret[:10] not in text


def test_is_one_of_the_tabs(console: Console, machine: Machine) -> None:
    text = read(console.visit("change", machine.row.pk))

    assert f'href="{page_url("credentials", machine.row.pk)}"' in text


def test_says_that_a_replaced_secret_works_on(
    admin_console: Console, machine: Machine, clock: time_machine.Traveller
) -> None:
    rotate(machine)

    text = read_tab(admin_console, machine)

    assert "Replaced" in text
    assert "works until 23 Nov 2026, 12:00 UTC (in 1 day)" in text.replace("\xa0", " ")


def test_says_that_the_old_secret_is_still_used(
    admin_console: Console, token_endpoint: TokenEndpoint, clock: time_machine.Traveller
) -> None:
    machine = register()
    old = rotate(machine)
    clock.shift(timedelta(minutes=5))
    token_endpoint.access_token(machine)
    write_down()
    clock.shift(timedelta(minutes=4))

    text = read_tab(admin_console, machine).replace("\xa0", " ")

    expected = f"Old secret …{old.visible_end} last used 4 minutes ago from 127.0.0.1."
    assert f"{expected} Not everything has moved yet." in text
    assert "safe to revoke" not in text


def test_does_not_know_yet_whether_the_old_secret_is_used_right_after_a_rotation(
    admin_console: Console, machine: Machine, clock: time_machine.Traveller
) -> None:
    rotate(machine)
    clock.shift(timedelta(seconds=79))

    text = read_tab(admin_console, machine)

    assert "is not known yet" in text
    assert "safe to revoke" not in text


def test_says_that_the_old_secret_can_be_revoked(
    admin_console: Console, machine: Machine, clock: time_machine.Traveller
) -> None:
    old = rotate(machine)
    clock.shift(timedelta(seconds=80))

    text = read_tab(admin_console, machine)

    assert "not used since the new one was created: safe to revoke." in text
    assert f'<a href="{page_url("revoke_secret", machine.row.pk, old.pk)}">Revoke now</a>' in text


def test_a_use_that_may_hide_another_after_the_rotation_is_not_called_safe(
    admin_console: Console, token_endpoint: TokenEndpoint, clock: time_machine.Traveller
) -> None:
    machine = register()
    token_endpoint.access_token(machine)
    clock.shift(timedelta(seconds=30))
    rotate(machine)
    token_endpoint.access_token(machine)  # within a minute of the one that was noted
    write_down()
    clock.shift(timedelta(minutes=10))

    assert "Not everything has moved yet." in read_tab(admin_console, machine)


def test_folds_what_has_ended(admin_console: Console, machine: Machine) -> None:
    create_secret(machine.row, ACTOR, expires_at=timezone.now() + timedelta(days=9))
    revoke_secret(machine.row.secrets.earliest("pk"), ACTOR)

    text = read_tab(admin_console, machine)

    assert "Past secrets (1)" in text
    assert "Revoked" in text
    assert "Expiring" in text


def test_shows_keys_and_where_others_are_published(admin_console: Console) -> None:
    signer = register_with_key()
    MachineClient.objects.filter(pk=signer.row.pk).update(jwks_uri="https://keys.example.com/jwks")

    text = read(admin_console.visit("credentials", signer.row.pk))

    for shown in (signer.jwk["kid"], "ES256", "https://keys.example.com/jwks", "Not read by this"):
        assert shown in text


@pytest.mark.parametrize(
    ("right", "offered"),
    [
        ("issue_credential", {"create_secret", "rotate_secret", "update_secret", "add_key"}),
        ("revoke_credential", {"revoke_secret", "remove_key"}),
    ],
)
def test_offers_what_the_user_may_do(machine: Machine, right: str, offered: set[str]) -> None:
    add_key(machine.row, new_key().public_jwk(), ACTOR)
    ben = Console(create_user("ben", "view_machineclient", "access_all_clients", right))
    secret, key = machine.row.secrets.get(), machine.row.keys.get()
    pages = {
        name: page_url(name, machine.row.pk, *numbers)
        for name, numbers in {
            "create_secret": (),
            "add_key": (),
            "rotate_secret": (secret.pk,),
            "update_secret": (secret.pk,),
            "revoke_secret": (secret.pk,),
            "remove_key": (key.pk,),
        }.items()
    }

    text = read_tab(ben, machine)

    assert {name for name, url in pages.items() if f'href="{url}"' in text} == offered


def test_tells_who_may_only_look_whom_to_ask(machine: Machine) -> None:
    ben = Console(create_user("ben", "view_machineclient", "access_all_clients"))

    assert "Ask someone who may create credentials." in read_tab(ben, machine)


def test_names_the_owner_and_the_group_who_may_create_credentials(machine: Machine) -> None:
    ben = Console(create_user("ben", "view_machineclient", "access_all_clients"))
    group = Group.objects.create(name="on-call")
    group.permissions.set(Permission.objects.filter(codename="issue_credential"))
    owner = create_user("cleo", "issue_credential")
    MachineClient.objects.update(owner=owner, owning_group=group)

    text = read_tab(ben, machine)

    assert "Ask someone who may create credentials: cleo, on-call group." in text


def test_names_nobody_who_may_not_create_credentials_either(machine: Machine) -> None:
    ben = Console(create_user("ben", "view_machineclient", "access_all_clients"))
    owner, group = create_user("cleo"), Group.objects.create(name="on-call")
    MachineClient.objects.update(owner=owner, owning_group=group)

    assert "Ask someone who may create credentials." in read_tab(ben, machine)


def test_the_client_of_somebody_else_is_not_there(machine: Machine) -> None:
    ben = Console(create_user("ben", "view_machineclient", "issue_credential"))

    for page in ("credentials", "create_secret", "add_key"):
        assert ben.visit(page, machine.row.pk).status_code == 302


def test_asks_to_rotate_a_secret_that_a_person_chose(
    admin_console: Console, machine: Machine
) -> None:
    before = read_tab(admin_console, machine)
    machine.row.secrets.update(digest="toolkit$pbkdf2_sha256$1$a$b", last_used_at=timezone.now())

    assert "so it could be guessed" not in before
    assert "Rotate it: a person chose it, so it could be guessed." in read_tab(
        admin_console, machine
    )
