"""`manage.py cc_signing_key`."""

import json
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command

from django_cc.management.commands.cc_signing_key import Command
from django_cc.models import SigningKey
from django_cc.protocol.jose import PrivateKey
from django_cc.protocol.names import SigningAlgorithm
from tests.protocol.tokens import private_key
from tests.signing_keys import configure, kid_of, pass_time, published, run, run_for_json

pytestmark = pytest.mark.django_db


def test_makes_the_first_key_and_then_says_it_is_there() -> None:
    printed = [run("ensure"), run("ensure")]

    kid = SigningKey.objects.get(state="current").kid
    assert printed == [
        f"Created the signing key {kid} (ES256).\n",
        f"There is already the signing key {kid} (ES256).\n",
    ]


def test_prints_json() -> None:
    printed = json.loads(run("ensure", "--json"))

    assert printed == {
        "kid": SigningKey.objects.get(state="current").kid,
        "algorithm": "ES256",
        "created": True,
    }


def test_says_that_the_key_it_finds_cannot_be_used(settings: Any) -> None:
    run("ensure")
    other = Fernet.generate_key().decode()
    settings.DJANGO_CC = {**settings.DJANGO_CC, "KEY_ENCRYPTION_KEYS": [other]}

    with pytest.raises(CommandError, match="cc_signing_key compromise"):
        run("ensure")


def test_says_what_is_missing(settings: Any) -> None:
    settings.DJANGO_CC = {**settings.DJANGO_CC, "KEY_ENCRYPTION_KEYS": []}

    with pytest.raises(CommandError, match="KEY_ENCRYPTION_KEYS"):
        run("ensure")


def test_lists_the_keys_in_the_order_of_their_lives(signing_key: None, time_machine: Any) -> None:
    run("rotate", "--now")
    run("rotate", "--now")
    run("retire", SigningKey.objects.filter(state="retiring").earliest("pk").kid, "--force")

    listed = run_for_json("list")

    assert [key["state"] for key in listed] == ["next", "current", "retiring", "retired"]
    assert [key["signs"] for key in listed] == [False, True, False, False]
    upcoming, current, retiring, retired = listed
    assert upcoming["ready_at"] > upcoming["created_at"]
    assert current["due_at"] > current["activated_at"]
    assert retiring["verifies_until"] > retiring["retiring_at"]
    assert retired["retired_at"]
    assert [line.split()[0] for line in run("list").splitlines()] == [key["kid"] for key in listed]


def test_says_in_the_list_what_comes_next(signing_key: None) -> None:
    key = run_for_json("list")[1]

    printed = run("list")

    assert f"{key['kid']}  ES256  current   signs since {key['activated_at']}, due 20" in printed
    assert ", may sign from 20" in printed


def test_lists_no_due_date_where_rotation_is_never_due(signing_key: None, settings: Any) -> None:
    configure(settings, SIGNING_KEY_ROTATION=None)

    assert ", due " not in run("list")


def test_says_in_the_list_which_key_is_not_in_use(signing_key: None, settings: Any) -> None:
    configure(settings, SIGNING_ALGORITHM="EdDSA")

    assert "not in use: “cc_signing_key retire” ends it" in run("list")


def test_says_that_there_is_no_key_to_list(db: None) -> None:
    assert run("list") == "There is no key: cc_signing_key ensure makes one.\n"
    assert run_for_json("list") == []


def test_tells_what_a_rotation_did(signing_key: None, time_machine: Any) -> None:
    current, upcoming = kid_of("current"), kid_of("next")
    pass_time(time_machine, hours=24)

    printed = run("rotate").splitlines()

    assert printed[0] == f"{upcoming} signs now."
    assert printed[1].startswith(f"{current} only verifies, until 20")
    assert printed[2].startswith(f"{kid_of('next')} is the Next key; it may sign from 20")


def test_tells_what_ended(signing_key: None, time_machine: Any, settings: Any) -> None:
    run("rotate", "--now")
    retiring, old = kid_of("retiring"), kid_of("current")
    configure(settings, SIGNING_ALGORITHM="EdDSA")
    run("ensure")
    pass_time(time_machine, hours=24)

    printed = run("rotate", "--if-due").splitlines()

    assert printed[0] == f"{retiring} is retired."
    assert printed[1].startswith(f"{old} verifies until 20")
    assert printed[-1].startswith("Not due: ")


def test_tells_how_many_keys_it_encrypted_anew(signing_key: None) -> None:
    assert run("rewrap") == "Encrypted 2 private keys with the first of KEY_ENCRYPTION_KEYS.\n"


def test_does_not_rotate_now_and_if_due_at_once(signing_key: None) -> None:
    with pytest.raises(CommandError, match="not allowed with"):
        run("rotate", "--now", "--if-due")


def test_makes_no_key_that_a_command_line_takes_for_an_option(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    candidates = [PrivateKey.generate(SigningAlgorithm.EDDSA) for _ in range(1000)]
    dashed = next(key for key in candidates if key.public_jwk()["kid"].startswith("-"))
    others = [key for key in candidates if not key.public_jwk()["kid"].startswith("-")]
    made = iter([dashed, others[0], dashed, others[1]])
    monkeypatch.setattr(PrivateKey, "generate", lambda _algorithm: next(made))

    run("ensure")

    kids = SigningKey.objects.values_list("kid", flat=True)
    assert set(kids) == {key.public_jwk()["kid"] for key in others[:2]}


def test_prints_no_private_half(signing_key: None) -> None:
    ciphertext = bytes(SigningKey.objects.get(state="current").encrypted_private_key).decode()

    printed = run("list") + run("list", "--json") + run("jwks") + run("rotate", "--now", "--json")

    assert ciphertext not in printed
    assert '"d":' not in printed


@pytest.mark.parametrize(
    "action", ["ensure", "list", "rotate", "retire", "compromise", "rewrap", "jwks"]
)
def test_explains_each_action(action: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        Command().create_parser("manage.py", "cc_signing_key").parse_args([action, "--help"])

    assert "--json" in capsys.readouterr().out


@pytest.mark.parametrize("reason", [[], ["--reason", " "]], ids=["none", "blank"])
def test_kills_no_token_without_a_reason(
    signing_key: None, reason: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    before = published()

    with pytest.raises(SystemExit) as ended:
        Command().run_from_argv(["manage.py", "cc_signing_key", "compromise", *reason])

    assert ended.value.code == 2
    assert "--reason" in capsys.readouterr().err
    assert published() == before


def test_begins_the_help_of_a_compromise_with_what_dies(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        Command().create_parser("manage.py", "cc_signing_key").parse_args(["compromise", "--help"])

    assert "\n\nKill every live token" in capsys.readouterr().out


def test_registers_a_client_without_a_warning_where_the_settings_have_a_key(
    db: None, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("cc_client", "create", "Billing sync", "--scope", "orders:read")
    before = capsys.readouterr().err
    configure(settings, SIGNING_KEYS=[private_key().to_pem().decode()])

    call_command("cc_client", "create", "Another", "--scope", "orders:read")

    assert "cc_signing_key ensure" in before
    assert capsys.readouterr().err == ""
