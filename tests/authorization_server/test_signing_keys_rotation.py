"""Signing keys follow one another without a token refused."""

from datetime import timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError

from django_cc.authorization_server.signing_keys.encryption import encrypt
from django_cc.models import AuditEvent, SigningKey
from django_cc.protocol.jose import PrivateKey
from django_cc.protocol.names import SigningAlgorithm
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


def test_publishes_the_next_key_and_never_signs_with_it(
    token_endpoint: TokenEndpoint, machine: Machine
) -> None:
    assert published() == [kid_of("current"), kid_of("next")]
    assert signer(token_endpoint, machine) == kid_of("current")


def test_signs_with_the_key_that_was_next(
    token_endpoint: TokenEndpoint, machine: Machine, time_machine: Any
) -> None:
    current, upcoming = kid_of("current"), kid_of("next")
    pass_time(time_machine, hours=25)

    run("rotate")

    assert states() == ["retiring", "current", "next"]
    assert signer(token_endpoint, machine) == upcoming
    assert published() == [current, upcoming, kid_of("next")]


def test_accepts_what_a_retiring_key_signed(
    token_endpoint: TokenEndpoint, machine: Machine
) -> None:
    token = token_endpoint.access_token(machine)

    run("rotate", "--now")

    assert is_accepted(token)


def test_keeps_a_retiring_key_until_the_last_token_has_expired(
    signing_key: None, time_machine: Any, settings: Any
) -> None:
    configure(settings, TOKEN_LIFETIME=3600, PROPAGATION_SECONDS=7)
    pass_time(time_machine, hours=25)

    run("rotate")

    key = SigningKey.objects.get(state="retiring")
    assert key.verifies_until is not None
    assert key.retiring_at is not None
    assert key.verifies_until - key.retiring_at == timedelta(seconds=3600 + 7 + 60)


@pytest.mark.parametrize(
    ("lead", "too_early", "in_time"),
    [(86400, 86399, 86400), (300, 304, 305), (301, 304, 305)],
    ids=["NEXT_KEY_LEAD", "what caches keep, and propagation", "the later of both"],
)
def test_waits_until_everybody_has_seen_the_next_key(
    settings: Any, time_machine: Any, lead: int, too_early: int, in_time: int
) -> None:
    configure(settings, NEXT_KEY_LEAD=lead)
    pass_time(time_machine)
    run("ensure")
    upcoming = kid_of("next")
    pass_time(time_machine, seconds=too_early)

    with pytest.raises(CommandError, match=rf"{upcoming} will be ready at 20.*rotate --now"):
        run("rotate")
    pass_time(time_machine, seconds=in_time - too_early)
    run("rotate")

    assert kid_of("current") == upcoming


def test_rotates_without_the_wait_on_request(signing_key: None) -> None:
    upcoming = kid_of("next")

    printed = run("rotate", "--now")

    assert kid_of("current") == upcoming
    assert "refuse new tokens for up to 300 seconds" in printed


def test_says_that_the_clock_was_set_back(signing_key: None, time_machine: Any) -> None:
    pass_time(time_machine, days=-400)

    with pytest.raises(CommandError, match="in the future: was the clock set back"):
        run("rotate")
    assert not run_for_json("rotate", "--if-due")["rotated"]


def test_does_not_forget_tokens_from_before_the_clock_was_set_back(
    signing_key: None, time_machine: Any
) -> None:
    signed_since = SigningKey.objects.get(state="current").activated_at
    pass_time(time_machine, days=-2)

    run("rotate", "--now")

    key = SigningKey.objects.get(state="retiring")
    assert signed_since is not None
    assert key.verifies_until is not None
    assert key.verifies_until > signed_since + timedelta(minutes=10)


def test_refuses_to_rotate_before_there_is_a_key(db: None) -> None:
    for arguments in [(), ("--now",), ("--if-due",)]:
        with pytest.raises(CommandError, match="cc_signing_key ensure"):
            run("rotate", *arguments)


def test_needs_a_next_key_unless_it_is_to_rotate_now(signing_key: None) -> None:
    run("retire", kid_of("next"))

    with pytest.raises(CommandError, match="There is no Next key: cc_signing_key ensure"):
        run("rotate")
    run("rotate", "--now")

    assert states() == ["retiring", "retired", "current", "next"]


def test_ensure_makes_a_missing_next_key(signing_key: None) -> None:
    current = kid_of("current")
    run("retire", kid_of("next"))

    printed = run_for_json("ensure")

    assert (printed["kid"], printed["created"]) == (current, False)
    assert states() == ["current", "retired", "next"]


def test_ensure_has_the_next_key_sign_where_no_key_does(signing_key: None) -> None:
    upcoming = kid_of("next")
    SigningKey.objects.filter(state="current").delete()

    run("ensure")

    assert kid_of("current") == upcoming
    assert states() == ["current", "next"]


def test_does_nothing_until_it_is_due(signing_key: None, time_machine: Any, settings: Any) -> None:
    pass_time(time_machine, days=89)
    events = AuditEvent.objects.count()

    printed = run("rotate", "--if-due")

    assert printed.startswith("Not due: ")
    assert states() == ["current", "next"]
    assert AuditEvent.objects.count() == events


def test_rotates_when_it_is_due_and_only_once(signing_key: None, time_machine: Any) -> None:
    pass_time(time_machine, days=91)

    printed = [run_for_json("rotate", "--if-due")["rotated"] for _ in range(2)]

    assert printed == [True, False]
    assert states() == ["retiring", "current", "next"]


def test_waits_for_the_next_key_although_it_is_due(signing_key: None, time_machine: Any) -> None:
    run("retire", kid_of("next"))
    pass_time(time_machine, days=91)

    printed = run("rotate", "--if-due")

    assert printed.startswith("The Next key is not ready: ")
    assert states() == ["current", "retired", "next"]


