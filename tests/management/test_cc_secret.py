"""`manage.py cc_secret`: rotation without an outage, and an end for good."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from django_cc.models import AuditEvent, ClientSecret
from tests.machines import Machine, TokenEndpoint

pytestmark = pytest.mark.django_db


def run(action: str, machine: Machine, *arguments: str) -> str:
    output = StringIO()
    call_command("cc_secret", action, machine.client_id, *arguments, stdout=output)
    return output.getvalue()


def make_new(action: str, machine: Machine, *arguments: str) -> Machine:
    """Run an action that prints a new secret; return the client with it."""
    printed = json.loads(run(action, machine, *arguments, "--json"))
    return Machine(machine.row, machine.client_id, printed["client_secret"])


def works(endpoint: TokenEndpoint, machine: Machine) -> bool:
    answer = endpoint.post(authorization=machine.basic())
    return bool(answer.status_code == 200)


def test_adds_a_secret_beside_the_one_there_is(
    token_endpoint: TokenEndpoint, machine: Machine
) -> None:
    added = make_new("create", machine, "--note", "vault/billing")

    assert works(token_endpoint, machine)
    assert works(token_endpoint, added)


def test_lets_both_secrets_work_while_they_overlap(
    token_endpoint: TokenEndpoint, machine: Machine
) -> None:
    rotated = make_new("rotate", machine, "--overlap", "24h")

    assert works(token_endpoint, machine)
    assert works(token_endpoint, rotated)


def test_ends_the_old_secret_with_the_overlap(
    token_endpoint: TokenEndpoint, machine: Machine, time_machine: Any
) -> None:
    rotated = make_new("rotate", machine, "--overlap", "24h")
    time_machine.move_to(datetime.now(UTC) + timedelta(hours=24, seconds=1))

    assert not works(token_endpoint, machine)
    assert works(token_endpoint, rotated)


def test_ends_the_old_secret_at_once_without_an_overlap(
    token_endpoint: TokenEndpoint, machine: Machine
) -> None:
    rotated = make_new("rotate", machine, "--overlap", "0")

    assert not works(token_endpoint, machine)
    assert works(token_endpoint, rotated)


def test_never_prolongs_the_old_secret(machine: Machine) -> None:
    soon = datetime.now(UTC) + timedelta(hours=1)
    ClientSecret.objects.update(expires_at=soon)

    run("rotate", machine, "--overlap", "7d")

    assert ClientSecret.objects.order_by("created_at").first().expires_at == soon  # type: ignore[union-attr]


def test_revokes_for_good(token_endpoint: TokenEndpoint, machine: Machine) -> None:
    printed = run("revoke", machine, "--secret", machine.client_secret[-4:], "--reason", "leak")

    assert not works(token_endpoint, machine)
    assert "is revoked" in printed
    assert "leak" in AuditEvent.objects.get(event="secret_revoked").reason


def test_says_that_it_was_revoked_already(machine: Machine) -> None:
    ending = ("--secret", machine.client_secret[-4:])
    run("revoke", machine, *ending)

    assert "was revoked already" in run("revoke", machine, *ending)
    assert AuditEvent.objects.filter(event="secret_revoked").count() == 1


def test_changes_note_and_end(machine: Machine) -> None:
    run("update", machine, "--note", "vault/billing", "--expires-in", "7d")

    secret = ClientSecret.objects.get()
    assert secret.note == "vault/billing"
    assert secret.expires_at is not None
    assert abs(secret.expires_at - datetime.now(UTC) - timedelta(days=7)) < timedelta(minutes=1)


def test_lists_visible_ends_and_no_more(machine: Machine) -> None:
    run("rotate", machine, "--overlap", "0")

    listed = json.loads(run("list", machine, "--json"))

    assert [secret["state"] for secret in listed] == ["revoked", "live"]
    assert listed[0]["secret"].endswith(machine.client_secret[-4:])
    assert machine.client_secret not in json.dumps(listed)


@pytest.mark.parametrize(
    ("later", "word", "sentence"),
    [
        (timedelta(0), "not_known_yet", "is not known yet: look again in a minute and a half."),
        (timedelta(minutes=2), "safe_to_revoke", "not used since that was created"),
    ],
)
def test_tells_whether_a_replaced_secret_is_still_used(
    machine: Machine, time_machine: Any, later: timedelta, word: str, sentence: str
) -> None:
    run("rotate", machine, "--overlap", "24h")
    time_machine.move_to(datetime.now(UTC) + later)

    listed = json.loads(run("list", machine, "--json"))

    assert [secret["replaced"] for secret in listed] == [word, None]
    printed = run("list", machine)
    assert sentence in printed
    assert word not in printed


def test_says_from_where_a_replaced_secret_is_still_used(machine: Machine) -> None:
    run("rotate", machine, "--overlap", "24h")
    old, new = machine.row.secrets.order_by("created_at")
    now = datetime.now(UTC)
    ClientSecret.objects.filter(pk=old.pk).update(last_used_at=now, last_used_address="192.0.2.7")

    printed = run("list", machine)

    assert f"Replaced by {new}, but still used: not everything has moved yet." in printed
    assert " from 192.0.2.7" in printed
    assert "Use is known up to a minute and a half late." in printed


def test_says_how_long_the_old_secret_works_after_a_rotation(machine: Machine) -> None:
    ending = machine.client_secret[-4:]

    text = run("rotate", machine, "--overlap", "24h")
    newest = ClientSecret.objects.latest("created_at")
    printed = json.loads(
        run("rotate", machine, "--secret", newest.visible_end, "--overlap", "1h", "--json")
    )

    assert f"The old secret …{ending} works until 20" in text
    assert printed["old_secret"] == str(newest)
    newest.refresh_from_db()
    assert newest.expires_at is not None
    assert datetime.fromisoformat(printed["old_secret_ends_at"]) == newest.expires_at.replace(
        microsecond=0
    )


def test_says_that_an_old_secret_without_an_overlap_has_stopped(machine: Machine) -> None:
    ending = machine.client_secret[-4:]

    assert f"The old secret …{ending} has stopped working." in run(
        "rotate", machine, "--overlap", "0"
    )


def test_names_live_secrets_alone_where_it_must_be_told_which(machine: Machine) -> None:
    run("rotate", machine, "--overlap", "0")
    run("create", machine)
    dead, *live = ClientSecret.objects.order_by("created_at")

    with pytest.raises(CommandError, match="--secret: Name one") as refusal:
        run("rotate", machine)

    assert str(dead) not in str(refusal.value)
    assert all(str(secret) in str(refusal.value) for secret in live)


def test_lists_for_people(machine: Machine) -> None:
    assert "live" in run("list", machine)
    ClientSecret.objects.all().delete()
    assert "cc_secret create" in run("list", machine)


def test_shows_a_new_secret_to_people_once(machine: Machine) -> None:
    printed = run("create", machine)

    assert "client_secret  dccs_" in printed
    assert "shown only now" in printed
    assert "Works everywhere within 5 seconds." in printed


REFUSED = {
    "unknown ending": (["revoke", "--secret", "none"], "last four characters"),
    "long overlap": (["rotate", "--overlap", "31d"], "at most 30 days"),
    "no duration": (["rotate", "--overlap", "soon"], "write 30m, 24h, 7d, or 0"),
    "end too late": (["create", "--expires-in", "366d"], "SECRET_MAX_AGE"),
    "end at once": (["create", "--expires-in", "0"], "in the future"),
    "prolonged too far": (["update", "--expires-in", "366d"], "SECRET_MAX_AGE"),
}


@pytest.mark.parametrize(("arguments", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_refuses_with_the_fix(machine: Machine, arguments: list[str], message: str) -> None:
    action, *more = arguments

    with pytest.raises(CommandError, match=message):
        run(action, machine, *more)

    assert ClientSecret.objects.filter(revoked_at=None).count() == 1


def test_refuses_one_secret_too_many(machine: Machine) -> None:
    for _number in range(4):
        run("create", machine)

    with pytest.raises(CommandError, match="5 secrets are live"):
        run("create", machine)


def test_asks_which_one_is_meant_where_several_are_live(machine: Machine) -> None:
    run("create", machine)

    with pytest.raises(CommandError, match="last four characters: dccs_"):
        run("rotate", machine)


def test_rotates_no_secret_that_is_not_live(machine: Machine) -> None:
    ending = ("--secret", machine.client_secret[-4:])
    run("revoke", machine, *ending)

    with pytest.raises(CommandError, match="is not live any more"):
        run("rotate", machine, *ending)


def test_says_that_a_client_is_gone(machine: Machine) -> None:
    machine.row.delete()

    with pytest.raises(CommandError, match="no machine client"):
        run("create", machine)


def test_rotates_no_secret_beyond_the_most_that_may_live(machine: Machine) -> None:
    for _number in range(4):
        run("create", machine)
    first = machine.row.secrets.order_by("pk").first()
    assert first is not None

    with pytest.raises(CommandError, match="5 secrets are live"):
        run("rotate", machine, "--secret", first.visible_end)
    run("rotate", machine, "--secret", first.visible_end, "--overlap", "0")

    assert machine.row.secrets.filter(revoked_at=None).count() == 5


@pytest.mark.parametrize("note", ["x" * 256, "two\nlines"], ids=["long", "control character"])
def test_refuses_a_note_that_cannot_be_kept(machine: Machine, note: str) -> None:
    if "\n" in note:
        run("create", machine, "--note", note)
        assert "two lines" in run("list", machine)
        return
    with pytest.raises(CommandError, match="note: "):
        run("create", machine, "--note", note)
