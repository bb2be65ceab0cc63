"""Identify finds what it knows anywhere in what was pasted: a file, a message, a sentence."""

import json
import time
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.http import HttpResponse

from django_cc.authorization_server.clients.secret_format import generate_secret, list_secrets
from django_cc.authorization_server.clients.secrets import find_secret, revoke_secret
from django_cc.authorization_server.clients.state import disable_client
from django_cc.models import AuditEvent, ClientSecret
from django_cc.protocol.secret_text import SecretText
from tests.applications import create_application
from tests.audit_events import REFERENCE, add_refusal
from tests.console.console import Console, create_user, page_url, read
from tests.machines import ACTOR, Machine, TokenEndpoint, register

MISTYPED = (
    "It begins like a client secret of this server (dccs_…), but is none of any client: it is cut "
    "or mistyped, or its client was deleted."
)
HASHED = "A secret that django-oauth-toolkit hashed cannot be found by its text."


@pytest.fixture
def stopper(db: None) -> Console:
    """The console as one sees it who may stop everything."""
    rights = ("view_machineclient", "access_all_clients", "revoke_credential", "disable_client")
    return Console(create_user("kim", *rights))


def identify(console: Console, text: str) -> str:
    """Return what the page says it is."""
    page = read(console.submit("identify", text=text))
    return " ".join(_section(page).split())


def _section(page: str) -> str:
    return page.partition('id="cc-found"')[2].partition("</section>")[0]


def make_json(secret: str) -> str:
    return json.dumps({"type": "client_credentials", "client_secret": secret, "scope": "a b"})


PASTED = {
    "quotes": '"{}"',
    "an assignment": "CC_CLIENT_SECRET={}",
    "a file": "# of ours\nCC_CLIENT_ID=abc\nCC_CLIENT_SECRET='{}'\nCC_TOKEN_URL=https://a.b.c/t\n",
    "a sentence": "Hi, I found {}. Is it yours?",
    "the end of a sentence": "This is it: {}.",
    "a list": "{}, and nothing else",
    "a link": "[{}](https://a.example/)",
    "a word that goes on": "{}x",
}


@pytest.mark.parametrize("around", PASTED.values(), ids=PASTED)
def test_finds_a_secret_in_it(console: Console, machine: Machine, around: str) -> None:
    text = identify(console, around.replace("{}", machine.client_secret))

    assert "Belongs to “Billing sync”" in text
    assert machine.client_secret not in text


def test_finds_a_secret_in_the_file_for_download(console: Console, machine: Machine) -> None:
    assert "Belongs to “Billing sync”" in identify(console, make_json(machine.client_secret))


def test_tells_of_the_first_that_is_somebodys_and_how_many_there_were(
    console: Console, machine: Machine
) -> None:
    gone, other = register("Gone"), register("Other")
    gone.row.delete()
    secrets = [one.client_secret for one in (gone, machine, other)]

    text = identify(console, "\n".join([*secrets, secrets[0]]))

    assert "Belongs to “Billing sync”" in text
    assert "3 client secrets are in the text; this is the first that belongs to a client." in text
    assert "Other" not in text


def test_says_nothing_of_how_many_where_there_is_one(console: Console, machine: Machine) -> None:
    assert "in the text" not in identify(console, f"{machine.client_secret} " * 2)


@pytest.mark.parametrize("text", ["dccs_abc", "Is dccs_{}! ours?", "dccs_{}x"])
def test_says_that_it_is_mistyped_and_nothing_more_of_it(console: Console, text: str) -> None:
    pasted = text.replace("{}", "A1b2C3d4" * 6)

    shown = identify(console, pasted)

    assert MISTYPED in shown
    assert "A1b2C3d4" not in read(console.submit("identify", text=pasted))
    assert AuditEvent.objects.latest("pk").detail == "client secret: nothing found"


def test_a_deleted_clients_secret_is_told_like_a_mistyped_one(console: Console) -> None:
    gone = register("Gone")
    gone.row.delete()

    assert MISTYPED in identify(console, gone.client_secret)


def test_does_not_say_of_any_client_to_who_sees_some(db: None) -> None:
    ben = Console(create_user("ben", "view_machineclient"))
    somebodys = register("Somebody's").client_secret
    nobodys = register("Nobody's")
    nobodys.row.delete()

    shown = {identify(ben, text) for text in (somebodys, nobodys.client_secret, "dccs_abc")}

    assert len(shown) == 1
    assert "but is none of any client that you can see" in shown.pop()


