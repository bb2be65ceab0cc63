"""What is promised of every command: JSON, no secret on the command line, and how it ends."""

import argparse
import importlib
import json
import os
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder

from django_cc.management import commands
from django_cc.management.database_command import DatabaseCommand
from django_cc.models import MachineClient

ROOT = Path(__file__).parents[2]
NAMES = sorted(module.name for module in pkgutil.iter_modules(commands.__path__))
EXPORT = "cc_audit export"  # writes JSON lines or CSV: --format
FILE = "FILE"  # where it is read from
ENDING = "ENDING"  # the last four characters of a secret, by which people name it
NEWEST = "0006_published_key_use"
NEWEST_FIELDS = ("published_key_used_address", "published_key_used_at")
NOWHERE = "postgres://nobody:hunter2@127.0.0.1:1/nothing"


def find_actions(
    name: str, parser: argparse.ArgumentParser
) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Return each thing a command can do, by what people type, with its parser."""
    [*choices] = (
        action for action in parser._actions if isinstance(action, argparse._SubParsersAction)
    )
    if not choices:
        yield name, parser
    for choice in choices:
        for word, subparser in choice.choices.items():
            yield from find_actions(f"{name} {word}", subparser)


def find_all_actions() -> dict[str, argparse.ArgumentParser]:
    found: dict[str, argparse.ArgumentParser] = {}
    for name in NAMES:
        command = importlib.import_module(f"{commands.__name__}.{name}").Command()
        found.update(find_actions(name, command.create_parser("manage.py", name)))
    return found


ACTIONS = find_all_actions()
EVERY_ACTION = pytest.mark.parametrize("name", ACTIONS)


def options_of(name: str) -> set[str]:
    return {option for action in ACTIONS[name]._actions for option in action.option_strings}


@EVERY_ACTION
def test_prints_json_on_request(name: str) -> None:
    assert "--json" in options_of(name) or name == EXPORT


@EVERY_ACTION
def test_takes_no_secret_on_the_command_line(name: str) -> None:
    suspicious = {
        word: action.metavar
        for action in ACTIONS[name]._actions
        for word in (*action.option_strings, action.dest)
        if any(part in word for part in ("secret", "token", "password", "private"))
        and "lifetime" not in word
        and action.nargs != 0
    }

    assert set(suspicious.values()) <= {ENDING, FILE}


@EVERY_ACTION
def test_explains_every_option(name: str) -> None:
    unexplained = [
        action.dest
        for action in ACTIONS[name]._actions
        if action.option_strings and not action.help
    ]

    assert unexplained == []


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "django", *arguments],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.projects.combined", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A new database of its own, migrated."""
    url = f"sqlite:///{tmp_path_factory.mktemp('commands')}/db.sqlite3"
    assert run("migrate", DATABASE_URL=url).returncode == 0
    return url


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["cc_client", "list", "--json"], 0),
        (["cc_client", "show", "nobody"], 1),
        (["cc_client", "show"], 2),
        (["cc_client", "disable", "nobody", "--reazon", "x"], 2),
    ],
    ids=["done", "could not", "an argument is missing", "an option is misspelt"],
)
def test_ends_as_documented(database: str, arguments: list[str], code: int) -> None:
    ran = run(*arguments, DATABASE_URL=database)

    assert ran.returncode == code, ran.stderr
    assert (ran.stdout == "") == (code != 0)
    assert "Traceback" not in ran.stderr
    if code == 0:
        assert json.loads(ran.stdout) == []


@pytest.mark.slow
def test_says_that_the_database_cannot_be_reached() -> None:
    ran = run("cc_client", "list", DATABASE_URL=NOWHERE)

    assert ran.returncode == 1
    assert ran.stderr.startswith("CommandError: The database cannot be reached")
    assert "hunter2" not in ran.stderr


@pytest.fixture
def older_tables(transactional_db: None) -> Iterator[None]:
    """Tables from before the newest migration, as far as a command can tell."""
    fields = [field for field in MachineClient._meta.fields if field.name in NEWEST_FIELDS]
    with connection.schema_editor() as editor:
        for field in fields:
            editor.remove_field(MachineClient, field)
    recorder = MigrationRecorder(connection)
    recorder.record_unapplied("django_cc", NEWEST)
    yield
    recorder.record_applied("django_cc", NEWEST)
    with connection.schema_editor() as editor:
        for field in fields:
            editor.add_field(MachineClient, field)


def test_says_that_the_tables_are_of_older_code(older_tables: None) -> None:
    with pytest.raises(CommandError, match=r"older than its code.*manage\.py migrate.*published"):
        call_command("cc_client", "list")


@pytest.mark.django_db
def test_hides_no_fault_of_the_database_where_the_tables_are_new() -> None:
    class Failing(DatabaseCommand):
        def handle(self, *args: Any, **options: Any) -> None:
            raise OperationalError("deadlock detected")

    with pytest.raises(OperationalError, match="deadlock"):
        call_command(Failing())


@pytest.mark.slow
def test_says_that_there_are_no_tables_yet(tmp_path: Path) -> None:
    ran = run("cc_client", "list", DATABASE_URL=f"sqlite:///{tmp_path}/empty.sqlite3")

    assert ran.returncode == 1
    assert "manage.py migrate" in ran.stderr
