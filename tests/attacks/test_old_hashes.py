"""Threat: use the slow check of secrets that the toolkit hashed, to guess or to tie up the server.

And what makes the slow check go away: re-hashing at the first use.
"""

import base64
import threading
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client as HTTPClient
from django.test.utils import CaptureQueriesContext

from django_cc.authorization_server.adoption import old_secrets
from django_cc.authorization_server.clients.state import disable_client
from django_cc.authorization_server.recording import write_down
from django_cc.authorization_server.snapshot.freshness import get_snapshot_for_issuing
from django_cc.models import AuditEvent, ClientSecret, UsageHour
from django_cc.protocol.secret_text import SecretText
from tests.applications import (
    CHOSEN,
    add_token,
    create_application,
    find_client,
    generate_secret,
)
from tests.machines import ACTOR, FORM, Machine, TokenEndpoint, encode, read_json, register

pytestmark = pytest.mark.django_db


class CountingHasher(MD5PasswordHasher):
    """A project's own hasher, which says how often it was asked."""

    algorithm = "counting"
    checks = 0

    def verify(self, password: str, encoded: str) -> bool:
        """Count."""
        type(self).checks += 1
        return super().verify(password, encoded)


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    cache.clear()


@pytest.fixture
def hasher(settings: Any) -> type[CountingHasher]:
    """The hasher of the project."""
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
    CountingHasher.checks = 0
    return CountingHasher


def adopt(secret: str | None = None, name: str = "Nightly export") -> Machine:
    machine = create_application(secret, name=name)
    add_token(machine)
    call_command("cc_adopt", "--apply", machine.client_id, stdout=StringIO())
    return machine


def ask(machine: Machine, secret: str, **more: Any) -> Any:
    pair = base64.b64encode(f"{machine.client_id}:{secret}".encode()).decode()
    return TokenEndpoint().post(authorization=f"Basic {pair}", **more)


def test_checks_a_generated_secret_once_and_keeps_our_digest_from_then_on(
    token_endpoint: TokenEndpoint, hasher: type[CountingHasher]
) -> None:
    machine = adopt()

    for _request in range(3):
        token_endpoint.issue(machine)

    assert hasher.checks == 1
    secret = ClientSecret.objects.get()
    assert secret.digest.startswith("sha256$")
    assert str(secret) == f"{machine.client_secret[:9]}…{machine.client_secret[-4:]}"
    assert secret.last_used_at is not None
    assert secret.last_used_address == "127.0.0.1"
    event = AuditEvent.objects.get(event=AuditEvent.Event.SECRET_UPDATED)
    assert (event.actor, event.client_id) == (machine.client_id, machine.client_id)


def test_makes_no_query_for_a_secret_once_it_is_re_hashed(
    token_endpoint: TokenEndpoint, django_user_model: Any
) -> None:
    machine = adopt()
    token_endpoint.issue(machine)
    ours = register()
    token_endpoint.issue(ours)

    with CaptureQueriesContext(connection) as of_ours:
        token_endpoint.issue(ours)
    with CaptureQueriesContext(connection) as of_adopted:
        token_endpoint.issue(machine)

    # In a test's transaction the snapshot is loaded anew for each request.
    assert len(of_adopted) == len(of_ours)


def test_keeps_the_old_hash_of_a_secret_that_people_chose(
    token_endpoint: TokenEndpoint, hasher: type[CountingHasher]
) -> None:
    machine = adopt(CHOSEN)

    for _request in range(2):
        token_endpoint.issue(machine)
    write_down()

    assert hasher.checks == 2
    secret = ClientSecret.objects.get()
    assert secret.has_old_hash
    assert secret.must_be_rotated


@pytest.mark.parametrize("secret", ["a" * 128, "ab" * 64, "0123456789abcdef" * 2, "-" * 128])
def test_keeps_the_old_hash_of_what_only_looks_long(
    token_endpoint: TokenEndpoint, secret: str
) -> None:
    token_endpoint.issue(adopt(secret))

    assert ClientSecret.objects.get().has_old_hash


