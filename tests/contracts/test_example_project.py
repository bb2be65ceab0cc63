"""What the README promises of the example project, done by whole processes."""

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest
import requests
from cryptography.fernet import Fernet

from tests.services.service import free_port

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_demo_shows_every_step_and_exits_0() -> None:
    ran = manage("demo", "--once")

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "Every step did what it should." in ran.stdout
    assert len(re.findall(r"^\d+\. ", ran.stdout, re.M)) == 15


def test_demo_works_from_another_folder_and_beside_another_server(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        ran = subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), "demo", "--once", "--port", port],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            check=False,
        )

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert f"Port {port} is taken" in ran.stdout


# What a shell without job control does to `command &`.
DEAF_TO_CTRL_C = ["sh", "-c", 'trap "" INT; exec "$0" "$@"']


@pytest.mark.parametrize("shell", [[], DEAF_TO_CTRL_C], ids=["foreground", "background"])
def test_demo_starts_the_server_again_and_ends_both_services_when_terminated(
    shell: list[str],
) -> None:
    port = free_port()
    command = [*shell, sys.executable, "manage.py", "demo", "--port", str(port)]
    environment = {"PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as demo:
        assert demo.stdout is not None
        shown = _read_until(demo.stdout, "Ctrl+C stops the server.")
        reports = re.search(r"The second service: (http://\S+/reports)", shown)
        assert reports is not None
        urls = [f"http://127.0.0.1:{port}/oauth/jwks", f"{reports[1]}/status/"]
        answers = [requests.get(url, timeout=10).status_code for url in urls]
        demo.terminate()

    assert answers == [200, 401]
    for url in urls:
        with pytest.raises(requests.ConnectionError):
            requests.get(url, timeout=10)


def _read_until(stream: IO[bytes], last: str) -> str:
    lines = []
    for line in stream:
        lines.append(line.decode())
        if last in lines[-1]:
            break
    return "".join(lines)


def test_says_what_to_do_before_migrate(environment: dict[str, str]) -> None:
    ran = manage("cc_client", "create", "Billing", "--scope", "orders:read", **environment)

    assert ran.returncode == 1
    assert ran.stderr.strip().endswith("run “manage.py migrate” first.")
    assert "Traceback" not in ran.stderr


def test_registers_side_by_side_on_sqlite(environment: dict[str, str]) -> None:
    assert manage("migrate", **environment).returncode == 0
    command = [sys.executable, "manage.py", "cc_client", "create", "--scope", "orders:read"]
    env = {"PATH": os.environ["PATH"], **environment}
    running = [
        subprocess.Popen([*command, f"Client {number}"], cwd=ROOT, env=env, stdout=subprocess.PIPE)
        for number in range(4)
    ]

    for process in running:
        process.communicate()

    assert [process.returncode for process in running] == [0] * 4


def test_demo_keeps_its_secrets_to_itself() -> None:
    ran = manage("demo", "--once")

    assert "dccs_" not in ran.stdout
    assert not re.search(r"eyJ[\w-]+\.[\w-]+\.[\w-]+", ran.stdout)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The README's production environment, on loopback behind one proxy."""
    return {
        "DJANGO_SECRET_KEY": "tests only, and long enough to please the deployment checks",
        "ISSUER": "https://auth.example.com",
        "ALLOWED_HOSTS": "auth.example.com",
        "DJANGO_CC_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        "DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3",
        "CACHE_URL": "locmemcache://",
        "TRUSTED_PROXIES": "1",
    }


@pytest.fixture
def gunicorn(environment: dict[str, str]) -> Iterator[str]:
    """The example project under gunicorn; its address."""
    assert manage("migrate", **environment).returncode == 0
    assert manage("cc_signing_key", "ensure", **environment).returncode == 0
    address = f"127.0.0.1:{free_port()}"
    command = [
        *(sys.executable, "-m", "gunicorn", "example_project.wsgi:application"),
        *("--bind", address, "--workers", "2", "--log-level", "warning"),
    ]
    env = {"PATH": os.environ["PATH"], **environment}
    with subprocess.Popen(command, cwd=ROOT, env=env) as server:
        try:
            wait_for(f"http://{address}/oauth/jwks")
            yield f"http://{address}"
        finally:
            server.terminate()


def wait_for(url: str) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            requests.get(url, timeout=1)
        except requests.RequestException:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"{url} does not answer.")


PROXY = {"Host": "auth.example.com", "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"}


def test_walks_the_whole_path_under_gunicorn(gunicorn: str, environment: dict[str, str]) -> None:
    scopes = ("--scope", "orders:read", "--scope", "orders:write")
    client = json.loads(
        manage("cc_client", "create", "Billing", *scopes, "--json", **environment).stdout
    )

    token = requests.post(
        f"{gunicorn}/oauth/token",
        data={"grant_type": "client_credentials"},
        auth=(client["client_id"], client["client_secret"]),
        headers=PROXY,
        timeout=10,
    ).json()
    headers = {**PROXY, "Authorization": f"Bearer {token['access_token']}"}
    placed = requests.post(
        f"{gunicorn}/api/orders/", json={"item": "tea", "quantity": 1}, headers=headers, timeout=10
    )
    listed = requests.get(f"{gunicorn}/api/orders/", headers=headers, timeout=10)

    assert placed.status_code == 201
    assert [order["item"] for order in listed.json()] == ["tea"]


