"""Creating, rotating, changing and revoking secrets in the console."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.http import HttpResponse
from django.utils import timezone
from pytest_django import Settings

from django_cc.authorization_server.clients.keys import add_key
from django_cc.authorization_server.clients.secrets import create_secret
from django_cc.models import AuditEvent, ClientSecret
from tests.assertions import new_key
from tests.console.console import Console, create_user, find_secrets, page_url, read, read_secret
from tests.console.test_registration_errors import with_secret_max_age
from tests.console.usage import count
from tests.machines import ACTOR, Machine, TokenEndpoint

Event = AuditEvent.Event


def create(console: Console, machine: Machine, **changes: Any) -> HttpResponse:
    """Submit the form for one more secret."""
    fields = {"note": "", "secret_expires": "90", "expected_secrets": machine.row.secrets.count()}
    return console.submit("create_secret", machine.row.pk, **(fields | changes))


def rotate(console: Console, machine: Machine, **changes: Any) -> HttpResponse:
    """Submit the form that rotates the client's first secret."""
    old = machine.row.secrets.earliest("pk")
    fields = {
        "overlap": "86400",
        "secret_expires": "90",
        "expected_secrets": machine.row.secrets.count(),
    }
    return console.submit("rotate_secret", machine.row.pk, old.pk, **(fields | changes))


def with_secret(machine: Machine, answer: HttpResponse) -> Machine:
    """Return the client with the secret that a page shows."""
    return Machine(machine.row, machine.client_id, read_secret(answer))


def gets_token(endpoint: TokenEndpoint, machine: Machine) -> bool:
    status: int = endpoint.post(authorization=machine.basic()).status_code
    return status == 200


def test_both_secrets_work_until_the_overlap_ends(
    admin_console: Console, machine: Machine, token_endpoint: TokenEndpoint
) -> None:
    answer = rotate(admin_console, machine)
    new = with_secret(machine, answer)

    meanwhile = [gets_token(token_endpoint, one) for one in (machine, new)]
    with time_machine.travel(timezone.now() + timedelta(hours=24, seconds=1)):
        after = [gets_token(token_endpoint, one) for one in (machine, new)]

    assert meanwhile == [True, True]
    assert after == [False, True]


def test_the_page_says_until_when_the_old_secret_works(
    admin_console: Console, machine: Machine
) -> None:
    answer = rotate(admin_console, machine, overlap="3600")

    old = machine.row.secrets.earliest("pk")
    assert f"The old secret …{old.visible_end} works until" in read(answer)
    assert "“Billing sync” has a new secret" in read(answer)


def test_a_new_secret_reminds_of_those_that_work_on(
    admin_console: Console, machine: Machine
) -> None:
    create(admin_console, machine)
    ends = [secret.visible_end for secret in machine.row.secrets.order_by("pk")]

    text = read(create(admin_console, machine))

    words = "Once the program uses the new one, revoke those that nothing needs any more:"
    assert f"{words} …{ends[0]}, …{ends[1]}." in text


def test_a_new_secret_reminds_of_no_other_where_none_works(
    admin_console: Console, machine: Machine
) -> None:
    machine.row.secrets.update(revoked_at=timezone.now())

    assert "Once the program uses" not in read(create(admin_console, machine))


def test_the_page_with_a_secret_says_what_to_do_when_it_is_lost(
    admin_console: Console, machine: Machine
) -> None:
    assert "If you lose it, rotate it on the tab “Credentials”." in read(
        create(admin_console, machine)
    )


def test_the_page_with_a_secret_says_from_when_it_works(
    admin_console: Console, machine: Machine
) -> None:
    assert "Works everywhere within 5 seconds." in read(create(admin_console, machine))


def test_a_page_about_a_young_secret_does_not_call_it_unused(
    admin_console: Console, machine: Machine
) -> None:
    secret = machine.row.secrets.get()

    young = read(admin_console.visit("rotate_secret", machine.row.pk, secret.pk))
    with time_machine.travel(timezone.now() + timedelta(seconds=80)):
        old = read(admin_console.visit("rotate_secret", machine.row.pk, secret.pk))

    assert "Not seen in use yet." in young
    assert "Never used." in old


