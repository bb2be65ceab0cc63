"""`manage.py cc_prune`: the tables that grow are kept small."""

import json
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connections, transaction

from django_cc.management.commands import cc_prune
from django_cc.models import AuditEvent, RevokedToken
from tests.audit_events import add_event

DAY = timedelta(days=1)


def add_tokens(count: int) -> None:
    """Add revoked tokens that expired yesterday."""
    yesterday = datetime.now(UTC) - DAY
    RevokedToken.objects.bulk_create(
        RevokedToken(token_id=f"token {number}", expires_at=yesterday) for number in range(count)
    )


def run(*arguments: str, **options: Any) -> str:
    output = StringIO()
    call_command("cc_prune", *arguments, **{"stdout": output, "stderr": StringIO(), **options})
    return output.getvalue()


@pytest.mark.django_db
def test_says_how_many_rows_of_each_kind_are_gone() -> None:
    add_tokens(3)

    printed = run()

    assert [line.split() for line in printed.splitlines()] == [
        ["revoked_tokens", "3", "removed"],
        ["used_assertions", "0", "removed"],
        ["client_secrets", "0", "removed"],
        ["client_keys", "0", "removed"],
        ["usage_hours", "0", "removed"],
        ["audit_events", "0", "removed"],
    ]
    assert not RevokedToken.objects.exists()


@pytest.mark.django_db
def test_says_the_same_to_programs() -> None:
    add_tokens(3)
    rows = {
        "revoked_tokens": 3,
        "used_assertions": 0,
        "client_secrets": 0,
        "client_keys": 0,
        "usage_hours": 0,
        "audit_events": 0,
    }

    counted, removed, again = (json.loads(run("--json", *more)) for more in (["--dry-run"], [], []))

    assert counted == {"dry_run": True, "finished": False, "rows": rows}
    assert removed == {"dry_run": False, "finished": True, "rows": rows}
    assert again["rows"]["revoked_tokens"] == 0


@pytest.mark.django_db
def test_removes_nothing_on_a_dry_run() -> None:
    add_tokens(3)

    assert "3 to remove" in run("--dry-run")
    assert RevokedToken.objects.count() == 3


@pytest.mark.django_db
def test_records_who_pruned_the_audit_trail() -> None:
    add_event(age=3000 * DAY)

    run()

    assert AuditEvent.objects.get(event="audit_pruned").actor.startswith("cc_prune (")


@pytest.mark.django_db
@pytest.mark.parametrize("size", ["0", "10001", "-5", "many", ""])
def test_refuses_a_batch_size_that_is_none(size: str) -> None:
    with pytest.raises(CommandError, match="write a number from 1 to 10000"):
        run(f"--batch-size={size}")


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.django_db
def test_says_how_far_it_is_where_somebody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    add_tokens(5)
    monkeypatch.setattr(cc_prune, "_SECONDS_BETWEEN_WORDS", {True: 0.0, False: 10.0})
    watched, logged = Terminal(), StringIO()

    run("--batch-size", "2", stderr=watched)
    add_tokens(5)
    run("--batch-size", "2", stderr=logged)

    assert "revoked_tokens: 4 removed so far" in watched.getvalue()
    assert logged.getvalue() == ""


@contextmanager
def told_to_stop(number: signal.Signals, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Send this process a signal while the first batch is removed."""

    def note(*_arguments: Any) -> None:
        os.kill(os.getpid(), number)

    monkeypatch.setattr(cc_prune._Progress, "note", note)
    yield
    monkeypatch.undo()


@pytest.mark.django_db
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_stops_between_batches_and_says_what_is_done(
    monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    add_tokens(5)
    output = StringIO()
    handler = signal.getsignal(number)

    with (
        told_to_stop(number, monkeypatch),
        pytest.raises(CommandError, match="Run cc_prune again") as stopped,
    ):
        run("--json", "--batch-size", "2", stdout=output)

    assert stopped.value.returncode == 128 + number
    assert json.loads(output.getvalue()) == {
        "dry_run": False,
        "finished": False,
        "rows": {"revoked_tokens": 2},
    }
    assert signal.getsignal(number) is handler
    assert json.loads(run("--json"))["rows"]["revoked_tokens"] == 3


def in_thread(act: Any) -> list[Any]:
    """Return what `act` returns, or raises, in a thread with connections of its own."""
    results: list[Any] = []

    def work() -> None:
        try:
            results.append(act())
        except Exception as error:  # noqa: BLE001 - the test looks at it
            results.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.two_connections
@pytest.mark.django_db(transaction=True)
def test_two_at_once_share_the_work() -> None:
    add_tokens(400)

    printed = in_thread(lambda: run("--json", "--batch-size", "7"))

    counts = [json.loads(one)["rows"]["revoked_tokens"] for one in printed]
    assert sum(counts) == 400
    assert not RevokedToken.objects.exists()


@pytest.mark.two_connections
@pytest.mark.django_db(transaction=True)
def test_waits_for_no_row_that_somebody_holds() -> None:
    add_tokens(3)
    with transaction.atomic():
        held = RevokedToken.objects.select_for_update().order_by("pk").first()

        in_thread(lambda: run("--batch-size", "2"))

    assert RevokedToken.objects.get() == held
