"""Work that no request waits for: who does it, when it ends, what a fork leaves of it."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.signals import request_finished

from django_cc.authorization_server import background
from django_cc.authorization_server.background import BackgroundTask, get_mode
from django_cc.authorization_server.settings import Background

ROOT = Path(__file__).parents[2]


class Work:
    """Something to do, that counts how often it was done and by whom."""

    def __init__(self) -> None:
        self.threads: list[str] = []
        self.done = threading.Event()
        self.fails = False

    def __call__(self) -> None:
        self.threads.append(threading.current_thread().name)
        self.done.set()
        if self.fails:
            raise ValueError("told to fail")


@pytest.fixture
def work() -> Work:
    return Work()


def make_task(work: Callable[[], None], *, interval: float = 3600) -> BackgroundTask:
    return BackgroundTask("tested task", work, interval=lambda: interval)


@pytest.fixture
def mode(monkeypatch: pytest.MonkeyPatch) -> Callable[[Background], None]:
    """Set the mode, which is off in tests."""
    return lambda chosen: monkeypatch.setattr(background, "get_mode", lambda: chosen)


@pytest.fixture
def threaded(mode: Callable[[Background], None]) -> None:
    mode(Background.THREAD)


@pytest.fixture(autouse=True)
def ended() -> Iterator[None]:
    """No task of a test outlives it."""
    before = set(background._tasks)
    yield
    for task in set(background._tasks) - before:
        task._finish()


def test_is_off_while_tests_run() -> None:
    assert get_mode() is Background.OFF


def test_starts_no_thread_while_it_is_off(work: Work) -> None:
    task = make_task(work)

    task.start()

    assert task.wake() is False
    assert task._thread is None


def test_starts_no_thread_before_it_is_asked_to(work: Work, threaded: None) -> None:
    assert make_task(work)._thread is None


def test_runs_at_once_when_woken(work: Work, threaded: None) -> None:
    assert make_task(work).wake() is True

    assert work.done.wait(5)
    assert work.threads == ["tested task"]


def test_runs_every_interval(work: Work, threaded: None) -> None:
    make_task(work, interval=0.01).start()
    deadline = time.monotonic() + 5
    while len(work.threads) < 3 and time.monotonic() < deadline:
        time.sleep(0.01)

    assert len(work.threads) >= 3


def test_keeps_one_thread_however_often_it_is_started(work: Work, threaded: None) -> None:
    task = make_task(work)
    started = set()
    for _ in range(20):
        task.start()
        task.wake()
        started.add(task._thread)

    assert len(started) == 1


def test_goes_on_after_a_failure(
    work: Work, threaded: None, caplog: pytest.LogCaptureFixture
) -> None:
    work.fails = True
    task = make_task(work)
    task.wake()
    assert work.done.wait(5)
    work.done.clear()
    work.fails = False

    task.wake()

    assert work.done.wait(5)
    assert "tested task failed" in caplog.text


def test_starts_another_thread_where_one_died(work: Work, threaded: None) -> None:
    task = make_task(work)
    task.wake()
    assert work.done.wait(5)
    task._finish()
    task._ending = False
    work.done.clear()

    task.wake()

    assert work.done.wait(5)


def test_runs_after_a_request_where_no_thread_may(
    work: Work, mode: Callable[[Background], None]
) -> None:
    task = make_task(work, interval=0)
    mode(Background.REQUEST_FINISHED)

    background.run_due_tasks()

    assert work.threads == [threading.current_thread().name]
    assert task.wake() is False


def test_runs_after_a_request_only_when_it_is_due(
    work: Work, mode: Callable[[Background], None]
) -> None:
    make_task(work, interval=3600)
    mode(Background.REQUEST_FINISHED)

    background.run_due_tasks()

    assert work.threads == []


def test_listens_for_the_end_of_requests() -> None:
    receivers = [receiver[1]() for receiver in request_finished.receivers]

    assert background.run_due_tasks in receivers


@pytest.mark.fork
def test_starts_anew_in_a_forked_child() -> None:
    # In a process of its own: forking one with threads of pytest's is not for tests.
    probe = """
import os, threading
import django; django.setup()
from django_cc.authorization_server import background
from django_cc.authorization_server.settings import Background
background.get_mode = lambda: Background.THREAD
ran = threading.Event()
task = background.BackgroundTask("task", ran.set, interval=lambda: 3600)
task.wake(); assert ran.wait(5)
task._starting.acquire()  # as if another thread of the parent was starting it
child = os.fork()
if child == 0:
    ran.clear()
    task.wake()
    os._exit(0 if ran.wait(5) else 1)
