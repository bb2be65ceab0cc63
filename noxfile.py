"""Every task of the project: `uv run nox -s NAME` in the environment that `uv sync` made."""

import os
import re
import secrets
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from shutil import which

import nox
from cryptography.fernet import Fernet

nox.needs_version = ">=2025.5"
nox.options.default_venv_backend = "none"
nox.options.sessions = ["check", "test"]

ROOT = Path(__file__).parent
UV = os.environ.get("UV", "uv")  # set by `uv run`

MATRIX = [
    nox.param("3.11", "5.2", id="3.11-django5.2"),
    *(
        nox.param(python, django, id=f"{python}-django{django}")
        for python in ("3.12", "3.13")
        for django in ("5.2", "6.0", "6.1")
    ),
    nox.param("3.11", "lowest", id="3.11-lowest"),
]
# Each Django changes the admin a little; 5.2 is what `uv sync` installs.
ADMINS = [
    nox.param("here", "5.2", id="here"),
    nox.param("3.12", "6.0", id="3.12-django6.0"),
    nox.param("3.13", "6.1", id="3.13-django6.1"),
]
FULLY_COVERED = "django_cc/protocol/*,django_cc/resource_server/*"
# pytest stops its servers when it is interrupted; nox would kill it after half a second.
SECONDS_TO_STOP = 15
# What a reader of README.md fills in. Anything else in angle brackets fails the check.
PLACEHOLDERS = {
    "<fifty or more random characters>": secrets.token_urlsafe(64),
    "<a Fernet key>": Fernet.generate_key().decode(),
}
NEVER_PINNED = {"django", "djangorestframework", "django-oauth-toolkit"}


@nox.session
def check(session: nox.Session) -> None:
    """Lint, types, import contracts, migrations in step, the README's production settings."""
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("mypy")
    session.run("lint-imports")
    production = readme_environment(session)
    manage = ("python", "manage.py")
    no_server = production | {"DATABASE_URL": "sqlite://:memory:"}
    session.run(*manage, "makemigrations", "--check", "--dry-run", env=no_server)
    session.run(*manage, "check", "--deploy", "--fail-level", "WARNING", env=production)


def readme_environment(session: nox.Session) -> dict[str, str]:
    """Return the variables of the first `dotenv` block in README.md."""
    block = re.search(r"^```dotenv\n(.*?)^```", (ROOT / "README.md").read_text(), re.M | re.S)
    if block is None:
        session.error("README.md shows no production environment: a block that opens ```dotenv.")
    lines = (line.strip() for line in block[1].splitlines())
    assignments = (line.partition("=") for line in lines if line and not line.startswith("#"))
    values = {name: value.strip("'\"") for name, _, value in assignments}
    return {name: PLACEHOLDERS.get(value, value) for name, value in values.items()}


def run_tests(session: nox.Session, *command: str, **environment: str) -> None:
    """Run a command that ends in pytest, with the arguments that nox was given after `--`."""
    session.run(
        *command,
        *session.posargs,
        env=environment,
        external=True,
        interrupt_timeout=SECONDS_TO_STOP,
        terminate_timeout=SECONDS_TO_STOP,
    )


@nox.session
def test(session: nox.Session) -> None:
    """The suite on PostgreSQL, again on SQLite, and the coverage of both together."""
    suite = ("coverage", "run", "-m", "pytest")
    session.run("coverage", "erase")
    run_tests(session, *suite)
    quick = ("-m", "not slow and not browser")
    run_tests(session, *suite, *quick, DJANGO_CC_TEST_DATABASE="sqlite")
    session.run("coverage", "combine", "--quiet")
    session.run("coverage", "report", f"--include={FULLY_COVERED}", "--fail-under=100")
    session.run("coverage", "report", "--fail-under=97")


@nox.session
@nox.parametrize(("interpreter", "django"), ADMINS)
def browser(session: nox.Session, interpreter: str, django: str) -> None:
    """The console in a real Chromium: here, and on the admin of each newer Django."""
    tests = ("-m", "browser", "tests/browser")
    if interpreter == "here":
        run_tests(session, "pytest", *tests)
    else:
        run_tests_on(session, interpreter, django, *tests)


@nox.session
def screenshots(session: nox.Session) -> None:
    """Pictures of the console in `screenshots/`, for people to look at; the best in `docs/`."""
    files = ("-o", "python_files=shoot_*.py", "tests/browser/screenshots")
    run_tests(session, "pytest", "-n0", *files)
    session.run("python", "-m", "tests.browser.screenshots.keep")