@pytest.mark.parametrize("rotation", [None, timedelta.max // timedelta(days=1) * 86400])
def test_never_rotates_by_itself_where_the_setting_says_so(
    signing_key: None, time_machine: Any, settings: Any, rotation: int | None
) -> None:
    configure(settings, SIGNING_KEY_ROTATION=rotation)
    pass_time(time_machine, days=10_000)

    assert run_for_json("rotate", "--if-due")["rotated"] is False


def test_retires_what_has_ended_when_it_looks_whether_rotation_is_due(
    token_endpoint: TokenEndpoint, machine: Machine, time_machine: Any
) -> None:
    old = kid_of("current")
    pass_time(time_machine, days=91)
    run("rotate", "--if-due")
    pass_time(time_machine, minutes=10, seconds=64)
    too_early = run_for_json("rotate", "--if-due")["ended"]
    pass_time(time_machine, seconds=1)

    ended = run_for_json("rotate", "--if-due")["ended"]

    assert too_early == []
    assert [(key["kid"], key["state"]) for key in ended] == [(old, "retired")]
    assert old not in published()


def test_rotates_away_from_a_key_that_cannot_be_decrypted(
    token_endpoint: TokenEndpoint, machine: Machine
) -> None:
    SigningKey.objects.filter(state="current").update(encrypted_private_key=b"broken")

    run("rotate", "--now")

    assert signer(token_endpoint, machine) == kid_of("current")


UNUSABLE = {
    "not decrypted": lambda: b"broken",
    "no key": lambda: encrypt(b"broken"),
    "another's key": lambda: encrypt(PrivateKey.generate(SigningAlgorithm.ES256).to_pem()),
}


@pytest.mark.parametrize("stored", UNUSABLE.values(), ids=UNUSABLE.keys())
@pytest.mark.parametrize("how", ["--now", "--if-due"])
def test_never_signs_with_a_next_key_that_cannot_be_used(
    signing_key: None, time_machine: Any, stored: Any, how: str
) -> None:
    SigningKey.objects.filter(state="next").update(encrypted_private_key=stored())
    pass_time(time_machine, days=91)

    with pytest.raises(CommandError, match=rf"{kid_of('next')}.*cc_signing_key compromise"):
        run("rotate", how)

    assert states() == ["current", "next"]


def test_makes_no_change_without_a_key_to_encrypt_with(signing_key: None, settings: Any) -> None:
    configure(settings, KEY_ENCRYPTION_KEYS=[])

    for action in (["rotate", "--now"], ["compromise", "--reason", "leak"], ["rewrap"]):
        with pytest.raises(CommandError, match="KEY_ENCRYPTION_KEYS"):
            run(*action)

    assert states() == ["current", "next"]


def test_keeps_the_old_algorithms_key_until_every_process_has_the_new_settings(
    token_endpoint: TokenEndpoint, machine: Machine, settings: Any, time_machine: Any
) -> None:
    token = token_endpoint.access_token(machine)
    old, unused = kid_of("current"), kid_of("next")
    configure(settings, SIGNING_ALGORITHM="EdDSA")

    run("ensure")
    early = run_for_json("rotate", "--if-due")["ended"]

    assert signer(token_endpoint, machine) == kid_of("current", algorithm="EdDSA")
    assert is_accepted(token)
    assert early == []
    pass_time(time_machine, hours=24)
    ended = run_for_json("rotate", "--if-due")["ended"]
    assert {key["kid"]: key["state"] for key in ended} == {old: "retiring", unused: "retired"}
    assert old in published()


def test_tells_the_trail_what_replaced_what(signing_key: None) -> None:
    current, upcoming = kid_of("current"), kid_of("next")

    run("rotate", "--now")

    event = AuditEvent.objects.get(event="signing_key_rotated")
    assert event.detail == f"{upcoming} replaces {current}"
    assert event.actor.startswith("cc_signing_key rotate")


def test_encrypts_all_keys_with_the_first_encryption_key(
    token_endpoint: TokenEndpoint, machine: Machine, settings: Any
) -> None:
    run("rotate", "--now")
    old, new = settings.DJANGO_CC["KEY_ENCRYPTION_KEYS"][0], Fernet.generate_key().decode()
    configure(settings, KEY_ENCRYPTION_KEYS=[new, old])

    printed = run_for_json("rewrap")

    configure(settings, KEY_ENCRYPTION_KEYS=[new])
    assert printed == {"rewrapped": 3}
    assert signer(token_endpoint, machine) == kid_of("current")
    assert run_for_json("rotate", "--now")["rotated"]
    assert AuditEvent.objects.filter(event="signing_keys_rewrapped").count() == 1


@pytest.mark.parametrize(
    ("state", "way_out"),
    [("next", "retire"), ("current", "compromise"), ("retiring", "retire --force")],
)
def test_changes_nothing_where_one_key_cannot_be_encrypted_anew(
    signing_key: None, state: str, way_out: str
) -> None:
    run("rotate", "--now")
    SigningKey.objects.filter(state=state).update(encrypted_private_key=b"broken")
    before = [bytes(key.encrypted_private_key) for key in SigningKey.objects.order_by("pk")]

    with pytest.raises(CommandError, match=rf"{kid_of(state)}.*cc_signing_key {way_out}"):
        run("rewrap")

    after = [bytes(key.encrypted_private_key) for key in SigningKey.objects.order_by("pk")]
    assert after == before


def test_says_that_there_was_nothing_to_encrypt(db: None) -> None:
    assert run_for_json("rewrap") == {"rewrapped": 0}
