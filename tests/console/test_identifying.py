"""Identify: whose something is, told to whoever may see that client, and to nobody else."""

import logging
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib.messages import get_messages
from django.contrib.sessions.models import Session
from django.http import HttpResponse
from django.views.debug import SafeExceptionReporterFilter

from django_cc.authorization_server.clients.deletion import delete_client
from django_cc.authorization_server.clients.secrets import find_secret, revoke_secret
from django_cc.authorization_server.clients.state import disable_client
from django_cc.console.site.times import format_time
from django_cc.models import AuditEvent, MachineClient, SigningKey
from tests.audit_events import REFERENCE, add_refusal
from tests.console.console import Console, create_user, page_url, read
from tests.jwts import read_claims, with_claims
from tests.machines import ACTOR, Machine, TokenEndpoint, call, read_json, register
from tests.signing_keys import kid_of, run

NOT_FOUND = "that you can see"


@pytest.fixture
def ben(db: None) -> Console:
    """The console as ben sees it, who sees his own clients alone."""
    return Console(create_user("ben", "view_machineclient", "revoke_tokens"))


def identify(console: Console, text: str) -> HttpResponse:
    return console.submit("identify", text=text)


def test_the_page_asks_for_a_text(console: Console) -> None:
    assert "Paste what you found" in read(console.visit("identify"))


def test_needs_the_right_to_see_clients(db: None) -> None:
    eve = Console(create_user("eve"))

    assert eve.visit("identify").status_code == 403
    assert identify(eve, "hello").status_code == 403


def test_tells_whose_a_secret_is(console: Console, machine: Machine) -> None:
    text = read(identify(console, f"  {machine.client_secret}\n"))

    ending = machine.client_secret[-4:]
    assert f"Belongs to “Billing sync” (no owner), secret …{ending}, live." in text
    assert machine.client_secret not in text


def test_tells_that_a_secret_was_revoked(console: Console, machine: Machine) -> None:
    revoke_secret(find_secret(machine.row, None), ACTOR)

    assert ", revoked." in read(identify(console, machine.client_secret))


def test_tells_all_of_a_live_token(
    console: Console, machine: Machine, token_endpoint: TokenEndpoint
) -> None:
    token = token_endpoint.access_token(machine)

    text = read(identify(console, f"Authorization: Bearer {token}"))

    assert "An access token of “Billing sync” for Orders. Its signature is good." in text
    assert "It lives." in text
    assert read_claims(token)["jti"] in text
    assert page_url("change", machine.row.pk) in text
    assert token not in text


def test_tells_why_a_token_is_dead(
    console: Console, machine: Machine, token_endpoint: TokenEndpoint, time_machine: Any
) -> None:
    token = token_endpoint.access_token(machine)
    disable_client(machine.row, ACTOR)
    disabled = read(identify(console, token))
    time_machine.move_to(datetime.now(UTC) + timedelta(hours=1))

    expired = read(identify(console, token))

    assert "The client was disabled" in disabled
    assert "The access token had expired" in expired


@pytest.mark.parametrize("how", ["compromised", "retired"])
def test_tells_that_the_key_of_a_token_was_discarded(
    console: Console, machine: Machine, token_endpoint: TokenEndpoint, how: str
) -> None:
    token, kid = token_endpoint.access_token(machine), kid_of("current")
    if how == "compromised":
        run("compromise", "--reason", "leak")
    else:
        run("rotate", "--now")
        run("retire", "--force", kid)

    text = read(identify(console, token))

    assert "An access token of “Billing sync”." in text
    discarded_at = SigningKey.objects.get(kid=kid).retired_at
    assert discarded_at is not None
    when = format_time(discarded_at)
    assert kid in text
    assert f", a key that was discarded on {when}: refused everywhere." in text
    assert "It lives." not in text


def test_believes_no_token_that_only_names_a_discarded_key(
    console: Console, machine: Machine, token_endpoint: TokenEndpoint
) -> None:
    token = token_endpoint.access_token(machine)
    run("compromise", "--reason", "leak")

    assert NOT_FOUND in read(identify(console, f"{token[:-8]}AAAAAAAA"))


def test_tells_of_a_discarded_key_only_those_who_see_the_client(
    ben: Console, machine: Machine, token_endpoint: TokenEndpoint
) -> None:
    token = token_endpoint.access_token(machine)
    run("compromise", "--reason", "leak")

    assert NOT_FOUND in read(identify(ben, token))


def test_a_token_that_lives_can_be_revoked_from_there(
    ben: Console, token_endpoint: TokenEndpoint
) -> None:
    machine = register(owner=ben.user)
    token = token_endpoint.access_token(machine)

    text = read(identify(ben, token))

    assert f'action="{page_url("tokens", machine.row.pk)}"' in text
    (proof,) = re.findall(r'name="proof" value="([^"]+)"', text)
    ben.submit("tokens", machine.row.pk, proof=proof)
    assert call(token=token).status_code == 401


def test_a_forged_token_is_nobodys(
    console: Console, machine: Machine, token_endpoint: TokenEndpoint
) -> None:
    forged = with_claims(token_endpoint.access_token(machine), scope="orders:admin")

    text = read(identify(console, forged))

    assert NOT_FOUND in text
    assert "Billing sync" not in text