@nox.session
def conformance(session: nox.Session) -> None:
    """Run every test that cites an RFC, and write docs/conformance.md from the results."""
    plugin = ("-p", "tests.conformance_table.plugin")
    run_tests(session, "pytest", *plugin, "--conformance-table=docs/conformance.md")


@nox.session
def faults(session: nox.Session) -> None:
    """Four workers under load while something happens to them; prints what was measured."""
    run_tests(session, "pytest", "-m", "faults", "-n0", "-s")


@nox.session
def bench(session: nox.Session) -> None:
    """Requests side by side on this machine; only ratios are judged. No part of the suite."""
    files = ("-o", "python_files=bench_*.py", "tests/benchmarks")
    run_tests(session, "pytest", "-n0", "-s", *files)


@nox.session
@nox.parametrize(("interpreter", "django"), MATRIX)
def matrix(session: nox.Session, interpreter: str, django: str) -> None:
    """The suite on each supported Python and Django, and on the oldest dependencies."""
    run_tests_on(session, interpreter, django, "-m", "not browser")


def run_tests_on(session: nox.Session, interpreter: str, django: str, *tests: str) -> None:
    """Run tests in an environment made for them; skip, and say so, where that Python is missing."""
    python = find_python(interpreter)
    if python is None:
        session.skip(f"PYTHON {interpreter} IS MISSING on this machine: NOT TESTED on it.")
    with tempfile.TemporaryDirectory(prefix="django-cc-matrix-") as folder:
        new_python = create_environment(session, Path(folder), python, django)
        run_tests(
            session,
            *(new_python, "-m", "pytest", *tests, "-p", "no:cacheprovider"),
            PYTHONDONTWRITEBYTECODE="1",
            HYPOTHESIS_STORAGE_DIRECTORY=folder,
        )


def create_environment(session: nox.Session, folder: Path, python: str, django: str) -> str:
    """Install the project and its test dependencies in `folder`; return the Python there.

    `--no-config` leaves out the pins of pyproject.toml: they suit one Python and one Django.
    """
    environment = folder / "venv"
    new_python = environment / "bin" / "python"
    wanted = ["--resolution=lowest-direct"] if django == "lowest" else [f"django~={django}.0"]
    session.run(
        *(UV, "venv", "--quiet", "--no-config", "--python", python, str(environment)),
        external=True,
    )
    session.run(
        *(UV, "pip", "install", "--quiet", "--no-config", "--python", str(new_python)),
        *("--editable", ".", "--group", "test", "--group", "example", *wanted),
        external=True,
    )
    return str(new_python)


def find_python(version: str) -> str | None:
    """Return an interpreter of this minor version that really runs, if the machine has one."""
    return next((found for found in pythons(version) if is_python(found, version)), None)


def pythons(version: str) -> Iterator[str]:
    """Guess where an interpreter may be: uv's, on PATH, pyenv's."""
    command = [UV, "python", "find", "--no-python-downloads", version]
    yield subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    yield which(f"python{version}") or ""
    installed = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    yield from sorted(map(str, installed.glob(f"{version}*/bin/python")), reverse=True)


def is_python(path: str, version: str) -> bool:
    """Say whether `path` runs as this minor version; a shim of pyenv may not."""
    if not path:
        return False
    report = "import sys; print('%d.%d' % sys.version_info[:2])"
    answer = subprocess.run([path, "-c", report], capture_output=True, text=True, check=False)
    return answer.stdout.strip() == version


@nox.session
def pins(session: nox.Session) -> None:
    """Pin tools and transitive packages anew in pyproject.toml, to their newest versions."""
    resolved = session.run(
        *(UV, "pip", "compile", "pyproject.toml", "--group", "dev", "--universal"),
        # Without the configuration: the pins of today would otherwise stay for ever.
        *("--python-version", "3.11", "--no-config", "--no-header", "--no-annotate", "--quiet"),
        external=True,
        silent=True,
        stderr=None,
    )
    requirements = sorted(str(resolved).splitlines())
    pinned = [line for line in requirements if line.partition("==")[0] not in NEVER_PINNED]
    block = "".join(f'  "{line}",\n' for line in pinned)
    table = f"constraint-dependencies = [\n{block}]"
    pyproject = ROOT / "pyproject.toml"
    text, count = re.subn(
        r"(?ms)^constraint-dependencies = \[.*?^\]", lambda _: table, pyproject.read_text()
    )
    if count != 1:
        session.error("pyproject.toml needs one `constraint-dependencies = [...]` to rewrite.")
    pyproject.write_text(text)