def test_marks_what_is_to_be_rotated_in_lists(token_endpoint: TokenEndpoint) -> None:
    machine = adopt(CHOSEN)
    token_endpoint.issue(machine)
    write_down()
    listed, shown, programs = StringIO(), StringIO(), StringIO()

    call_command("cc_secret", "list", machine.client_id, stdout=listed)
    call_command("cc_secret", "list", machine.client_id, "--json", stdout=programs)
    call_command("cc_client", "show", machine.client_id, stdout=shown)

    assert "toolkit…old" in listed.getvalue()
    assert "ROTATE" in listed.getvalue()
    assert '"rotate": true' in programs.getvalue()
    assert "secrets_to_rotate toolkit…old" in " ".join(shown.getvalue().split())


def test_can_be_rotated_by_its_name(token_endpoint: TokenEndpoint) -> None:
    machine = adopt(CHOSEN)

    call_command("cc_secret", "rotate", machine.client_id, "--secret", "old", stdout=StringIO())

    assert token_endpoint.issue(machine)
    assert find_client(machine).secrets.count() == 2


def test_looks_at_no_old_hash_for_a_secret_of_our_shape(
    token_endpoint: TokenEndpoint, hasher: type[CountingHasher]
) -> None:
    machine = adopt()

    assert ask(machine, register().client_secret).status_code == 401
    assert hasher.checks == 0


@pytest.mark.parametrize("secret", ["", " "])
def test_takes_no_empty_secret_though_the_toolkit_hashed_one(
    token_endpoint: TokenEndpoint, secret: str
) -> None:
    machine = adopt("")

    assert ask(machine, secret).status_code == 401


def test_does_no_hash_for_a_client_that_could_not_use_the_secret(
    token_endpoint: TokenEndpoint, hasher: type[CountingHasher]
) -> None:
    machine = adopt()
    disable_client(find_client(machine), ACTOR)

    assert ask(machine, machine.client_secret).status_code == 401
    assert ask(machine, "wrong").status_code == 401
    assert hasher.checks == 0


def test_does_no_hash_for_clients_of_ours_and_unknown_ones(
    token_endpoint: TokenEndpoint, hasher: type[CountingHasher]
) -> None:
    adopt()
    ours = register()
    nobody = Machine(ours.row, "nobody", "x")

    assert ask(ours, "wrong").status_code == ask(nobody, "wrong").status_code == 401
    assert hasher.checks == 0


@pytest.mark.rfc("6749", "2.3.1", "MUST protect any endpoint utilizing it against brute force")
def test_does_no_hash_for_a_host_that_failed_too_often(
    token_endpoint: TokenEndpoint, hasher: type[CountingHasher]
) -> None:
    machines = [adopt(name="One"), adopt(name="Two")]
    most = old_secrets.MOST_FAILURES_OF_A_HOST

    answers = [ask(machines[number % 2], f"guess {number}") for number in range(most + 5)]

    assert [answer.status_code for answer in answers] == [401] * most + [429] * 5
    assert hasher.checks == most
    assert read_json(answers[-1])["error"] == "temporarily_unavailable"
    assert 0 < int(answers[-1]["Retry-After"]) <= 60


def test_does_no_hash_for_a_client_that_many_hosts_guess_at(
    token_endpoint: TokenEndpoint, hasher: type[CountingHasher], settings: Any, monkeypatch: Any
) -> None:
    settings.DJANGO_CC = {**settings.DJANGO_CC, "TRUSTED_PROXIES": 1}
    monkeypatch.setattr(old_secrets, "MOST_FAILURES_OF_A_CLIENT", 3)
    machine = adopt()

    def guess(number: int) -> int:
        form = {"grant_type": "client_credentials", **machine.body_credentials()}
        answer: Any = HTTPClient().post(
            "/oauth/token",
            encode({**form, "client_secret": "guess"}),
            content_type=FORM,
            secure=True,
            headers={"x-forwarded-for": f"192.0.2.{number}"},
        )
        status: int = answer.status_code
        return status

    assert [guess(number) for number in range(5)] == [401, 401, 401, 429, 429]