def test_tells_of_a_token_whose_client_was_deleted(
    console: Console, machine: Machine, token_endpoint: TokenEndpoint
) -> None:
    token = token_endpoint.access_token(machine)
    disable_client(machine.row, ACTOR)
    delete_client(machine.row, ACTOR)

    assert "of a client that was deleted, for Orders" in read(identify(console, token))


def test_explains_a_refusal_by_what_its_answer_said(
    console: Console, machine: Machine, token_endpoint: TokenEndpoint
) -> None:
    revoke_secret(find_secret(machine.row, None), ACTOR)
    answer = token_endpoint.post(authorization=machine.basic())

    text = read(identify(console, read_json(answer)["error_description"]))

    assert "has been revoked" in text
    assert "Billing sync" in text


@pytest.mark.parametrize("text", ["hello", REFERENCE, "a.b.c", "dccs_abc", "x" * 9000])
def test_says_that_nothing_was_found(console: Console, text: str) -> None:
    answer = identify(console, text)

    assert answer.status_code == 200
    assert "What it is" in read(answer)


@pytest.mark.parametrize("text", ["", " ", "x" * 70_000, "a\0b"])
def test_a_text_that_cannot_be_anything_is_refused(console: Console, text: str) -> None:
    answer = identify(console, text)

    assert answer.status_code == 200
    assert "What it is" not in read(answer)
    assert not AuditEvent.objects.filter(event="credential_identified").exists()


def test_somebody_elses_secret_is_as_unknown_as_nobodys(ben: Console, machine: Machine) -> None:
    deleted = register("Gone")
    MachineClient.objects.filter(pk=deleted.row.pk).delete()

    theirs, nobodys = identify(ben, machine.client_secret), identify(ben, deleted.client_secret)

    assert _result(theirs) == _result(nobodys)
    assert "Billing sync" not in read(theirs)


def test_somebody_elses_token_is_as_unknown_as_a_forged_one(
    ben: Console, machine: Machine, token_endpoint: TokenEndpoint
) -> None:
    token = token_endpoint.access_token(machine)

    theirs, forged = identify(ben, token), identify(ben, with_claims(token, scope="nope"))

    assert _result(theirs) == _result(forged)
    assert machine.client_id not in read(theirs)


@pytest.mark.parametrize("is_known", [True, False])
def test_somebody_elses_reference_is_as_unknown_as_an_invented_one(
    ben: Console, machine: Machine, *, is_known: bool
) -> None:
    add_refusal("wrong_secret", client_id=machine.client_id if is_known else "")

    theirs, invented = identify(ben, REFERENCE), identify(ben, "0123456789abcdef")

    assert _result(theirs) == _result(invented)
    assert "mistyped" not in read(theirs)


def test_ones_own_reference_is_explained(ben: Console) -> None:
    machine = register(owner=ben.user)
    add_refusal("wrong_secret", client_id=machine.client_id)

    assert "mistyped" in read(identify(ben, REFERENCE))


def test_tells_the_trail_who_asked_of_which_client(console: Console, machine: Machine) -> None:
    identify(console, machine.client_secret)

    event = AuditEvent.objects.get(event="credential_identified")
    assert (event.actor, event.client_id) == ("ana", machine.client_id)
    assert event.detail.startswith("client secret dccs_")


def test_tells_the_trail_nothing_of_a_client_that_was_not_found(
    ben: Console, machine: Machine
) -> None:
    identify(ben, machine.client_secret)

    event = AuditEvent.objects.get(event="credential_identified")
    assert (event.client_id, event.result) == ("", "refused")
    assert event.detail == "client secret: nothing found"


@pytest.mark.parametrize("page", ["identify", "try"])
@pytest.mark.usefixtures("signing_key")
def test_what_was_pasted_stays_nowhere(
    admin_console: Console, machine: Machine, caplog: pytest.LogCaptureFixture, page: str
) -> None:
    caplog.set_level(logging.DEBUG)
    args = [machine.row.pk] if page == "try" else []

    answer = admin_console.submit(
        page, *args, text=machine.client_secret, secret=machine.client_secret
    )

    rows = [row for model in apps.get_models() for row in model._base_manager.values()]
    sessions = [session.get_decoded() for session in Session.objects.all()]
    kept = repr([rows, sessions, answer.cookies, caplog.text])
    assert answer.status_code == 200
    assert machine.client_secret not in kept
    assert machine.client_secret not in read(answer)
    assert "no-store" in answer["Cache-Control"]
    assert not list(get_messages(answer.wsgi_request))  # type: ignore[attr-defined]


@pytest.mark.parametrize("page", ["identify", "try"])
@pytest.mark.usefixtures("signing_key")
def test_an_error_report_would_not_show_what_was_pasted(
    admin_console: Console, machine: Machine, page: str
) -> None:
    args = [machine.row.pk] if page == "try" else []
    secret = machine.client_secret

    answer = admin_console.submit(page, *args, text=secret, secret=secret)

    request = answer.wsgi_request  # type: ignore[attr-defined]
    reported = SafeExceptionReporterFilter().get_post_parameters(request)
    assert request.POST["text"] == secret
    assert secret not in repr(reported)


def _result(answer: HttpResponse) -> str:
    """Return what the page says it is."""
    return read(answer).partition('id="cc-found"')[2].partition("</section>")[0]
