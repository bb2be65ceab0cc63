"""Two submissions at the same time: the database decides, the console explains."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.http import HttpResponse

from django_cc.models import MachineClient
from tests.console.console import Console, find_secrets, read

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.two_connections]


def answer_while_uncommitted(
    first: Callable[[], HttpResponse], second: Callable[[], HttpResponse]
) -> tuple[HttpResponse, HttpResponse]:
    """Return both answers; the second request meets what the first has not committed yet."""

    def in_thread() -> HttpResponse:
        try:
            return second()
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=1) as executor:
        with transaction.atomic():
            first_answer = first()
            waiting = executor.submit(in_thread)
            wait_until_blocked(waiting)
        return first_answer, waiting.result(timeout=10)


def wait_until_blocked(request: "Future[HttpResponse]") -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            (blocked,) = cursor.fetchone()
        if blocked:
            return
        assert not request.done(), request.result()
        time.sleep(0.01)
    pytest.fail("The second request never waited for the first.")


def test_a_double_click_registers_one_client_and_shows_one_secret(
    console: Console, transactional_db: None
) -> None:
    key = uuid4()

    answers = answer_while_uncommitted(
        lambda: console.register(key=key), lambda: console.register(key=key)
    )

    assert [len(find_secrets(answer)) for answer in answers] == [1, 0]
    assert MachineClient.objects.count() == 1


def test_the_second_click_gets_the_page_that_says_so(
    console: Console, transactional_db: None
) -> None:
    key = uuid4()

    _first, second = answer_while_uncommitted(
        lambda: console.register(key=key), lambda: console.register(key=key)
    )

    assert second.status_code == 200
    assert "“Billing sync” is registered already" in read(second)


def test_the_slower_of_two_forms_with_one_name_gets_its_form_back(
    console: Console, transactional_db: None
) -> None:
    _first, second = answer_while_uncommitted(
        lambda: console.register("Billing sync"), lambda: console.register("BILLING SYNC")
    )

    assert "You already have a machine client named “Billing sync”" in read(second)
    assert MachineClient.objects.count() == 1