def test_an_immediate_rotation_stops_the_old_secret(
    admin_console: Console, machine: Machine, token_endpoint: TokenEndpoint
) -> None:
    answer = rotate(admin_console, machine, overlap="0")

    assert "has stopped working" in read(answer)
    assert not gets_token(token_endpoint, machine)
    assert gets_token(token_endpoint, with_secret(machine, answer))


def test_the_old_secret_can_end_at_a_time_of_ones_own(
    admin_console: Console, machine: Machine
) -> None:
    end = (timezone.now() + timedelta(days=10)).replace(second=0, microsecond=0)

    rotate(admin_console, machine, overlap="at", ends_at=end.strftime("%Y-%m-%dT%H:%M"))

    expires_at = machine.row.secrets.earliest("pk").expires_at
    assert expires_at is not None
    assert abs(expires_at - end) < timedelta(seconds=5)


@pytest.mark.parametrize("days", [-1, 31])
def test_refuses_a_time_that_is_past_or_too_late(
    admin_console: Console, machine: Machine, days: int
) -> None:
    end = timezone.now() + timedelta(days=days)

    answer = rotate(admin_console, machine, overlap="at", ends_at=end.strftime("%Y-%m-%dT%H:%M"))

    assert "Name a time within the next 30 days." in read(answer)
    assert machine.row.secrets.count() == 1


@pytest.mark.parametrize("overlap", ["", "12", "-3600", "at", "x"])
def test_refuses_an_overlap_that_is_not_offered(
    admin_console: Console, machine: Machine, overlap: str
) -> None:
    answer = rotate(admin_console, machine, overlap=overlap)

    assert answer.status_code == 200
    assert not find_secrets(answer)
    assert machine.row.secrets.count() == 1


def test_proposes_the_overlap_of_the_settings(
    admin_console: Console, machine: Machine, settings: Settings
) -> None:
    settings.DJANGO_CC = settings.DJANGO_CC | {"ROTATION_OVERLAP": timedelta(hours=48)}

    text = read(admin_console.visit("rotate_secret", machine.row.pk, machine.row.secrets.get().pk))

    assert 'value="172800" required id="id_overlap_0" checked' in text.replace("  ", " ")


@pytest.mark.parametrize("submit", [create, rotate])
def test_a_form_sent_twice_makes_one_secret(
    admin_console: Console, machine: Machine, submit: Any
) -> None:
    submit(admin_console, machine, expected_secrets=1)

    again = submit(admin_console, machine, expected_secrets=1)

    assert machine.row.secrets.count() == 2
    assert "It was shown once and cannot be shown again." in read(again)
    assert not find_secrets(again)


def test_adds_a_secret_with_a_note_and_an_end(
    admin_console: Console, machine: Machine, token_endpoint: TokenEndpoint
) -> None:
    answer = create(admin_console, machine, note=" vault/billing ", secret_expires="30")

    added = machine.row.secrets.latest("pk")
    assert (added.note, added.created_by) == ("vault/billing", "root")
    assert added.expires_at is not None
    assert (added.expires_at - timezone.now()).days in {29, 30}
    assert gets_token(token_endpoint, with_secret(machine, answer))
    assert gets_token(token_endpoint, machine)


@pytest.mark.parametrize("submit", [create, rotate])
def test_refuses_a_sixth_live_secret(admin_console: Console, machine: Machine, submit: Any) -> None:
    for _number in range(4):
        create_secret(machine.row, ACTOR, expires_at=timezone.now() + timedelta(days=9))

    answer = submit(admin_console, machine)

    assert "5 secrets are live. Revoke one first." in read(answer)
    assert machine.row.secrets.count() == 5


@pytest.mark.parametrize(
    ("event", "submit"), [(Event.SECRET_CREATED, create), (Event.SECRET_ROTATED, rotate)]
)
def test_the_audit_trail_names_the_actor(
    admin_console: Console, machine: Machine, event: Event, submit: Any
) -> None:
    submit(admin_console, machine)

    recorded = AuditEvent.objects.get(event=event)
    assert (recorded.actor_kind, recorded.actor) == ("user", "root")


def change(console: Console, machine: Machine, **fields: str) -> HttpResponse:
    secret = machine.row.secrets.get()
    return console.submit("update_secret", machine.row.pk, secret.pk, **fields)