def test_slows_nobody_who_has_a_secret_of_ours(
    token_endpoint: TokenEndpoint, hasher: type[CountingHasher]
) -> None:
    machine = adopt()
    rehashed = adopt(name="Re-hashed")
    token_endpoint.issue(rehashed)
    for number in range(old_secrets.MOST_FAILURES_OF_A_HOST + 1):
        ask(machine, f"guess {number}")

    assert token_endpoint.issue(rehashed)


def test_tells_the_operator_why_a_secret_was_not_checked(
    token_endpoint: TokenEndpoint, hasher: type[CountingHasher]
) -> None:
    machine = adopt()
    for number in range(old_secrets.MOST_FAILURES_OF_A_HOST + 1):
        ask(machine, f"guess {number}")

    write_down()

    counted = UsageHour.objects.get(client_id=machine.client_id, reason="old_secret_not_checked")
    assert counted.count == 1


class SlowHasher(MD5PasswordHasher):
    """A hasher that waits until it is told to go on."""

    algorithm = "slow"
    begun = threading.Semaphore(0)
    go_on = threading.Event()

    def verify(self, password: str, encoded: str) -> bool:
        """Wait."""
        self.begun.release()
        assert self.go_on.wait(10)
        return False


def test_runs_few_hashes_at_once_and_answers_the_others_at_once(
    token_endpoint: TokenEndpoint, settings: Any
) -> None:
    settings.PASSWORD_HASHERS = [f"{__name__}.SlowHasher"]
    machine = adopt()
    SlowHasher.go_on.clear()
    verifier = old_secrets.OldSecretVerifier("192.0.2.1")
    client = get_snapshot_for_issuing().clients[machine.client_id]

    def check() -> None:
        verifier.find_match(SecretText("wrong"), client, client.secrets, now=datetime.now(UTC))

    threads = [threading.Thread(target=check) for _ in range(old_secrets.MOST_AT_ONCE)]
    try:
        for thread in threads:
            thread.start()
        for _thread in threads:
            assert SlowHasher.begun.acquire(timeout=10)

        answer = ask(machine, "wrong")
    finally:
        SlowHasher.go_on.set()
        for thread in threads:
            thread.join()

    assert answer.status_code == 503
    assert read_json(answer)["error"] == "temporarily_unavailable"
    assert answer["Retry-After"] == "1"
    assert ask(machine, "wrong").status_code == 401


@pytest.mark.parametrize("stored", ["md5$broken", "pbkdf2_sha256$x$y$z", "md5$$", "unknown$1$2"])
def test_answers_as_ever_where_a_hash_cannot_be_read(
    token_endpoint: TokenEndpoint, settings: Any, caplog: pytest.LogCaptureFixture, stored: str
) -> None:
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.MD5PasswordHasher",
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    ]
    machine = adopt()
    ClientSecret.objects.update(digest=f"toolkit${stored}")

    assert ask(machine, machine.client_secret).status_code == 401
    assert stored not in caplog.text


def test_issues_a_token_where_the_new_digest_cannot_be_written(
    token_endpoint: TokenEndpoint, caplog: pytest.LogCaptureFixture
) -> None:
    secret = generate_secret()
    first, second = adopt(secret, "One"), adopt(secret, "Two")
    token_endpoint.issue(first)

    assert token_endpoint.issue(second)

    assert find_client(second).secrets.get().has_old_hash
    assert "could not be replaced" in caplog.text
    assert secret not in caplog.text


def test_leaves_no_secret_behind(
    token_endpoint: TokenEndpoint, caplog: pytest.LogCaptureFixture
) -> None:
    machine = adopt()

    with caplog.at_level("DEBUG"):
        token_endpoint.issue(machine)
        ask(machine, CHOSEN)
    write_down()

    assert machine.client_secret not in caplog.text
    assert CHOSEN not in caplog.text + str(list(AuditEvent.objects.values()))


def test_serves_the_other_endpoints_too(token_endpoint: TokenEndpoint) -> None:
    machine = adopt()

    answer = token_endpoint.post(
        encode({"token": "x"}), authorization=machine.basic(), path="/oauth/introspect"
    )

    assert read_json(answer) == {"active": False}
    assert not ClientSecret.objects.get().has_old_hash