def test_stops_a_disabled_client_in_every_worker(
    gunicorn: str, environment: dict[str, str]
) -> None:
    client = json.loads(
        manage(
            "cc_client", "create", "Billing", "--scope", "orders:read", "--json", **environment
        ).stdout
    )
    ask: dict[str, Any] = {
        "data": {"grant_type": "client_credentials"},
        "auth": (client["client_id"], client["client_secret"]),
        "headers": PROXY,
        "timeout": 10,
    }
    token = requests.post(f"{gunicorn}/oauth/token", **ask).json()["access_token"]

    manage("cc_client", "disable", client["client_id"], **environment)
    time.sleep(5)

    headers = {**PROXY, "Authorization": f"Bearer {token}"}
    calls = [
        requests.get(f"{gunicorn}/api/orders/", headers=headers, timeout=10) for _ in range(20)
    ]
    grants = [requests.post(f"{gunicorn}/oauth/token", **ask) for _ in range(20)]
    assert {answer.status_code for answer in calls + grants} == {401}


def test_serves_the_console_with_its_style(gunicorn: str) -> None:
    login = requests.get(f"{gunicorn}/admin/login/", headers=PROXY, timeout=10)
    style = requests.get(f"{gunicorn}/static/django_cc/console.css", headers=PROXY, timeout=10)

    assert (login.status_code, style.status_code) == (200, 200)


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        ("DJANGO_SECRET_KEY", "Set the environment variables DJANGO_SECRET_KEY"),
        ("ISSUER", "Set the environment variables ISSUER"),
        ("DJANGO_CC_ENCRYPTION_KEYS", "Set the environment variables DJANGO_CC_ENCRYPTION_KEYS"),
    ],
)
def test_says_which_variable_is_missing(
    environment: dict[str, str], missing: str, message: str
) -> None:
    del environment[missing]

    ran = manage("cc_client", "--help", **environment)

    assert ran.returncode == 1
    assert ran.stderr.startswith(message)
    assert ran.stderr.count("\n") == 1


@pytest.fixture
def reports(environment: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """The environment of the second service, for an issuer that is not there."""
    return {
        "DJANGO_SETTINGS_MODULE": "example_project.reports.settings",
        "DJANGO_SECRET_KEY": environment["DJANGO_SECRET_KEY"],
        "ISSUER": environment["ISSUER"],
        "REPORTS_API": "https://reports.example.com/reports",
        "ORDERS_CLIENT_ID": "reports",
        "ORDERS_CLIENT_SECRET": "tests only",
    }


REPORTS_PROBE = """
import json, sys
for blocked in ("oauth2_provider", "django_cc.models", "django_cc.authorization_server"):
    sys.modules[blocked] = None
import django
django.setup()
from django.core.checks import run_checks
from django.test import Client
from django_cc.resource_server.testing import MachineAPIClient, MachineTokens
from example_project.reports.wsgi import application
METADATA = "/.well-known/oauth-protected-resource/reports"
host = {"headers": {"host": "reports.example.com"}, "secure": True}
ours = [message.id for message in run_checks(include_deployment_checks=True)]
with MachineTokens():
    reader = MachineAPIClient(["reports:read"])
    print(json.dumps({
        "checks": [name for name in ours if name.startswith("django_cc")],
        "stranger": Client().get("/reports/status/", **host).status_code,
        "other scope": MachineAPIClient(["x"]).get("/reports/status/", **host).status_code,
        "status": reader.get("/reports/status/", **host).json()["status"],
        "orders away": reader.get("/reports/summary/", **host).status_code,
        "resource": Client().get(METADATA, **host).json()["resource"],
    }))
"""


def test_reports_needs_no_table_no_toolkit_and_no_database(reports: dict[str, str]) -> None:
    away = {"ISSUER": f"http://127.0.0.1:{free_port()}"}  # nobody listens
    ran = subprocess.run(
        [sys.executable, "-c", REPORTS_PROBE],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **reports, **away},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == {
        "checks": ["django_cc.W111"],  # the issuer is on loopback
        "stranger": 401,
        "other scope": 403,
        "status": "ok",
        "orders away": 503,
        "resource": "https://reports.example.com/reports",
    }


RENEWAL_PROBE = """
import json, os
import django
django.setup()
from example_project.reports import orders
session = orders._get_session()
session.headers.update(json.loads(os.environ["PROXY"]))
seen = []
for expires_at in (None, None, 1):
    if expires_at:
        session.token["expires_at"] = expires_at
    listed = orders.list_orders()
    seen.append(session.token["access_token"])
print(json.dumps([listed, seen[0] == seen[1], seen[1] == seen[2]]))
"""


def test_reports_keeps_its_own_token_and_renews_it(
    gunicorn: str, environment: dict[str, str], reports: dict[str, str]
) -> None:
    create = ("cc_client", "create", "Reports", "--scope", "orders:read", "--json")
    client = json.loads(manage(*create, **environment).stdout)
    orders = {
        "ORDERS_URL": f"{gunicorn}/api/orders/",
        "ORDERS_TOKEN_URL": f"{gunicorn}/oauth/token",
        "ORDERS_CLIENT_ID": client["client_id"],
        "ORDERS_CLIENT_SECRET": client["client_secret"],
        "PROXY": json.dumps(PROXY),
    }

    ran = subprocess.run(
        [sys.executable, "-c", RENEWAL_PROBE],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **reports, **orders},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == [[], True, False]