def shown_end(secret: ClientSecret) -> str:
    assert secret.expires_at is not None
    return secret.expires_at.strftime("%Y-%m-%dT%H:%M")


def test_changes_the_note_and_leaves_the_end_to_the_second(
    admin_console: Console, machine: Machine
) -> None:
    before = machine.row.secrets.get()

    change(admin_console, machine, note="vault/new", expires_at=shown_end(before))

    after = machine.row.secrets.get()
    assert (after.note, after.expires_at) == ("vault/new", before.expires_at)


def test_shortens_the_life_of_a_secret(admin_console: Console, machine: Machine) -> None:
    end = (timezone.now() + timedelta(days=1)).replace(second=0, microsecond=0)

    answer = change(admin_console, machine, note="", expires_at=end.strftime("%Y-%m-%dT%H:%M"))

    assert answer.status_code == 302
    assert machine.row.secrets.get().expires_at == end


@pytest.mark.parametrize("days", [-1, 366])
def test_refuses_an_end_out_of_bounds(admin_console: Console, machine: Machine, days: int) -> None:
    end = timezone.now() + timedelta(days=days)

    answer = change(admin_console, machine, note="kept", expires_at=end.strftime("%Y-%m-%dT%H:%M"))

    assert "within SECRET_MAX_AGE of the creation" in read(answer)
    assert 'value="kept"' in read(answer)
    assert machine.row.secrets.get().note == ""


def test_a_secret_that_may_live_for_ever_can_be_made_to(
    admin_console: Console, machine: Machine, settings: Settings
) -> None:
    with_secret_max_age(settings, None)

    change(admin_console, machine, note="", expires_at="")

    assert machine.row.secrets.get().expires_at is None


def test_asks_before_it_revokes_the_last_secret(admin_console: Console, machine: Machine) -> None:
    secret = machine.row.secrets.get()
    machine.row.secrets.update(last_used_at=timezone.now() - timedelta(hours=1))

    text = read(admin_console.visit("revoke_secret", machine.row.pk, secret.pk))

    for words in (
        f"Revoke secret …{secret.visible_end}",
        "Something still uses it, and will fail.",
        "This is the only usable credential. The client will not be able to get tokens.",
        "The client got 0 tokens in 24 hours.",
        "It cannot be undone. Tokens that were got with it live on until they expire, 10 minutes",
    ):
        assert words in text
    assert machine.row.secrets.get().revoked_at is None


def test_a_key_that_does_not_count_is_no_other_credential(
    admin_console: Console, machine: Machine
) -> None:
    add_key(machine.row, new_key().public_jwk(), ACTOR)

    text = read(admin_console.visit("revoke_secret", machine.row.pk, machine.row.secrets.get().pk))

    assert "This is the only usable credential." in text


def test_does_not_warn_where_another_secret_works(admin_console: Console, machine: Machine) -> None:
    create_secret(machine.row, ACTOR, expires_at=timezone.now() + timedelta(days=9))
    secret = machine.row.secrets.earliest("pk")

    text = read(admin_console.visit("revoke_secret", machine.row.pk, secret.pk))

    assert "This is the only usable credential." not in text
    assert "Not seen in use yet." in text


def test_revokes_with_a_reason(
    admin_console: Console, machine: Machine, token_endpoint: TokenEndpoint
) -> None:
    secret = machine.row.secrets.get()

    answer = admin_console.submit("revoke_secret", machine.row.pk, secret.pk, reason="Leaked")

    assert answer["Location"] == page_url("credentials", machine.row.pk)
    assert not gets_token(token_endpoint, machine)
    assert AuditEvent.objects.get(event=Event.SECRET_REVOKED).reason == "Leaked"


def test_says_until_when_tokens_of_a_revoked_secret_run(
    admin_console: Console, machine: Machine
) -> None:
    secret = machine.row.secrets.get()
    with time_machine.travel(datetime(2026, 11, 22, 12, 0, tzinfo=UTC), tick=False):
        admin_console.submit("revoke_secret", machine.row.pk, secret.pk)
        text = read(admin_console.visit("credentials", machine.row.pk))

    expected = "Tokens that were got with it run until 22 Nov 2026, 12:10 UTC at the latest."
    assert f"Secret …{secret.visible_end} is revoked. {expected}" in text