@pytest.mark.parametrize("text", ["dccs_", "Ours begin with dccs_…"])
def test_takes_the_prefix_alone_for_nothing(console: Console, text: str) -> None:
    assert "It looks like no token, client secret or reference" in identify(console, text)


def test_finds_a_token_in_a_message(
    console: Console, machine: Machine, token_endpoint: TokenEndpoint
) -> None:
    token = token_endpoint.access_token(machine)

    for around in ('curl -H "Authorization: Bearer {}" https://a.b.c/', "It is {}.", '{"t":"{}"}'):
        text = identify(console, around.replace("{}", token))
        assert "An access token of “Billing sync” for Orders." in text


def test_finds_a_reference_beside_other_numbers(console: Console, machine: Machine) -> None:
    add_refusal("wrong_secret", client_id=machine.client_id)

    for around in ("trace 0123456789abcdef: (reference {})", "{} and 0123456789abcdef"):
        assert "mistyped or cut" in identify(console, around.replace("{}", REFERENCE))


def test_explains_the_reference_beside_a_secret_of_nobody(
    console: Console, machine: Machine
) -> None:
    add_refusal("wrong_secret", client_id=machine.client_id)

    assert "mistyped or cut" in identify(console, f"dccs_abc failed (reference {REFERENCE})")


def test_says_whose_it_is(console: Console) -> None:
    group = Group.objects.create(name="Night shift")
    whose: dict[str, dict[str, Any]] = {
        "(owner: ana, group Night shift)": {"owner": console.user, "owning_group": group},
        "(owner: ana)": {"owner": console.user},
        "(group Night shift)": {"owning_group": group},
        "(no owner)": {},
    }
    for number, (words, fields) in enumerate(whose.items()):
        machine = register(f"Demo {number}", **fields)
        assert f"Belongs to “Demo {number}” {words}" in identify(console, machine.client_secret)


def test_says_how_to_stop_the_secret_and_how_the_program(
    stopper: Console, machine: Machine
) -> None:
    text = identify(stopper, machine.client_secret)

    revoke = page_url("revoke_secret", machine.row.pk, machine.row.secrets.get().pk)
    _before, _, after = text.partition("To stop only this secret:")
    assert f'href="{revoke}">Revoke it now</a>' in after
    _one, _, whole = after.partition("To stop the whole program:")
    assert f'href="{page_url("disable", machine.row.pk)}">Disable</a>' in whole


def test_offers_to_stop_what_runs_and_what_one_may_stop(
    stopper: Console, console: Console, machine: Machine
) -> None:
    unrevoked = identify(console, machine.client_secret)
    revoke_secret(find_secret(machine.row, None), ACTOR)
    revoked = identify(stopper, machine.client_secret)
    disable_client(machine.row, ACTOR)
    disabled = identify(stopper, machine.client_secret)

    assert "To stop only this secret" not in unrevoked
    assert "To stop only this secret" not in revoked
    assert "To stop the whole program" in revoked
    assert "To stop the whole program" not in disabled
    assert "The client is disabled." in disabled


def test_speaks_of_hashed_secrets_only_where_some_could_be_meant(console: Console) -> None:
    without = identify(console, "hello")
    create_application()
    with_application = identify(console, "hello")

    assert HASHED not in without
    assert HASHED in with_application


def test_speaks_of_hashed_secrets_of_adopted_clients(console: Console, machine: Machine) -> None:
    ClientSecret.objects.update(digest="toolkit$pbkdf2_sha256$1$a$b")

    assert HASHED in identify(console, "hello")


def test_invites_to_paste_all_of_it(console: Console) -> None:
    assert "You may paste the whole message or file." in read(console.visit("identify"))


HOSTILE = ["dccs_" * 12_000, "dccs_A" * 10_000, "a." * 30_000, "0a" * 30_000, "eyJ.a.b " * 7_000]


@pytest.mark.parametrize("text", HOSTILE)
def test_takes_no_time_over_a_hostile_text(console: Console, text: str) -> None:
    began = time.perf_counter()

    answer: HttpResponse = console.submit("identify", text=text)

    assert answer.status_code == 200
    assert "What it is" in read(answer)
    assert time.perf_counter() - began < 3


def test_finds_every_secret_once_in_its_order() -> None:
    first, second = generate_secret().reveal(), generate_secret().reveal()

    found = list_secrets(SecretText(f"{second}{first} {second} {first[:-1]}!"))

    assert [one.reveal() for one in found] == [second, first]
    assert "dccs" not in repr(found)
