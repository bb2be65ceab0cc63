"""The environment `manage.py demo` gives itself: one folder, fresh secrets, free ports."""

import argparse
import os
import secrets
import shutil
import socket
from collections.abc import Sequence
from pathlib import Path

from cryptography.fernet import Fernet

ROOT = Path(__file__).resolve().parent.parent.parent
HOST = "127.0.0.1"
DEFAULT_PORT = 8000
_PORTS = 2**16
_OF_THE_SERVER = ("DJANGO_CC_ENCRYPTION_KEYS", "DATABASE_URL", "CACHE_URL")
_FOLDER = "DJANGO_CC_DEMO_FOLDER"


def prepare_environment(arguments: Sequence[str]) -> None:
    """Set every variable the example's settings read, before Django reads them.

    Whatever the shell has set for a project of its own is not touched by the demo: the demo
    starts from an empty database of its own each time.
    """
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--port", type=read_port, default=DEFAULT_PORT)
    chosen, _others = parser.parse_known_args(arguments)
    port, reports_port = _find_free_ports(chosen.port)
    folder = ROOT / ".demo" / str(port)  # another demo may be running at another port
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ.update(
        {
            "DJANGO_DEBUG": "0",
            "DJANGO_SECRET_KEY": secrets.token_urlsafe(48),
            _FOLDER: str(folder),
            "DATABASE_URL": f"sqlite:///{folder / 'demo.sqlite3'}",
            "CACHE_URL": "locmemcache://",
            "ISSUER": f"http://{HOST}:{port}",
            "REPORTS_API": f"http://{HOST}:{reports_port}/reports",
            "ALLOWED_HOSTS": f"{HOST},localhost",
            "DJANGO_CC_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
            # Loopback never leaves this machine; everywhere else, use https.
            "DJANGO_CC_ALLOW_INSECURE_TRANSPORT": "1",
            "TRUSTED_PROXIES": "0",
            "DJANGO_CC_LOG": "INFO",
        }
    )


def get_folder() -> Path:
    """Return where this demo keeps its database and the server's log."""
    return Path(os.environ[_FOLDER])


def get_reports_api() -> str:
    """Return the identifier of the reports API, which is its address."""
    return os.environ["REPORTS_API"]


def make_reports_environment(client_id: str, client_secret: str) -> dict[str, str]:
    """Return the environment of the second service, without the secrets of the first."""
    inherited = {name: value for name, value in os.environ.items() if name not in _OF_THE_SERVER}
    return inherited | {
        "DJANGO_SETTINGS_MODULE": "example_project.reports.settings",
        "DJANGO_SECRET_KEY": secrets.token_urlsafe(48),
        "ORDERS_CLIENT_ID": client_id,
        "ORDERS_CLIENT_SECRET": client_secret,
    }


def read_port(text: str) -> int:
    """Read a port number for argparse."""
    port = int(text)
    if not 0 <= port < _PORTS:
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return port


def _find_free_ports(wanted: int) -> tuple[int, int]:
    # Both are held until both are found, so that they differ.
    with socket.socket() as first, socket.socket() as second:
        port = _bind(first, wanted)
        return port, _bind(second, port + 1 if port + 1 < _PORTS else 0)


def _bind(probe: socket.socket, wanted: int) -> int:
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    for port in (wanted, 0):
        try:
            probe.bind((HOST, port))
        except OSError:
            continue
        found: int = probe.getsockname()[1]
        return found
    raise SystemExit("No free port on the loopback interface.")
