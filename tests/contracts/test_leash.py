"""A server on a leash ends with the process that started it, however that one ends."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.services.leash import leash

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
SERVER = [sys.executable, "-I", "-c", "import time; time.sleep(60)"]
OWNER = """
import os, signal, sys
from tests.services.leash import leash

with leash(signal.SIGTERM, int(sys.argv[1])):
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_ends_the_server_of_a_process_that_is_killed() -> None:
    with subprocess.Popen(SERVER) as server:
        owner = subprocess.run(
            [sys.executable, "-c", OWNER, str(server.pid)], cwd=ROOT, check=False
        )

        ended = server.wait(30)

    assert owner.returncode == -signal.SIGKILL
    assert ended == -signal.SIGTERM


def test_lets_the_server_live_when_it_is_let_off() -> None:
    with subprocess.Popen(SERVER) as server:
        with leash(signal.SIGTERM, server.pid):
            pass

        lives = server.poll() is None
        server.kill()

    assert lives
