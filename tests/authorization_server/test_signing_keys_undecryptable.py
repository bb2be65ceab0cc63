"""An encryption key is lost: whoever looks is told which signing keys it takes along."""

from io import StringIO
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.checks import CheckMessage, run_checks
from django.core.management import call_command

from django_cc.models import SigningKey
from django_cc.protocol.jose import PrivateKey
from django_cc.protocol.names import SigningAlgorithm
from tests.console.admin_pages import Pages
from tests.console.console import create_user
from tests.machines import Machine, TokenEndpoint
from tests.signing_keys import configure, kid_of, run, run_for_json

pytestmark = pytest.mark.django_db

REMEDY = (
    "cannot be decrypted with KEY_ENCRYPTION_KEYS: no token can be signed. Put the key back, or "
    "run cc_signing_key compromise"
)


@pytest.fixture
def lost(signing_key: None, settings: Any) -> None:
    """Keys of every state, none of which anybody can decrypt."""
    run("rotate", "--now")
    lose_encryption_key(settings)


def lose_encryption_key(settings: Any) -> None:
    configure(settings, KEY_ENCRYPTION_KEYS=[Fernet.generate_key().decode()])


def check(databases: list[str] | None) -> CheckMessage | None:
    found = {message.id: message for message in run_checks(databases=databases)}
    return found.get("django_cc.E011")


def report(*arguments: str) -> str:
    output = StringIO()
    call_command("cc_report", *arguments, stdout=output)
    return output.getvalue()


def look_at_dashboard(*rights: str) -> str:
    visitor = Pages(create_user("kim", "view_dashboard", *rights), "dashboard")
    return visitor.text("changelist")


def test_the_check_says_that_no_token_can_be_signed(lost: None) -> None:
    error = check(["default"])

    assert error is not None
    assert error.msg == f"The signing key {kid_of('current')} {REMEDY}."
    assert "--skip-checks" in str(error.hint)


def test_the_check_is_silent_where_no_database_is_to_be_asked(lost: None) -> None:
    assert check(None) is None


def test_the_check_is_silent_where_all_is_well(signing_key: None) -> None:
    assert check(["default"]) is None


def test_the_check_leaves_a_missing_encryption_key_to_the_one_that_explains_it(
    signing_key: None, settings: Any
) -> None:
    configure(settings, KEY_ENCRYPTION_KEYS=[])

    assert check(["default"]) is None


@pytest.mark.parametrize("state", ["next", "retiring"])
def test_the_check_is_about_the_key_that_signs(signing_key: None, state: str) -> None:
    run("rotate", "--now")
    SigningKey.objects.filter(state=state).update(encrypted_private_key=b"broken")

    assert check(["default"]) is None
    assert "cannot be decrypted" in run("list")


def test_keys_of_the_settings_need_none_of_the_database(lost: None, settings: Any) -> None:
    pem = PrivateKey.generate(SigningAlgorithm.ES256).to_pem().decode()
    configure(settings, SIGNING_KEYS=[pem])

    assert check(["default"]) is None
    assert "cannot be decrypted" not in run("list")


def test_the_list_says_it_of_each_key_by_its_state(lost: None) -> None:
    upcoming, current, retiring = run("list").splitlines()

    assert current == f"{kid_of('current')}  ES256  current   {REMEDY}"
    assert "it will not be able to sign" in upcoming
    assert "it goes on verifying" in retiring
    problems = [key["problem"] for key in run_for_json("list")]
    assert [line.split("  ")[-1].strip() for line in (upcoming, current, retiring)] == problems


def test_the_list_knows_no_problem_where_there_is_none(signing_key: None) -> None:
    assert [key["problem"] for key in run_for_json("list")] == [None, None]


def test_the_list_says_it_of_a_key_that_is_not_in_use(lost: None, settings: Any) -> None:
    configure(settings, SIGNING_ALGORITHM="EdDSA")

    assert "it is not in use" in run("list")


def test_the_page_of_the_keys_says_it(lost: None) -> None:
    text = Pages(create_user("kim", "view_signingkey"), "signingkey").text("changelist")

    assert f"{kid_of('current')} {REMEDY}." in text
    assert f"database, {REMEDY}." in text
    assert "database, encrypted" not in text


def test_the_dashboard_says_it_to_whoever_sees_it(lost: None) -> None:
    assert REMEDY in look_at_dashboard()


def test_the_dashboard_has_the_check_in_the_setup(lost: None) -> None:
    assert "django_cc.E011" in look_at_dashboard("access_all_clients")


def test_the_report_says_it(lost: None) -> None:
    assert report().startswith(f"The signing key {kid_of('current')} {REMEDY}.")
    assert REMEDY in report("--json")


def test_the_report_says_nothing_where_all_is_well(signing_key: None) -> None:
    assert "signing key" not in report()
    assert '"signing_problem": null' in report("--json")


def test_the_log_says_what_to_do(
    machine: Machine,
    token_endpoint: TokenEndpoint,
    settings: Any,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("django_cc.authorization_server.endpoints.errors._told_at", {})
    lose_encryption_key(settings)

    answer = token_endpoint.post(authorization=machine.basic())

    assert answer.status_code == 503
    assert "run “cc_signing_key compromise”" in caplog.text
