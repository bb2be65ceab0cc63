"""Several processes change the signing keys at the same time."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.management import CommandError
from django.db import connection, transaction

from django_cc.authorization_server.signing_keys.rotation import ensure_signing_key
from tests.machines import ACTOR
from tests.signing_keys import pass_time, run, states

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.two_connections]


def at_once(act: Callable[[], str], times: int = 4) -> list[str]:
    """Return what each of several threads got, or why it was refused."""
    barrier = Barrier(times)

    def take_part(_number: int) -> str:
        barrier.wait(timeout=10)
        try:
            return act()
        except CommandError as refusal:
            return str(refusal)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=times) as executor:
        return list(executor.map(take_part, range(times)))


def test_makes_one_current_and_one_next_key() -> None:
    printed = at_once(lambda: run("ensure"))

    assert sorted(text.startswith("Created") for text in printed) == [False, False, False, True]
    assert states() == ["current", "next"]


@pytest.mark.parametrize("how", [[], ["--if-due"]], ids=["", "if due"])
def test_rotates_once(time_machine: object, how: list[str]) -> None:
    ensure_signing_key(ACTOR)
    pass_time(time_machine, days=91)

    printed = at_once(lambda: run("rotate", *how))

    assert sum("signs now.\n" in text for text in printed) == 1
    others = ("Another rotation came first", "will be ready at", "Not due")
    assert sum(any(words in text for words in others) for text in printed) == 3
    assert states() == ["retiring", "current", "next"]


def test_does_not_rotate_again_what_another_has_just_rotated() -> None:
    ensure_signing_key(ACTOR)

    def rotate() -> str:
        try:
            return run("rotate", "--now")
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=1) as executor:
        with transaction.atomic():
            run("rotate", "--now")
            second = executor.submit(rotate)
            wait_until_blocked(second)
        with pytest.raises(CommandError, match="Another rotation came first"):
            second.result(timeout=10)

    assert states() == ["retiring", "current", "next"]


def wait_until_blocked(waiting: "Future[str]") -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            # By this session alone: other workers of the test run share the server.
            cursor.execute(
                "SELECT count(*) FROM pg_locks"
                " WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
            )
            (blocked,) = cursor.fetchone()
        if blocked:
            return
        assert not waiting.done(), waiting.result()
        time.sleep(0.01)
    pytest.fail("The second rotation never waited for the first.")


def test_replaces_and_rotates_without_a_second_current_key() -> None:
    ensure_signing_key(ACTOR)
    compromise = ["compromise", "--reason", "leak"]
    actions = iter([compromise, compromise, ["ensure"], ["ensure"]])

    at_once(lambda: run(*next(actions)))

    assert sorted(state for state in states() if state != "retired") == ["current", "next"]