def test_nothing_is_done_to_a_secret_of_another_client(
    admin_console: Console, machine: Machine
) -> None:
    from tests.machines import register

    other = register("Other")

    answer = admin_console.submit(
        "revoke_secret", machine.row.pk, other.row.secrets.get().pk, reason=""
    )

    assert answer["Location"] == page_url("credentials", machine.row.pk)
    assert other.row.secrets.get().revoked_at is None


SECRET_PAGES = ["rotate_secret", "update_secret", "revoke_secret"]


@pytest.mark.parametrize("page", ["create_secret", *SECRET_PAGES])
def test_a_forged_post_is_denied_and_told(machine: Machine, page: str) -> None:
    ben = Console(create_user("ben", "view_machineclient", "access_all_clients"))
    numbers = [machine.row.secrets.get().pk] if page in SECRET_PAGES else []
    fields = {"overlap": "0", "secret_expires": "90", "expected_secrets": "1", "note": "x"}

    answer = ben.submit(page, machine.row.pk, *numbers, **fields)

    secret = machine.row.secrets.get()
    assert answer.status_code == 403
    assert (secret.note, secret.revoked_at) == ("", None)
    assert AuditEvent.objects.get(event=Event.ACTION_DENIED).detail == page


@pytest.mark.parametrize("page", ["create_secret", *SECRET_PAGES])
def test_looking_changes_nothing(admin_console: Console, machine: Machine, page: str) -> None:
    numbers = [machine.row.secrets.get().pk] if page in SECRET_PAGES else []
    before = list(machine.row.secrets.values())

    answer = admin_console.visit(page, machine.row.pk, *numbers)

    assert answer.status_code == 200
    assert list(machine.row.secrets.values()) == before


STOPPER = ("view_machineclient", "access_all_clients", "revoke_credential")


def revoke_and_read(console: Console, machine: Machine, secret: ClientSecret) -> str:
    """Revoke a secret and return the message that says so."""
    console.submit("revoke_secret", machine.row.pk, secret.pk)
    text = read(console.visit("credentials", machine.row.pk))
    return text[text.index('<ul class="messagelist">') :].partition("</ul>")[0]


def test_leads_on_to_the_tokens_of_a_revoked_secret_while_some_run(machine: Machine) -> None:
    secret = machine.row.secrets.get()
    count(machine, issued=1)
    stopper = Console(create_user("kim", *STOPPER, "revoke_tokens"))

    told = revoke_and_read(stopper, machine, secret)

    assert f'<a href="{page_url("revoke_tokens", machine.row.pk)}">Revoke all tokens</a>' in told
    assert "Create a secret" not in told


def test_leads_to_no_tokens_where_none_runs_or_one_may_not_stop_them(machine: Machine) -> None:
    other = create_secret(machine.row, ACTOR, expires_at=timezone.now() + timedelta(days=9)).secret
    first, second = machine.row.secrets.order_by("pk")
    without_tokens = Console(create_user("kim", *STOPPER, "revoke_tokens"))
    without_right = Console(create_user("eve", *STOPPER))

    told = [revoke_and_read(without_tokens, machine, first)]
    count(machine, issued=1)
    told.append(revoke_and_read(without_right, machine, second))

    assert all("is revoked." in text and "<a " not in text for text in told)
    assert other.reveal() not in "".join(told)


def test_leads_on_to_a_new_secret_where_none_is_left(machine: Machine) -> None:
    issuer = Console(create_user("kim", *STOPPER, "issue_credential"))
    create_secret(machine.row, ACTOR, expires_at=timezone.now() + timedelta(days=9))
    first, second = machine.row.secrets.order_by("pk")

    one_left = revoke_and_read(issuer, machine, first)
    none_left = revoke_and_read(issuer, machine, second)

    link = f'<a href="{page_url("create_secret", machine.row.pk)}">Create a secret</a>'
    assert link not in one_left
    assert link in none_left


def test_offers_no_new_secret_to_a_client_that_moved_to_keys(machine: Machine) -> None:
    issuer = Console(create_user("kim", *STOPPER, "issue_credential"))
    machine.row.authentication = "private_key_jwt"
    machine.row.save()

    assert "<a " not in revoke_and_read(issuer, machine, machine.row.secrets.get())
