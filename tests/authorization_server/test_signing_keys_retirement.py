"""Signing keys end: with time, on request, and when they got into wrong hands."""

from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError

from django_cc.models import AuditEvent, SigningKey
from tests.machines import Machine, TokenEndpoint
from tests.signing_keys import (
    configure,
    is_accepted,
    kid_of,
    pass_time,
    published,
    run,
    run_for_json,
    signer,
    states,
)

pytestmark = pytest.mark.django_db


def find_private_halves(state: str) -> list[bytes]:
    return [bytes(key.encrypted_private_key) for key in SigningKey.objects.filter(state=state)]


def test_retires_a_key_whose_last_token_has_expired(signing_key: None, time_machine: Any) -> None:
    run("rotate", "--now")
    kid = kid_of("retiring")
    pass_time(time_machine, minutes=12)

    printed = run("retire", kid, "--reason", "tidying")

    assert printed == f"{kid} is retired.\n"
    assert kid not in published()
    assert find_private_halves("retired") == [b""]
    event = AuditEvent.objects.get(event="signing_key_retired")
    assert (kid in event.detail, event.reason) == (True, "tidying")


def test_keeps_a_key_whose_tokens_may_still_live(signing_key: None) -> None:
    run("rotate", "--now")

    with pytest.raises(CommandError, match=r"may live until 20.*--force"):
        run("retire", kid_of("retiring"))

    assert "retiring" in states()


def test_keeps_a_retiring_key_of_which_it_does_not_know_the_end(signing_key: None) -> None:
    run("rotate", "--now")
    SigningKey.objects.filter(state="retiring").update(verifies_until=None)

    with pytest.raises(CommandError, match="--force"):
        run("retire", kid_of("retiring"))
    assert run_for_json("rotate", "--if-due")["ended"] == []


def test_refuses_the_tokens_of_a_retired_key(
    token_endpoint: TokenEndpoint, machine: Machine
) -> None:
    token = token_endpoint.access_token(machine)
    run("rotate", "--now")

    run("retire", kid_of("retiring"), "--force")

    assert not is_accepted(token)


def test_refuses_the_tokens_of_a_key_past_its_end_though_nobody_retired_it(
    token_endpoint: TokenEndpoint, machine: Machine, time_machine: Any
) -> None:
    run("rotate", "--now")
    kid = kid_of("retiring")
    SigningKey.objects.filter(state="current").update(state="retired")
    SigningKey.objects.filter(kid=kid).update(state="current")
    pass_time(time_machine, minutes=20)
    token = token_endpoint.access_token(machine)  # as a thief of the private half makes it

    assert "retiring" not in states()
    assert not is_accepted(token)


def test_records_that_a_key_signs_no_more(settings: Any, signing_key: None) -> None:
    unused = kid_of("current")
    settings.DJANGO_CC = {**settings.DJANGO_CC, "SIGNING_ALGORITHM": "EdDSA"}
    run("ensure")

    run("retire", unused, "--reason", "leak")

    event = AuditEvent.objects.get(event="signing_key_retiring")
    assert (unused in event.detail, event.reason) == (True, "leak")


def test_retires_a_next_key_at_once(signing_key: None) -> None:
    run("retire", kid_of("next"))

    assert states() == ["current", "retired"]


def test_leaves_a_retired_key_as_it_is(signing_key: None) -> None:
    kid = kid_of("next")
    run("retire", kid)
    events = AuditEvent.objects.count()

    printed = run_for_json("retire", kid)

    assert printed["state"] == "retired"
    assert AuditEvent.objects.count() == events


@pytest.mark.parametrize("force", [[], ["--force"]], ids=["", "with force"])
def test_never_retires_the_key_that_signs(signing_key: None, force: list[str]) -> None:
    with pytest.raises(CommandError, match=r"signs.*rotate.*compromise"):
        run("retire", kid_of("current"), *force)

    assert states() == ["current", "next"]


def test_does_not_know_every_key(signing_key: None) -> None:
    with pytest.raises(CommandError, match=r"no key “nobody's”: see cc_signing_key list"):
        run("retire", "nobody's")


def test_retires_the_key_of_an_algorithm_that_is_no_longer_used(
    token_endpoint: TokenEndpoint, machine: Machine, settings: Any
) -> None:
    token = token_endpoint.access_token(machine)
    old = kid_of("current")
    configure(settings, SIGNING_ALGORITHM="EdDSA")
    run("ensure")

    printed = run("retire", old)

    assert printed.startswith(f"{old} signs no more and verifies until 20")
    assert kid_of("retiring") == old
    assert is_accepted(token)
    run("retire", old, "--force")
    assert not is_accepted(token)


def test_retires_an_unused_key_at_once_by_force(signing_key: None, settings: Any) -> None:
    old = kid_of("current")
    configure(settings, SIGNING_ALGORITHM="EdDSA")

    run("retire", old, "--force")

    assert kid_of("retired") == old


def test_refuses_all_tokens_of_a_compromised_key(
    token_endpoint: TokenEndpoint, machine: Machine
) -> None:
    token = token_endpoint.access_token(machine)
    current, upcoming = kid_of("current"), kid_of("next")

    printed = run("compromise", "--reason", "laptop lost")

    assert not is_accepted(token)
    assert not {current, upcoming} & set(published())
    assert find_private_halves("retired") == [b"", b""]
    assert "refused here within 5 seconds" in printed
    assert is_accepted(token_endpoint.access_token(machine))
    events = AuditEvent.objects.filter(event="signing_key_compromised")
    assert [event.reason for event in events] == ["laptop lost", "laptop lost"]


def test_goes_on_verifying_with_retiring_keys_after_a_compromise(
    token_endpoint: TokenEndpoint, machine: Machine
) -> None:
    token = token_endpoint.access_token(machine)
    run("rotate", "--now")

    printed = run("compromise", "--reason", "leak")

    assert is_accepted(token)
    assert "Older keys that go on verifying: 1." in printed


def test_discards_every_key_on_request(
    token_endpoint: TokenEndpoint, machine: Machine, settings: Any
) -> None:
    run("rotate", "--now")
    configure(settings, SIGNING_ALGORITHM="EdDSA")
    run("ensure")
    before = published()

    printed = run_for_json("compromise", "--all", "--reason", "leak")

    assert sorted(printed["discarded"]) == sorted(before)
    assert printed["kept"] == 0
    assert published() == [printed["current"]["kid"], printed["next"]["kid"]]


def test_is_the_way_out_when_the_encryption_keys_are_lost(
    token_endpoint: TokenEndpoint, machine: Machine, settings: Any
) -> None:
    configure(settings, KEY_ENCRYPTION_KEYS=[Fernet.generate_key().decode()])
    with pytest.raises(CommandError, match="cc_signing_key compromise"):
        run("ensure")

    run("compromise", "--reason", "leak")

    assert signer(token_endpoint, machine) == kid_of("current")
    assert run_for_json("ensure")["created"] is False


def test_makes_the_first_keys_even_where_there_was_none(db: None) -> None:
    printed = run_for_json("compromise", "--reason", "leak")

    assert printed["discarded"] == []
    assert states() == ["current", "next"]
