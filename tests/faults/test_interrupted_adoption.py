"""A thousand applications with a hundred thousand tokens: adopted, killed on the way, resumed."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from tests.faults.conftest import Figures
from tests.faults.served_project import ROOT, ServedProject

pytestmark = [pytest.mark.slow, pytest.mark.faults]

APPLICATIONS = 1_000
TOKENS = 100_000
BATCH = 25
MOST_SECONDS = 120
MOST_MEMORY = 20_000_000  # bytes; the tokens alone would be several times that
SEED = f"""
INSERT INTO auth_user (username, password, is_superuser, is_staff, is_active, first_name,
    last_name, email, date_joined)
SELECT 'user' || n, '!', false, false, true, '', '', '', now()
FROM generate_series(1, 50) AS n;
INSERT INTO oauth2_provider_application (client_id, user_id, redirect_uris,
    post_logout_redirect_uris, client_type, authorization_grant_type, client_secret,
    hash_client_secret, name, skip_authorization, created, updated, algorithm, allowed_origins,
    registration_source)
SELECT 'application-' || n,
    (SELECT id FROM auth_user WHERE username = 'user' || 1 + n % 50), '', '', 'confidential',
    'client-credentials', 'md5$salt' || n || '$' || md5('salt' || n || 'secret' || n), true,
    'Service ' || n % 200, false, now(), now(), '', '', 'manual'
FROM generate_series(1, {APPLICATIONS}) AS n;
INSERT INTO oauth2_provider_accesstoken (token, token_checksum, application_id, expires, scope,
    created, updated, resource)
SELECT 'token' || n, md5(n::text), application.id, now() + interval '1 hour',
    CASE n % 3 WHEN 0 THEN 'orders:read' WHEN 1 THEN 'orders:read orders:write' ELSE 'legacy' END,
    now(), now(), '[]'
FROM generate_series(1, {TOKENS}) AS n
JOIN oauth2_provider_application AS application
    ON application.client_id = 'application-' || 1 + n % {APPLICATIONS};
ANALYZE;
"""
HALF_ADOPTED = """
SELECT count(*) FROM oauth2_provider_application AS application
LEFT JOIN django_cc_machineclient AS client ON client.application_id = application.id
WHERE (client.id IS NULL) <> (application.user_id IS NOT NULL)
   OR (client.id IS NULL) <> (application.client_secret LIKE 'md5$salt%')
   OR (client.id IS NOT NULL) AND 1 <>
      (SELECT count(*) FROM django_cc_clientsecret WHERE client_id = client.id)
   OR (client.id IS NOT NULL) AND 2 <>
      (SELECT count(*) FROM django_cc_apiaccess WHERE client_id = client.id)
"""
MEASURED = """
import os, tracemalloc, django
from django.core.management import call_command
django.setup()
tracemalloc.start()
with open(os.devnull, "w") as nowhere:
    call_command("cc_adopt", stdout=nowhere)
print(tracemalloc.get_traced_memory()[1])
"""


def ask(project: ServedProject, statement: str) -> int:
    """Return the one number of a query."""
    with psycopg.connect(project.environment["DATABASE_URL"]) as connection:
        row = connection.execute(statement.encode()).fetchone()
    assert row is not None
    return int(row[0])


@pytest.fixture(scope="module")
def filled(project: ServedProject) -> ServedProject:
    """A project with many applications and tokens."""
    with psycopg.connect(project.environment["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(SEED.encode())
    return project


@contextmanager
def adopting(project: ServedProject) -> Iterator[subprocess.Popen[str]]:
    """Run the command in a process of its own."""
    command = [*(sys.executable, "-m", "django", "cc_adopt", "--apply", "--all", "--json")]
    with subprocess.Popen(
        [*command, "--batch-size", str(BATCH)],
        cwd=ROOT,
        env=project.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def interrupt(project: ServedProject, number: signal.Signals) -> tuple[int, str, int]:
    """Send a signal once some more are adopted; return how it ended, its output, and how many."""
    before = ask(project, COUNT)
    with adopting(project) as process:
        deadline = time.monotonic() + MOST_SECONDS
        while ask(project, COUNT) < before + 2 * BATCH:
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.005)
        process.send_signal(number)
        output, _errors = process.communicate(timeout=MOST_SECONDS)
    return process.returncode, output, ask(project, COUNT)


COUNT = "SELECT count(*) FROM django_cc_machineclient"


def test_is_resumed_where_it_was_killed(filled: ServedProject, figures: Figures) -> None:
    memory = subprocess.run(
        [sys.executable, "-c", MEASURED],
        cwd=ROOT,
        env=filled.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    peak = int(memory.stdout)
    assert peak < MOST_MEMORY

    killed, _output, adopted = interrupt(filled, signal.SIGKILL)
    assert killed == -signal.SIGKILL
    assert adopted < APPLICATIONS
    assert adopted % BATCH == 0
    assert ask(filled, HALF_ADOPTED) == 0

    ended, output, adopted = interrupt(filled, signal.SIGTERM)
    assert ended == 128 + signal.SIGTERM
    assert not json.loads(output)["finished"]
    assert adopted < APPLICATIONS
    assert ask(filled, HALF_ADOPTED) == 0

    began_at = time.monotonic()
    document: Any = json.loads(filled.manage("cc_adopt", "--apply", "--all", "--json"))
    seconds = time.monotonic() - began_at
    assert document["totals"]["adopt"] == APPLICATIONS - adopted
    assert ask(filled, COUNT) == APPLICATIONS
    assert ask(filled, HALF_ADOPTED) == 0
    names = "SELECT count(DISTINCT (owner_id, lower(name))) FROM django_cc_machineclient"
    assert ask(filled, names) == APPLICATIONS
    figures(resumed=APPLICATIONS - adopted, seconds=seconds, megabytes=peak / 1e6)

    began_at = time.monotonic()
    reverted: Any = json.loads(filled.manage("cc_adopt", "--revert", "--all", "--json"))
    figures(reverted=APPLICATIONS, seconds=time.monotonic() - began_at)
    assert len(reverted["reverted"]) == APPLICATIONS
    assert ask(filled, HALF_ADOPTED) == 0
    began_at = time.monotonic()
    filled.manage("cc_adopt", "--apply", "--all", "--json")
    figures(adopted=APPLICATIONS, seconds=time.monotonic() - began_at)