assert os.waitpid(child, 0)[1] == 0
"""
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.projects.combined"}

    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", probe],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr


def run_probe(probe: str) -> str:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.projects.combined"}
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", probe],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


# In processes of their own: ending and forking one with threads of pytest's is not for tests.
SET_UP = """
import os, threading, time
import multiprocessing
import django; django.setup()
from datetime import UTC, datetime
from django_cc.authorization_server import background, recording
from django_cc.authorization_server.refusals.buffer import Refusal
from django_cc.authorization_server.settings import Background
from django_cc.authorization_server.snapshot.current import current_snapshot
from django_cc.protocol.errors import RefusalReason
def use(mode): background.get_mode = lambda: mode
def refuse(): recording.record_refused(
    Refusal(datetime.now(UTC), "r", RefusalReason.NO_CREDENTIALS, "", None))
def tell(figures):
    print("figures", sum(figures.counts.values()), flush=True)
recording.write_figures = tell
recording.write_refusals = lambda refusals: print("refusals", len(refusals), flush=True)
"""
WRITTEN = ["figures", "1", "refusals", "1"]


@pytest.mark.parametrize("mode", ["THREAD", "REQUEST_FINISHED"])
def test_writes_once_more_when_the_process_ends(mode: str) -> None:
    assert run_probe(f"{SET_UP}\nuse(Background.{mode}); refuse()").split() == WRITTEN


def test_writes_once_more_when_a_process_of_multiprocessing_ends() -> None:
    # Such are granian's workers: they leave atexit out.
    probe = """
use(Background.THREAD)
child = multiprocessing.get_context("fork").Process(target=refuse)
child.start(); child.join()
"""
    assert run_probe(SET_UP + probe).split() == WRITTEN


def test_writes_the_last_use_of_a_busy_credential_when_the_process_ends() -> None:
    probe = """
from django_cc.authorization_server.usage.buffer import Use
from django_cc.protocol.client import AuthenticationFamily, CredentialRef
used = CredentialRef(AuthenticationFamily.CLIENT_SECRET, "1")
def note(address): recording._usage.note_use("one", used, Use(datetime.now(UTC), address))
recording.write_figures = lambda figures: print(
    *[use.address for use in figures.credential_uses.values()], flush=True)
use(Background.REQUEST_FINISHED)
note("10.0.0.1"); recording.write_down(); note("10.0.0.2"); recording._writing.start()
"""
    assert run_probe(SET_UP + probe).split() == ["10.0.0.1", "10.0.0.2"]


def test_writes_what_came_while_it_wrote_the_last_time() -> None:
    probe = """
began = threading.Event()
def slow(figures):
    tell(figures); began.set(); time.sleep(0.3)
recording.write_figures = slow
use(Background.THREAD)
refuse(); recording._writing.wake(); began.wait(5); refuse()
"""
    assert run_probe(SET_UP + probe).split() == WRITTEN * 2


def test_leaves_to_the_parent_of_a_fork_what_it_counted() -> None:
    probe = """
use(Background.OFF)
refuse()
current_snapshot._looking.acquire()
child = os.fork()
if child == 0:
    kept = recording._usage.take().counts or recording._refusals.take()
    os._exit(1 if kept else 2 if current_snapshot._looking.locked() else 0)
raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    run_probe(SET_UP + probe)


def test_is_run_by_one_request_at_a_time() -> None:
    began, may_end = threading.Event(), threading.Event()
    runs = []

    def work() -> None:
        runs.append(1)
        began.set()
        may_end.wait(5)

    task = make_task(work, interval=0)
    first = threading.Thread(target=task.run_if_due)
    first.start()
    assert began.wait(5)

    task.run_if_due()

    assert runs == [1]
    may_end.set()
    first.join()


def test_says_once_that_no_thread_can_be_started(
    work: Work, threaded: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    task = make_task(work)
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", fail)
        for _request in range(3):
            task.start()

    assert caplog.text.count("tested task has no thread") == 1


def test_refuses_a_mode_it_does_not_know(settings: Any) -> None:
    from django.core.exceptions import ImproperlyConfigured

    from django_cc.authorization_server.settings import get_settings

    settings.DJANGO_CC = {**settings.DJANGO_CC, "BACKGROUND": "celery"}

    with pytest.raises(ImproperlyConfigured, match="thread, request_finished, off"):
        get_settings()
